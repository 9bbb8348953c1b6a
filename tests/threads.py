"""Many at once, with real threads and connections of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

from django.db import connections


def at_once(
    jobs: Sequence[Callable[[], object]],
    *,
    workers: int | None = None,
    expected: tuple[type[Exception], ...] = (Exception,),
) -> list[object]:
    """What each job returned or raised: the exceptions `expected` are results, any other is raised.

    As many `workers` as jobs, unless told otherwise, begin at the same moment; the rest of the jobs follow on their heels.
    """
    workers = min(workers or len(jobs), len(jobs))
    barrier, begun = Barrier(workers), count()

    def run(job: Callable[[], object]) -> object:
        try:
            if next(begun) < workers:
                barrier.wait(timeout=20)
            return job()
        except expected as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, jobs))
