"""Step 5: who the course is for."""

import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from bookings import identity
from bookings.models import Patient
from bookings.refusals import AdultsOnly
from treatments.regulation import is_adult

EARLIEST_BIRTH = date(1900, 1, 1)
LONGEST_NAME = 100  # letters, as in the database
TOO_LONG = _("At most %(limit_value)d characters.")
BETWEEN_LETTERS = set("'’ʼʻ-‐.,·()\u200c\u200d")  # the last two join letters or keep them apart, in Persian and Indian scripts


def check_name(name: str) -> None:
    """Raises ValidationError for what no name has, in any script: digits, symbols, marks of a programme."""
    letters = all(unicodedata.category(sign)[0] in "LM" or sign.isspace() or sign in BETWEEN_LETTERS for sign in name)
    if not letters or not any(sign.isalpha() for sign in name):
        raise forms.ValidationError(
            _("Please write the name as on your identity document: letters, spaces, hyphens and apostrophes.")
        )


class IdentityForm(forms.Form):
    first_name = forms.CharField(
        label=_("First name"),
        max_length=LONGEST_NAME,
        error_messages={"max_length": TOO_LONG},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=LONGEST_NAME,
        error_messages={"max_length": TOO_LONG},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    birth_date = forms.DateField(
        label=_("Birth date"),
        widget=forms.DateInput(
            format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday", "min": EARLIEST_BIRTH.isoformat()}
        ),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )
    phone = PhoneNumberField(
        label=_("Mobile phone"),
        help_text=_("Only for your appointments. From abroad, begin with + and the country code."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language of our messages"), choices=list(Patient.language.field.choices or ()))

    def clean_first_name(self) -> str:
        return self._name("first_name")

    def clean_last_name(self) -> str:
        return self._name("last_name")

    def _name(self, field: str) -> str:
        """The name in its one spelling, which may be longer than what was typed."""
        name = identity.tidy_name(self.cleaned_data[field])
        MaxLengthValidator(LONGEST_NAME, TOO_LONG)(name)
        check_name(name)
        return name

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["birth_date"].widget.attrs["max"] = today.isoformat()

    def clean_birth_date(self) -> date:
        day: date = self.cleaned_data["birth_date"]
        if not EARLIEST_BIRTH <= day <= self.today:
            raise forms.ValidationError(_("Please check the birth date."))
        if not is_adult(day, self.today):
            raise forms.ValidationError(AdultsOnly.sentence, code="minor")
        return day


class WhoForm(forms.Form):
    """Which of the patient files a log-in reaches, or someone else."""

    SOMEONE_ELSE = "new"

    patient = forms.ChoiceField(label=_("Who is this course for?"), widget=forms.RadioSelect(attrs={"class": "form-check-input"}))

    def __init__(self, *args: Any, patients: Sequence[Patient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(patient.uuid), patient.full_name) for patient in patients]
        cast("forms.ChoiceField", self.fields["patient"]).choices = [*choices, (self.SOMEONE_ELSE, _("Someone else"))]
