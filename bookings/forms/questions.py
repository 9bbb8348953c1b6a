"""Step 6: the remaining questions, and the information that has been read."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.safety import AnswersForm


class QuestionsForm(AnswersForm):
    """The last questions. Reading the information does not replace the talk with the physician (CSP L.1111-2)."""

    informed = forms.BooleanField(
        label=_("I have read the information about this treatment"),
        error_messages={"required": _("Please read the information about the treatment and tick the box.")},
    )
