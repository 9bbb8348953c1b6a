"""“Write to us”: a question from anyone, read and answered by reception."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class Question(models.Model):
    name = models.CharField(_("your name"), max_length=150)
    email = models.EmailField(_("your e-mail"))
    phone = PhoneNumberField(_("your phone"), blank=True)
    treatment = models.ForeignKey(
        "treatments.Treatment",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("about"),
    )
    text = models.TextField(_("your question"), max_length=4000)
    language = models.CharField(_("language"), max_length=5, default="fr")
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name
