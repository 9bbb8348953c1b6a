"""The network a visitor comes from: enough to count, not to tell who."""

import pytest
from django.test import RequestFactory

from bookings.views.visitor import network_key


def key(address):
    return network_key(RequestFactory().get("/", REMOTE_ADDR=address))


def test_an_address_is_kept_as_a_keyed_hash_only(settings):
    before = key("192.0.2.7")
    settings.SECRET_KEY = "another key"

    assert len(before) == 64
    assert key("192.0.2.7") != before


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_one_household_is_one_network(one, other, same):
    assert (key(one) == key(other)) is same
