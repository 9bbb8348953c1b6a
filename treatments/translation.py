"""Which texts of the catalogue exist in French and in English.

A draft may lack one of them; a protocol is published, and an exosome treatment shown, only when both are there.
"""

from modeltranslation.translator import TranslationOptions, register

from treatments.models import Departure, Faq, Indication, Phase, Protocol, ScreeningRule, Segment, Step, Treatment, Visit, Zone


@register(Zone)
class ZoneTranslation(TranslationOptions):
    fields = ("name",)


@register(Treatment)
class TreatmentTranslation(TranslationOptions):
    fields = (
        "name",
        "tagline",
        "summary",
        "mechanism",
        "evidence",
        "legal_basis",
        "side_effects",
        "not_for",
        "preparation",
        "aftercare",
        "rhythm",
        "payment",
    )


@register(Indication)
class IndicationTranslation(TranslationOptions):
    fields = ("text",)


@register(Step)
class StepTranslation(TranslationOptions):
    fields = ("title", "text")


@register(Faq)
class FaqTranslation(TranslationOptions):
    fields = ("question", "answer")


@register(Protocol)
class ProtocolTranslation(TranslationOptions):
    fields = ("name", "consent")


@register(Visit)
class VisitTranslation(TranslationOptions):
    fields = ("name",)


@register(Segment)
class SegmentTranslation(TranslationOptions):
    fields = ("name",)


@register(Phase)
class PhaseTranslation(TranslationOptions):
    fields = ("name",)


@register(ScreeningRule)
class ScreeningRuleTranslation(TranslationOptions):
    fields = ("question", "help", "date_question", "message")


@register(Departure)
class DepartureTranslation(TranslationOptions):
    fields = ("subject", "source_says", "we_do", "reason")
