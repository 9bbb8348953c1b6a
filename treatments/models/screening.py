"""Medical questions as data: what is asked, when, of whom, and what a “yes” means.

Defaults come from the source articles and published practice; every one is for the medical director to confirm.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    BLOCK = "block", _("no online booking")
    REVIEW = "review", _("a physician decides")
    DATE = "date", _("not before a date")
    NOTE = "note", _("noted for the physician")


class Stage(models.TextChoices):
    SAFETY = "safety", _("short list, before dates")
    DETAILS = "details", _("remaining questions, at the end")


class ScreeningRule(models.Model):
    protocol = models.ForeignKey("treatments.Protocol", on_delete=models.CASCADE, related_name="screening_rules")
    code = models.SlugField(_("code"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    stage = models.CharField(_("asked"), max_length=10, choices=Stage.choices)
    question = models.CharField(
        _("question"),
        max_length=300,
        help_text=_("Worded so that “yes” is the answer that matters."),
    )
    help = models.CharField(_("explanation"), max_length=300, blank=True)
    outcome = models.CharField(_("a “yes” means"), max_length=10, choices=Outcome.choices)
    also_review = models.BooleanField(_("and a physician decides"), default=False)
    delay_days = models.PositiveSmallIntegerField(
        _("days to wait"),
        default=0,
        help_text=_("Counted from the date the patient gives, else from today."),
    )
    date_question = models.CharField(
        _("question about a date"),
        max_length=200,
        blank=True,
        help_text=_("Asked after a “yes”; empty: no date is asked."),
    )
    message = models.TextField(_("what the patient reads"), blank=True)
    zones = models.ManyToManyField(
        "treatments.Zone",
        blank=True,
        related_name="+",
        verbose_name=_("only for these zones"),
    )
    segment_code = models.SlugField(
        _("only concerns the segment"),
        blank=True,
        help_text=_("Code of a segment, such as “numbing-wait”."),
    )
    device = models.ForeignKey(
        "clinic.Capability",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only with this device"),
    )
    product = models.ForeignKey(
        "treatments.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only with this product"),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("screening rule")
        verbose_name_plural = _("screening rules")
        ordering = ["protocol", "position"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "code"], name="a_protocol_asks_a_question_once"),
            models.CheckConstraint(
                condition=Q(outcome="date", delay_days__gt=0) | (~Q(outcome="date") & Q(delay_days=0)),
                name="only_a_date_rule_has_days_to_wait",
                violation_error_message=_("“Not before a date” needs the days to wait; the other outcomes have none."),
            ),
        ]

    def __str__(self) -> str:
        return self.question
