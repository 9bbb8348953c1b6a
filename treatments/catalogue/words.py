"""A text in French and English, and how each language is typeset.

Texts are written with plain spaces and apostrophes; `typeset` puts the non-breaking spaces French wants before
: ; ! ? % € and inside quotation marks, between a number and its unit, and the typographic apostrophe.
"""

import re
from dataclasses import dataclass

NO_BREAK = "\N{NO-BREAK SPACE}"
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
FRENCH_UNITS = "€|%|an|ans|mois|semaines|jours|heures|heure|minutes|nanomètres|degrés|cm²"


@dataclass(frozen=True, slots=True)
class Text:
    fr: str
    en: str

    def typeset(self) -> dict[str, str]:
        """The text by language code, ready to be shown."""
        return {"fr": french(self.fr), "en": self.en.replace("'", APOSTROPHE)}


def french(text: str) -> str:
    text = text.replace("'", APOSTROPHE)
    text = re.sub(r" ([:;!?»])", NO_BREAK + r"\1", text)
    text = text.replace("« ", f"«{NO_BREAK}").replace("n° ", f"n°{NO_BREAK}").replace("art. ", f"art.{NO_BREAK}")
    return re.sub(rf"(\d) ({FRENCH_UNITS})(?!\w)", rf"\1{NO_BREAK}\2", text)


NOTHING = Text("", "")


def paragraphs(*texts: Text) -> Text:
    """One text of several paragraphs."""
    return Text("\n\n".join(text.fr for text in texts), "\n\n".join(text.en for text in texts))
