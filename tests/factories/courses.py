"""A clinic in which whole courses can be booked, and requests for them. Times are wall-clock times in Paris."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any

from bookings import booking, proposals, screening
from bookings.models import Course, Patient
from bookings.planner import Slot, Wishes
from bookings.proposals import CourseRequest, Proposal
from clinic.models import Clinic
from tests.factories.clinic import make_clinic, open_week
from tests.factories.treatments import furnish, make_protocol
from treatments.models import Protocol

NOW = "2026-02-23 08:00"  # a Monday
FIRST = "2026-03-02 10:00"  # the Monday after
NOTHING_TO_SAY = screening.Decision()

_number = count(1)


@dataclass
class House:
    """An open clinic that gives the treatments of `protocol`, and the moment the test takes place."""

    clinic: Clinic
    protocol: Protocol
    now: datetime
    resources: dict[str, Any] = field(default_factory=dict)

    def at(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=self.clinic.zone)

    def slot(self, text: str = FIRST, lead: str = "Dr Ada") -> Slot:
        local = self.at(text)
        return proposals.slot_at(int(local.timestamp()) // 300, self.resources[lead].pk, self.clinic)

    def request(self, *, zones: Iterable[str] = ("face",), with_consultation: bool = False, **fields: Any) -> CourseRequest:
        protocol = Protocol.objects.with_parts().get(pk=self.protocol.pk)  # as it stands now, read as the site reads it
        chosen = tuple(zone for zone in protocol.zones.all() if zone.zone.code in set(zones))
        return CourseRequest(self.clinic, protocol, chosen, with_consultation, **{"wishes": Wishes(), **fields})

    def propose(self, text: str = FIRST, **fields: Any) -> Proposal:
        return proposals.propose(self.request(**fields), self.slot(text), now=self.now)

    def hold(
        self, proposal: Proposal | None = None, *, visitor: str = "", network: str = "", now: datetime | None = None
    ) -> Course:
        proposal = proposal or self.propose()
        slots = proposal.slots
        return booking.hold(
            proposal.request,
            slots[0],
            {position: slot for position, slot in slots.items() if position},
            visitor=visitor or f"visitor-{next(_number)}",
            network=network,
            now=now or self.now,
        )

    def book(self, patient: Patient, proposal: Proposal | None = None) -> Course:
        return booking.confirm(self.hold(proposal), patient, answers={}, decision=NOTHING_TO_SAY, by=None, now=self.now)


def open_house(
    *,
    now: str = NOW,
    hours: tuple[str, str] = ("09:00", "19:00"),
    weekdays: Iterable[int] = (1, 2, 3, 4, 5, 6),
    protocol: Protocol | None = None,
    **fields: Any,
) -> House:
    """A clinic in Paris with two physicians, two assistants, two rooms and a device of each kind, rosters to the end of 2028.

    It gives the treatments of `protocol`, by default of one that is published.
    """
    clinic = make_clinic(**{"roster_published_until": date(2028, 12, 31), "consultation_first": False, **fields})
    resources = furnish(clinic)
    open_week(clinic, *(item for item in resources if item.kind == "person"), weekdays=weekdays, starts=hours[0], ends=hours[1])
    house = House(clinic, protocol or make_protocol(published=True), datetime.fromisoformat(now).replace(tzinfo=clinic.zone))
    house.resources = {item.name: item for item in resources}
    return house
