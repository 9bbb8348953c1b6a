"""How often someone may try something, counted alike in every worker (the cache is a table of the database)."""

from hashlib import sha256

from django.core.cache import cache


def allow(action: str, key: str, *, times: int, seconds: int) -> bool:
    """Whether `key` may do `action` once more; if so the attempt is counted.

    At most `times` attempts lie in any `seconds`: each takes one of `times` places and leaves it after `seconds`.
    Adding to the cache is atomic, so parallel attempts never share a place. `key` is stored only as a digest.
    """
    digest = sha256(key.encode()).hexdigest()
    return any(cache.add(f"limit:{action}:{digest}:{place}", 1, seconds) for place in range(times))
