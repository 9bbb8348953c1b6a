"""Doing the same to many: one that fails stops no other."""

from collections.abc import Callable, Iterable


def each(keys: Iterable[int], act: Callable[[int], bool]) -> int:
    """Do `act` with every key, each in its own transaction; of how many it said that something was done.

    Raises an ExceptionGroup of everything that went wrong, once all have had their turn.
    """
    done, errors = 0, list[Exception]()
    for key in keys:
        try:
            done += act(key)
        except Exception as error:  # noqa: BLE001 (raised below)
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} failed, {done} done", errors)
    return done
