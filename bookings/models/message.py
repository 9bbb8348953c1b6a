"""What was sent to whom. Neutral words only: no treatment, zone or answer in a subject."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    patient = models.ForeignKey(
        "bookings.Patient",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
    )
    course = models.ForeignKey(
        "bookings.Course",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
    )
    kind = models.CharField(_("kind"), max_length=40)
    recipient = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=5)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.subject
