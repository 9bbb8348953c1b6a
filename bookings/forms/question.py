""" "Write to us": a question before, or instead of, a booking."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import Question
from treatments.models import Treatment

TRAP = "website"  # people never see this field; programs that fill in every field do


class QuestionForm(forms.ModelForm):
    website = forms.CharField(
        label=_("Leave this empty"), required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
    )

    class Meta:
        model = Question
        fields = ("name", "email", "phone", "treatment", "text")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
            "text": forms.Textarea(attrs={"rows": 6}),
        }
        help_texts = {
            "phone": _("If you would rather be called."),
            "text": _("Please write nothing about your health here: a physician asks you about it in person."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        treatment = self.fields["treatment"]
        treatment.queryset = Treatment.objects.public()  # type: ignore[attr-defined]
        treatment.empty_label = _("Something else")  # type: ignore[attr-defined]

    @property
    def trapped(self) -> bool:
        """Whether a program filled in the form."""
        return bool(self.cleaned_data.get(TRAP))
