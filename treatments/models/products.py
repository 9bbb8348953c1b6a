"""Products used in a visit. What may not be used in aesthetic medicine cannot be stored (see `treatments.regulation`)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    PLANT = "plant", _("plant")
    BACTERIAL = "bacterial", _("bacterial")
    HUMAN = "human", _("human")
    ANIMAL = "animal", _("animal")


class Route(models.TextChoices):
    TOPICAL = "topical", _("applied to the skin")
    INJECTED = "injected", _("injected")


class Product(models.Model):
    name = models.CharField(_("name"), max_length=120)
    supplier = models.CharField(_("supplier"), max_length=120)
    reference = models.CharField(
        _("notification reference"),
        max_length=60,
        help_text=_("The CPNP number of a cosmetic product."),
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices)
    source_species = models.CharField(
        _("made from"),
        max_length=120,
        help_text=_("Such as Damask rose or Lactobacillus; used to match allergies."),
    )
    route = models.CharField(_("route"), max_length=10, choices=Route.choices, default=Route.TOPICAL)
    for_needled_skin = models.BooleanField(
        _("the manufacturer states use after microneedling"),
        default=False,
        help_text=_("Ask the supplier for the written statement of intended use."),
    )
    treatments = models.ManyToManyField(
        "treatments.Treatment",
        blank=True,
        related_name="products",
        verbose_name=_("treatments"),
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(origin__in=["plant", "bacterial"]),
                name="only_plant_or_bacterial_exosomes_in_aesthetic_medicine",
                violation_error_message=_(
                    "In France only exosomes of plant or bacterial origin may be used in aesthetic medicine (rule “origin”): "
                    "human and animal ones are medicines that need a marketing authorisation."
                ),
            ),
            models.CheckConstraint(
                condition=Q(route="topical"),
                name="exosomes_are_applied_never_injected",
                violation_error_message=_(
                    "Exosomes may only be applied to the skin together with microneedling, never injected (rule “route”)."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
