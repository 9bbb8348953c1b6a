"""What patients read about a treatment. These texts stay editable; what affects time, money or consent is a Protocol."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from treatments.models.claims import PublicText


class Category(models.TextChoices):
    SKIN = "skin", _("skin")
    HAIR = "hair", _("hair")
    CONSULTATION = "consultation", _("consultation")
    ALTERNATIVE = "alternative", _("other approaches")


class Zone(models.Model):
    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def public(self) -> "TreatmentQuerySet":
        """What patients may see."""
        return self.filter(is_published=True)


class Treatment(PublicText):
    slug = models.SlugField(_("address"), unique=True)
    category = models.CharField(_("category"), max_length=20, choices=Category.choices)
    name = models.CharField(_("name"), max_length=120)
    tagline = models.CharField(_("one line"), max_length=200)
    summary = models.TextField(_("in short"))
    mechanism = models.TextField(_("how it is meant to work"), blank=True)
    evidence = models.TextField(_("what the evidence shows, and does not"), blank=True)
    legal_basis = models.TextField(_("what is allowed, and why"), blank=True)
    side_effects = models.TextField(_("side effects"), blank=True)
    not_for = models.TextField(_("who cannot have it"), blank=True)
    preparation = models.TextField(_("how to prepare"), blank=True)
    aftercare = models.TextField(_("afterwards"), blank=True)
    rhythm = models.TextField(
        _("how often"),
        blank=True,
        help_text=_("Shown while no protocol can be booked online."),
    )
    payment = models.TextField(_("price and payment"), blank=True)
    uses_exosomes = models.BooleanField(
        _("uses exosomes"),
        default=False,
        help_text=_("The rules on origin and route apply, and the evidence text is required."),
    )
    is_published = models.BooleanField(_("shown to patients"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = TreatmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(uses_exosomes=False)
                | Q(is_published=False)
                | (~Q(evidence_fr="") & Q(evidence_fr__isnull=False) & ~Q(evidence_en="") & Q(evidence_en__isnull=False)),
                name="a_public_exosome_treatment_says_what_the_evidence_shows",
                violation_error_message=_(
                    "Say what the evidence shows, in both languages, before patients can see an exosome treatment."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("treatments:treatment-detail", args=[self.slug])


class IndicationQuerySet(models.QuerySet["Indication"]):
    def public(self) -> "IndicationQuerySet":
        """Without those that sound therapeutic, which are for the record only."""
        return self.filter(is_public=True)


class Indication(PublicText):
    """A goal of treatment. Those that sound therapeutic are kept for the record but not shown to the public."""

    treatment = models.ForeignKey(Treatment, on_delete=models.CASCADE, related_name="indications")
    text = models.CharField(_("text"), max_length=200)
    is_public = models.BooleanField(_("shown to patients"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = IndicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("indication")
        verbose_name_plural = _("indications")
        ordering = ["treatment", "position"]

    def __str__(self) -> str:
        return self.text


class Step(PublicText):
    """One step of a session as the patient lives it; the drawing is one of ours (static/img/steps)."""

    treatment = models.ForeignKey(Treatment, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"))
    drawing = models.SlugField(_("drawing"), blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["treatment", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["treatment", "position"], name="steps_have_one_place_each", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return self.title


class Faq(PublicText):
    treatment = models.ForeignKey(
        Treatment, on_delete=models.CASCADE, related_name="faqs", null=True, blank=True, verbose_name=_("treatment")
    )
    question = models.CharField(_("question"), max_length=200)
    answer = models.TextField(_("answer"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("frequent question")
        verbose_name_plural = _("frequent questions")
        ordering = ["treatment", "position"]

    def __str__(self) -> str:
        return self.question


class Departure(models.Model):
    """Where we differ from the source articles; each waits for the medical director's signature."""

    treatment = models.ForeignKey(
        Treatment,
        on_delete=models.CASCADE,
        related_name="departures",
        null=True,
        blank=True,
        verbose_name=_("treatment"),
    )
    code = models.SlugField(_("code"), unique=True)
    subject = models.CharField(_("subject"), max_length=200)
    source_says = models.TextField(_("the source says"))
    we_do = models.TextField(_("we do"))
    reason = models.TextField(_("because"))
    signed_by = models.ForeignKey(
        "clinic.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("signed by"),
    )
    signed_at = models.DateTimeField(_("signed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("departure from the source")
        verbose_name_plural = _("departures from the source")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None) | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="a_signature_has_a_name_and_a_date",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
