"""How many threads a command may use."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from helixtune.errors import ParameterError

Item = TypeVar("Item")
Result = TypeVar("Result")


def available_threads(requested: int | None = None) -> int:
    """Return `requested`, or the number of CPUs that this process may run on (Slurm may allow fewer than exist)."""
    if requested is not None:
        if requested < 1:
            raise ParameterError(f"--threads {requested}: at least one thread is needed.")
        return requested
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def in_order(
    items: Iterable[Item], work: Callable[[Item], Result], size: Callable[[Item], int], most: int, threads: int
) -> Iterator[tuple[Item, Result]]:
    """Yield every item with the result of its work, in order, while others are worked on in threads.

    Args:
        items: read in this thread, and no further ahead than `most` allows.
        work: what is done with each.
        size: of an item.
        most: items of this size in all may wait, finished or not.
        threads: 1 = no others.
    """
    if threads == 1:
        yield from ((item, work(item)) for item in items)
        return
    waiting: deque[tuple[Item, Future]] = deque()
    waiting_size = 0
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append((item, pool.submit(work, item)))
                waiting_size += size(item)
                while waiting and (waiting_size > most or waiting[0][1].done()):
                    done, future = waiting.popleft()
                    waiting_size -= size(done)
                    yield done, future.result()
            yield from ((done, future.result()) for done, future in waiting)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
