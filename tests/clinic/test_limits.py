"""How often someone may try something: also when many try at the same moment, on the cache that production has."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from clinic import limits

CROWD = 8


@pytest.mark.django_db
def test_a_key_has_its_places_and_no_more():
    cache.clear()

    assert [limits.allow("knock", "pia", times=2, seconds=60) for _ in range(3)] == [True, True, False]
    assert limits.allow("knock", "nora", times=2, seconds=60)
    assert limits.allow("ring", "pia", times=2, seconds=60)


@pytest.mark.django_db(transaction=True)
def test_a_place_just_left_is_taken_by_one_of_many(settings):
    """An entry that has run out is overwritten by whoever comes: of many at once, only the first may."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
    call_command("createcachetable", verbosity=0)
    assert limits.allow("knock", "pia", times=1, seconds=600)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET expires = now() - interval '1 minute'")
    barrier = Barrier(CROWD)

    def knock(_number: int) -> bool:
        barrier.wait(timeout=20)
        try:
            return limits.allow("knock", "pia", times=1, seconds=600)
        finally:
            connection.close()

    with ThreadPoolExecutor(CROWD) as pool:
        assert sum(pool.map(knock, range(CROWD))) == 1
