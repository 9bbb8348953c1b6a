"""The frozen part of a treatment: everything that affects time, money, medical rules or consent.

A protocol is edited as a draft and frozen when published (`treatments.protocols.publish`); from then on the database
itself refuses changes to it and to its parts. A running course keeps the version it was booked on.
"""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    ARCHIVED = "archived", _("archived")


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def published(self) -> "ProtocolQuerySet":
        return self.filter(status=Status.PUBLISHED)

    def instead_of(self, protocol: "Protocol") -> "ProtocolQuerySet":
        """The other published ways to give the same treatment: what a physician may choose at the consultation. A course keeps
        its consultation, so they begin with one exactly if this one does."""
        consultations = Phase.objects.filter(visit__is_consultation=True)
        begins_so = Exists(consultations.filter(protocol=OuterRef("pk")))
        others = self.published().filter(treatment=protocol.treatment_id).exclude(code=protocol.code)
        return others.filter(begins_so if consultations.filter(protocol=protocol).exists() else ~begins_so)

    def booked_online(self) -> "ProtocolQuerySet":
        """What a patient can book without asking: published, marked so, of a treatment patients can see."""
        return self.published().filter(bookable_online=True, treatment__is_published=True)

    def with_parts(self) -> "ProtocolQuerySet":
        """With everything that `treatments.protocols` reads, in a constant number of queries.

        Parts are put in the order they have within one protocol: that of the models sorts the protocols too, with four joins.
        """
        return self.select_related("treatment", "lead_capability").prefetch_related(
            models.Prefetch("zones", ProtocolZone.objects.select_related("zone").order_by("zone__position")),
            models.Prefetch("visits", Visit.objects.order_by("code")),
            models.Prefetch("visits__segments", Segment.objects.order_by("position")),
            "visits__segments__needs",
            models.Prefetch("phases", Phase.objects.select_related("visit", "anchor_phase__visit").order_by("position")),
            "screening_rules__zones",
        )


