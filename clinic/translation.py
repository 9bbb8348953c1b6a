"""Which texts of the house exist in French and in English. Code and rules use the codes, never these names."""

from modeltranslation.translator import TranslationOptions, register

from clinic.models import Capability, Clinic, Practitioner


@register(Clinic)
class ClinicTranslation(TranslationOptions):
    fields = ("access_hint",)


@register(Capability)
class CapabilityTranslation(TranslationOptions):
    fields = ("name",)


@register(Practitioner)
class PractitionerTranslation(TranslationOptions):
    fields = ("profession", "biography")
