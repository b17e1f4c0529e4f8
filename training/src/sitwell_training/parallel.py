"""Work on many items with an engine of the product: results as they come, a crash costs one item and not the run."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sitwell.engines import Engine, Failure, Local, Plain
from sitwell.errors import SitwellError

__all__ = ["Failure", "run_all"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_all(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int | None = None,
    engine: Engine | None = None,
) -> Iterator[tuple[int, Result | Failure]]:
    """Call `function` on every item and yield (index, result) as they are done; a SitwellError becomes a Failure.

    `function` and the items must be picklable. Without an `engine` there are `workers` processes, one for each core
    unless told; with one worker everything runs in this process. An item whose process dies twice is a Failure
    `work.crashed`.
    """
    workers = min(workers or os.cpu_count() or 1, len(items))
    if engine is None and workers <= 1:
        for index, item in enumerate(items):
            yield index, _guarded(function, item)
        return
    engine, work, crashed = engine or Local(workers), Plain(function), []
    for index, result in engine.run(work, items):
        if isinstance(result, Failure) and result.code == "work.crashed":
            crashed.append(index)
        else:
            yield index, result
    for again, result in engine.run(work, [items[index] for index in crashed]):
        yield crashed[again], result


def _guarded(function: Callable[[Item], Result], item: Item) -> Result | Failure:
    try:
        return function(item)
    except SitwellError as error:
        return Failure(error.code, error.message)
