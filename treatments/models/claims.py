"""Texts that patients read make no claim of an agency's approval: rule “no-authorisation-claim” (`treatments.regulation`).

No page of the ANSM on exosomes was found, and a cosmetic is notified, never authorised. What is denied is no claim:
“not authorised by the ANSM” may be written.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

SENTENCE = _(
    "“%(field)s”: nothing here is authorised or approved by the ANSM, and no text may say so (rule “no-authorisation-claim”)."
)

_NOT = r"(?<!pas )(?<!non )(?<!jamais )(?<!not )(?<!never )(?<!not been )(?<!pas ete )(?<!jamais ete )"
_APPROVED = (
    r"(?:(?:autoris|approuv|homologu|valid|certifi|agre)(?:e{1,2}[·.()\-]*e?[·.()\-]*s?\)?|ent)"
    r"|authori[sz]e[ds]?|approve[ds]?|licen[sc]ed|certifie[ds]|validate[ds])"
)
_WORDS = r"(?:[\w'-]+,? ){0,4}?"
_AGENCY = r"(?:a\.?n\.?s\.?m\b|agence (?:nationale|francaise) (?:de|du) (?:la )?(?:securite|medicament))"
_CLAIM = re.compile(
    rf"{_NOT}\b{_APPROVED},? {_WORDS}(?:par|by|de|from) {_WORDS}(?:[ld]')?{_AGENCY}"  # authorised (in France) by the ANSM
    rf"|\b{_AGENCY}\)?[ -](?:(?:a|ont|has|have) )?(?:(?:deja|already) )?{_APPROVED}\b"  # the ANSM has approved, ANSM-approved
)


def claims_authorisation(text: str) -> bool:
    """Whether the text says, in French or English, that the ANSM authorised or approved something."""
    return bool(_CLAIM.search(_folded(text)))


def _folded(text: str) -> str:
    """In small letters without accents, every apostrophe straight, every space one."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"\s+", " ", plain.replace("’", "'").replace("ʼ", "'").casefold())


def claiming_fields(row: models.Model) -> Iterator[Any]:
    """The text fields of a row that make the claim, each language by itself."""
    fields = [field for field in row._meta.concrete_fields if isinstance(field, models.CharField | models.TextField)]  # noqa: SLF001
    originals = [getattr(field, "translated_field", None) for field in fields]
    in_languages = {original.name for original in originals if original}
    for field in fields:
        if field.name not in in_languages and claims_authorisation(str(row.__dict__.get(field.attname) or "")):
            yield field


class PublicText(models.Model):
    """What patients read: cleaning refuses the claim."""

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        found = list(claiming_fields(self))
        if found:
            raise ValidationError([ValidationError(SENTENCE, params={"field": capfirst(field.verbose_name)}) for field in found])
