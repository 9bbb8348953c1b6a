"""How often someone may try something, counted alike in every worker (the cache is a table of the database)."""

from hashlib import sha256

from django.core.cache import cache
from django.db import connection, transaction


def allow(action: str, key: str, *, times: int, seconds: int) -> bool:
    """Whether `key` may do `action` once more; if so the attempt is counted.

    At most `times` attempts lie in any `seconds`: each takes one of `times` places and leaves it after `seconds`.
    Attempts of one key wait for each other: the cache itself would let two of them take a place that has just been left.
    `key` is stored only as a digest. Called outside transactions, or what refuses would undo the count.
    """
    name = f"limit:{action}:{sha256(key.encode()).hexdigest()}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return any(cache.add(f"{name}:{place}", 1, seconds) for place in range(times))
