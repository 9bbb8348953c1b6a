"""The patient's answers to the medical questions: stored once, at the end, encrypted; each reading leaves a trace."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ScreeningAnswers(models.Model):
    course = models.ForeignKey("bookings.Course", on_delete=models.CASCADE, related_name="answers")
    protocol = models.ForeignKey(
        "treatments.Protocol",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("protocol"),
        help_text=_("Whose questions were answered: a physician may choose another one for the course afterwards."),
    )
    given_at = models.DateTimeField(_("given"))
    sealed = models.BinaryField(
        _("encrypted answers"),
        help_text=_("A Fernet token; the keys come from the environment."),
    )

    class Meta:
        verbose_name = _("screening answers")
        verbose_name_plural = _("screening answers")
        ordering = ["-given_at"]

    def __str__(self) -> str:
        return f"{self.given_at:%Y-%m-%d %H:%M}"


class AnswersReading(models.Model):
    answers = models.ForeignKey(ScreeningAnswers, on_delete=models.CASCADE, related_name="readings")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading of answers")
        verbose_name_plural = _("readings of answers")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.reader} · {self.at:%Y-%m-%d %H:%M}"
