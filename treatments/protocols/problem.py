from dataclasses import dataclass

from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that must change before publishing: where (`subject`, perhaps one `field`) and what, in a sentence."""

    code: str
    sentence: str
    subject: Model
    field: str = ""
