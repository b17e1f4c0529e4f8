"""Work on many items in processes: results as they come, a crash costs one item and not the run."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TypeVar

from sitwell.errors import SitwellError
from sitwell.processes import end_at_once, interrupts_held

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """What kept an item from being done: stable code and sentence; errors cannot travel between processes."""

    code: str
    message: str


def run_all(
    function: Callable[[Item], Result], items: Sequence[Item], *, workers: int | None = None
) -> Iterator[tuple[int, Result | Failure]]:
    """Call `function` on every item and yield (index, result) as they are done; a SitwellError becomes a Failure.

    `function` and the items must be picklable; processes are spawned, so that threads of libraries do no harm. With
    one worker everything runs in this process. An item whose process dies twice is a Failure `work.crashed`.
    """
    workers = min(workers or os.cpu_count() or 1, len(items))
    if workers <= 1:
        for index, item in enumerate(items):
            yield index, _guarded(function, item)
        return
    left = set(range(len(items)))
    for index, result in _in_pool(function, items, sorted(left), workers):
        left.discard(index)
        yield index, result
    for index in sorted(left):  # a process died and took the pool along: the rest alone, one by one
        found = list(_in_pool(function, items, [index], 1))
        yield found[0] if found else (index, Failure("work.crashed", "the process that worked on it died"))


def _in_pool(
    function: Callable[[Item], Result], items: Sequence[Item], chosen: list[int], workers: int
) -> Iterator[tuple[int, Result | Failure]]:
    """Yield what is done until a process dies."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=end_at_once)
    try:
        with interrupts_held():
            waiting: dict[Future[Result | Failure], int] = {
                pool.submit(_guarded, function, items[index]): index for index in chosen
            }
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                index = waiting.pop(future)
                with contextlib.suppress(BrokenProcessPool):
                    yield index, future.result()
    except BrokenProcessPool:
        return
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _guarded(function: Callable[[Item], Result], item: Item) -> Result | Failure:
    try:
        return function(item)
    except SitwellError as error:
        return Failure(error.code, error.message)
