"""A change to a running course is shown, before and after, and stored once these very dates are agreed to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from bookings import rescheduling
from bookings.planner import Slot
from bookings.refusals import PlanChanged, Refusal, SlotTaken
from bookings.rescheduling import Reflow
from clinic.models import User


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be agreed to; `refusal` says why it was not stored just now, `lacking` that it needs a reason first."""

    reflow: Reflow
    refusal: Refusal | None = None
    lacking: bool = False


def agree(
    plan: Callable[[], Reflow],
    accepted: Mapping[int, Slot] | None,
    *,
    by: User,
    reason: str = "",
    needs_reason: Callable[[Reflow], bool] = lambda reflow: False,
) -> Shown | None:
    """Store what `plan` computes if `accepted` (slots by position) is what it says, and return None; else show it.

    Where the dates changed since they were accepted they are shown again. Raises the refusals of `plan` and WrongState.
    """
    reflow = plan()
    lacking = not reason and needs_reason(reflow)
    if accepted is None or lacking:
        return Shown(reflow, lacking=lacking)
    try:
        rescheduling.apply(reflow, by=by, now=timezone.now(), reason=reason, accepted=accepted)
    except (PlanChanged, SlotTaken) as refusal:
        return Shown(plan(), refusal)
    return None
