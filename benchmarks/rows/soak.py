"""soak: 16 people do everything at once on a small clinic for a minute; then nothing may be half done."""

from collections import Counter

from benchmarks import database
from benchmarks.crowd import Crowd
from benchmarks.measure import Counts
from clinic.models import Role
from treatments.models import Protocol

WORKERS, SECONDS, SEED = 16, 60, 1


def counts() -> Counts:
    """How much was `done` and `refused`, how many `deadlocks` and other `errors`, and what is `broken` afterwards."""
    from tests.factories.courses import open_house
    from tests.factories.visits import make_user

    with database.empty():
        house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
        protocol = Protocol.objects.with_parts().get(pk=house.protocol.pk)
        face = [zone for zone in protocol.zones.all() if zone.zone.code == "face"]
        crowd = Crowd(house.clinic, protocol, face, make_user(Role.RECEPTION, house.clinic), house.now)
        crowd.run(workers=WORKERS, seconds=SECONDS, seed=SEED)
        broken = crowd.broken()
    kinds = Counter[str]()
    for outcome, number in crowd.outcomes.items():
        kinds[outcome.split(": ")[1]] += number
    errors = Counter(type(error).__name__ for error in crowd.errors)
    idle, done = kinds.pop("nothing to do", 0), kinds.pop("done", 0)
    figures = {
        "done": done,
        "refused": kinds.total() - errors.total(),
        "idle": idle,
        "deadlocks": errors.pop("OperationalError", 0),
        "errors": errors.total(),
        "broken": len(broken),
    }
    what = "; ".join(broken[:5]) or f"{WORKERS} people at once for {SECONDS} s, half an hour goes by with each thing done"
    return Counts("soak", what, figures, not broken)
