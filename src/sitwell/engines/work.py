"""What every engine is given and gives back: work on many items, results as they come; knows no sound."""

import time
from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sitwell.errors import SitwellError

Item = TypeVar("Item", contravariant=True)
Result = TypeVar("Result", covariant=True)


@dataclass(frozen=True)
class Failure:
    """What kept an item from being done: stable code and sentence; errors cannot travel between processes."""

    code: str
    message: str


class Work(Protocol[Item, Result]):
    """Work on one item, given what it shares with its neighbours; must be picklable, and so must the items."""

    def key(self, item: Item) -> Hashable:
        """Name what an item shares with its neighbours."""
        ...

    def load(self, item: Item) -> Any:
        """Make what all items of one key share."""
        ...

    def __call__(self, item: Item, shared: Any) -> Result:
        """Do the work; a SitwellError becomes a Failure."""
        ...


@dataclass(frozen=True)
class Plain:
    """A function as work that shares nothing; it must be picklable."""

    function: Callable[[Any], Any]

    def key(self, item: Any) -> Hashable:  # noqa: ARG002 - nothing is shared
        """Name nothing."""
        return None

    def load(self, item: Any) -> None:
        """Load nothing."""

    def __call__(self, item: Any, shared: None) -> Any:  # noqa: ARG002 - nothing is shared
        """Do the work."""
        return self.function(item)


class Engine(Protocol):
    """Runs work: `local` in processes of this machine, `ray` on a cluster."""

    def run(
        self, work: Work[Item, Result], items: Sequence[Item]
    ) -> Generator[tuple[int, Result | Failure], None, None]:
        """Yield (index, result) as items are done, each once; neighbours with the same key share what is loaded.

        An item whose process dies is a Failure `work.crashed`, one that takes too long `work.timeout`.
        """
        ...


def guarded(work: Callable[[], Result]) -> Result | Failure:
    """Do work; what a caller can cause, want of memory, and a fault of ours become a Failure."""
    try:
        return work()
    except SitwellError as error:
        return Failure(error.code, error.message)
    except MemoryError:
        return Failure("memory", "not enough memory; use fewer workers or shorter songs")
    except Exception as error:  # the border of a process: nothing else may pass it
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return Failure("internal", f"{what}; this is a fault of Sitwell, please report it")


class Shared:
    """What the last item loaded, kept for the next one of the same key: at most one thing at a time."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._held: Any = None

    def apply(self, work: Work[Item, Result], item: Item) -> Result:
        """Do the work on an item, loading what it shares when that is not at hand."""
        key = work.key(item)
        if key != self._key:
            self._key = self._held = None  # first, so that two are never in memory at once
            self._held = work.load(item)
            self._key = key
        return work(item, self._held)


@dataclass(frozen=True)
class Pace:
    """How fast work goes: what was done since the start, and the time that is left."""

    start_s: float
    before: int = 0

    def per_s(self, done: int) -> float:
        """Give the items done per second since the start."""
        return (done - self.before) / max(time.monotonic() - self.start_s, 1e-9)

    def left_s(self, done: int, total: int) -> float | None:
        """Guess the seconds left, None before anything is done."""
        rate = self.per_s(done)
        return (total - done) / rate if rate > 0 else None


def words(seconds: float) -> str:
    """Put a length of time into words: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
