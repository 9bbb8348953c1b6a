"""Step 1: what is to be treated."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.refusals import TooManyZones
from treatments.models import Protocol, ProtocolZone


class ZonesForm(forms.Form):
    """At least one zone of the protocol, and no more than one visit can treat."""

    zones = forms.MultipleChoiceField(label=_("Zones"), error_messages={"required": _("Choose at least one zone.")})

    def __init__(self, *args: Any, protocol: Protocol, options: Sequence[ProtocolZone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.protocol = protocol
        self.options = {option.zone.code: option for option in options}
        names = [(code, option.zone.name) for code, option in self.options.items()]
        cast("forms.MultipleChoiceField", self.fields["zones"]).choices = names

    def clean_zones(self) -> tuple[ProtocolZone, ...]:
        codes = self.cleaned_data["zones"]
        if len(codes) > self.protocol.max_zones:
            raise forms.ValidationError(TooManyZones(zones=self.protocol.max_zones).sentence)
        return tuple(option for code, option in self.options.items() if code in codes)

    @property
    def chips(self) -> list[tuple[ProtocolZone, bool]]:
        """Each zone with whether it is chosen, for the template."""
        chosen = set(self["zones"].value() or [])
        return [(option, code in chosen) for code, option in self.options.items()]
