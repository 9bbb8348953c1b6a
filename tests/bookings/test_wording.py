"""How prices are spoken of."""

import pytest

from bookings.templatetags.wording import left_out_of_price
from tests.factories.treatments import make_protocol
from treatments.models import Phase, Protocol

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("optional", "boosters", "said"),
    [
        (True, True, "The optional session and the boosters are not in it: they are paid only if they take place."),
        (True, False, "The optional session is not in it: it is paid only if it takes place."),
        (False, True, "The boosters are not in it: they are paid only if they take place."),
        (False, False, ""),
    ],
)
def test_a_price_names_what_it_leaves_out_and_nothing_else(optional: bool, boosters: bool, said: str) -> None:
    protocol = make_protocol()
    if not optional:
        Phase.objects.filter(protocol=protocol).update(optional_last=False)
    if not boosters:
        Phase.objects.filter(protocol=protocol, recommended=True).delete()
    assert left_out_of_price(Protocol.objects.with_parts().get(pk=protocol.pk)) == said