class Protocol(models.Model):
    treatment = models.ForeignKey(
        "treatments.Treatment",
        on_delete=models.PROTECT,
        related_name="protocols",
        verbose_name=_("treatment"),
    )
    code = models.SlugField(
        _("code"),
        help_text=_("Names the variant, such as “dermapen” or “morpheus8”; each has its own versions."),
    )
    name = models.CharField(_("name"), max_length=120)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    published_at = models.DateTimeField(_("published on"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    bookable_online = models.BooleanField(_("patients can book it online"), default=False)
    max_zones = models.PositiveSmallIntegerField(_("zones per visit, at most"), default=3, validators=[MinValueValidator(1)])
    lead_capability = models.ForeignKey(
        "clinic.Capability",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("led by"),
        help_text=_("Whoever serves this need leads the visit; the course stays with them where it can."),
    )
    consent = models.TextField(_("information and consent"), blank=True)

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        verbose_name = _("protocol")
        verbose_name_plural = _("protocols")
        ordering = ["treatment", "code", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["treatment", "code", "version"],
                name="protocol_versions_are_counted_once",
            ),
            models.UniqueConstraint(
                fields=["treatment", "code"],
                condition=Q(status="published"),
                name="one_published_version_of_a_protocol",
            ),
            models.UniqueConstraint(
                fields=["treatment"],
                condition=Q(status="published", bookable_online=True),
                name="one_protocol_of_a_treatment_is_booked_online",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", published_at=None)
                | Q(status__in=["published", "archived"], published_at__isnull=False),
                name="a_published_protocol_has_a_date",
            ),
            models.CheckConstraint(condition=Q(max_zones__gte=1), name="a_visit_treats_at_least_one_zone"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (v{self.version})"


class ProtocolZone(models.Model):
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="zones")
    zone = models.ForeignKey(
        "treatments.Zone",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("zone"),
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"), help_text=_("Added to each segment that grows with the zones."))
    price = models.DecimalField(
        _("price per session (€)"),
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )

    class Meta:
        verbose_name = _("zone of a protocol")
        verbose_name_plural = _("zones of a protocol")
        ordering = ["protocol", "zone__position"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "zone"], name="a_protocol_lists_a_zone_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="a_zone_price_is_not_negative"),
            models.CheckConstraint(
                condition=Q(minutes__in=list(range(0, 125, 5))),
                name="zone_minutes_keep_the_5_minute_grid",
            ),
        ]

    def __str__(self) -> str:
        return str(self.zone)


class Visit(models.Model):
    """A kind of visit of a protocol (the consultation, the session), made of segments."""

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="visits")
    code = models.SlugField(_("code"))
    name = models.CharField(_("name"), max_length=80)
    base_price = models.DecimalField(
        _("price without zones (€)"),
        max_digits=8,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    charges_zones = models.BooleanField(_("the zones’ prices are added"), default=True)
    needs_clearance = models.BooleanField(
        _("needs a physician’s clearance"),
        default=True,
        help_text=_("It contains needling: it cannot start on an uncleared course."),
    )
    is_consultation = models.BooleanField(_("is the first consultation"), default=False)

    class Meta:
        verbose_name = _("kind of visit")
        verbose_name_plural = _("kinds of visit")
        ordering = ["protocol", "code"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "code"], name="a_protocol_names_a_visit_once"),
            models.CheckConstraint(condition=Q(base_price__gte=0), name="a_visit_price_is_not_negative"),
            models.CheckConstraint(
                condition=Q(is_consultation=False) | Q(needs_clearance=False, charges_zones=False),
                name="a_consultation_comes_before_clearance_and_zones",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Segment(models.Model):
    """A stretch of a visit with its own needs. Segments follow one another without gaps."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="segments")
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.SlugField(_("code"), help_text=_("Such as “numbing-wait”; medical questions refer to it."))
    name = models.CharField(_("name"), max_length=80)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    grows_with_zones = models.BooleanField(_("grows with the zones"), default=False)
    needs = models.ManyToManyField("clinic.Capability", related_name="+", verbose_name=_("needs"))
    patient_present = models.BooleanField(_("the patient is present"), default=True)
    needling = models.BooleanField(
        _("needling"),
        default=False,
        help_text=_("In France only a physician may do it (Cass. crim., 31 Jan. 2023, no. 22-83.399)."),
    )

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["visit", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "position"], name="segments_have_one_place_each", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["visit", "code"], name="a_visit_names_a_segment_once"),
            models.CheckConstraint(
                condition=Q(minutes__in=list(range(0, 485, 5))),
                name="segment_minutes_keep_the_5_minute_grid",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gt=0) | Q(grows_with_zones=True),
                name="a_segment_takes_some_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Anchor(models.TextChoices):
    PREVIOUS = "previous", _("the previous session")
    FIRST = "first", _("the first session")
    END_OF_PHASE = "end_of_phase", _("the end of a phase")


class Unit(models.TextChoices):
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months")


class Phase(models.Model):
    """A run of sessions at one rhythm. The five window fields are whole days from the target, in local dates."""

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    visit = models.ForeignKey(
        Visit,
        on_delete=models.RESTRICT,
        related_name="phases",
        verbose_name=_("kind of visit"),
    )
    sessions = models.PositiveSmallIntegerField(_("sessions"), default=1)
    optional_last = models.BooleanField(_("the last one is optional"), default=False)
    recommended = models.BooleanField(_("recommended, not part of the core course"), default=False)
    anchor = models.CharField(
        _("counted from"),
        max_length=15,
        choices=Anchor.choices,
        default=Anchor.PREVIOUS,
    )
    anchor_phase = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("which phase"),
    )
    offset = models.PositiveSmallIntegerField(_("after"))
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices)
    hard_min = models.SmallIntegerField(_("never earlier than (days)"))
    preferred_before = models.SmallIntegerField(_("ideally not before (days)"))
    preferred_after = models.SmallIntegerField(_("ideally not after (days)"))
    soft_max = models.SmallIntegerField(_("not later than (days)"))
    hard_max = models.SmallIntegerField(_("never later than (days)"))

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["protocol", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "position"], name="phases_have_one_place_each", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(sessions__range=(1, 20)),
                name="a_phase_has_1_to_20_sessions",
            ),
            models.CheckConstraint(
                condition=Q(anchor="end_of_phase", anchor_phase__isnull=False)
                | (~Q(anchor="end_of_phase") & Q(anchor_phase=None)),
                name="a_phase_counted_from_an_end_names_which",
            ),
            models.CheckConstraint(
                condition=Q(hard_min__lte=F("preferred_before"), preferred_before__lte=0)
                & Q(
                    preferred_after__gte=0,
                    preferred_after__lte=F("soft_max"),
                    soft_max__lte=F("hard_max"),
                ),
                name="a_window_runs_from_never_earlier_to_never_later",
                violation_error_message=_(
                    "The window must be ordered: never earlier ≤ ideally not before ≤ 0 ≤ ideally not after ≤ not later ≤ never later."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
