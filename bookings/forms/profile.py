"""What patients say of themselves outside a booking: how to reach them, and which file is theirs."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from bookings.models import Patient

FIRST_BIRTH = date(1900, 1, 1)
BIRTH_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]


class ProfileForm(forms.Form):
    """Names and birth dates are corrected by reception, who see a document."""

    phone = PhoneNumberField(
        label=_("Mobile phone"),
        help_text=_("Only for your appointments. From abroad, begin with + and the country code."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language of our messages"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = Patient.language.field.choices  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """Who booked by phone or at the desk finds the file that was made for them."""

    first_name = forms.CharField(
        label=_("First name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    birth_date = forms.DateField(
        label=_("Birth date"),
        input_formats=BIRTH_FORMATS,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday", "min": FIRST_BIRTH.isoformat()}),
    )

    def clean_birth_date(self) -> date:
        day: date = self.cleaned_data["birth_date"]
        if day < FIRST_BIRTH:
            raise forms.ValidationError(_("Please check the birth date."))
        return day
