"""The engine of a cluster: a task for each item, what neighbours share in the object store.

Ray runs a task again when its worker or its node is lost, and makes a shared object again that was lost with its
node; work must bear being done twice. Memory is bounded by the number of tasks in flight: what is shared is let go
with the last task that needs it.
"""

import signal
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from sitwell.engines.cluster import Cluster, Reference
from sitwell.engines.work import Failure, Item, Result, Work, guarded
from sitwell.errors import InputError
from sitwell.processes import keep_freed_blocks

_TASKS_PER_CORE = 2  # one at work and one that waits for it
_AHEAD = 8  # more wait than there are cores, so that an autoscaler sees the need
_RETRIES = 3  # of a task whose worker or node was lost


@dataclass(frozen=True)
class OnRay:
    """Runs work on the cluster at `address`; without one on a cluster that is started here, and ended again.

    `workers` is the most tasks at a time, the cores of the cluster unless told; `timeout_s` is for each item.
    """

    address: str | None = None
    workers: int | None = None
    timeout_s: float | None = None

    def run(
        self, work: Work[Item, Result], items: Sequence[Item]
    ) -> Generator[tuple[int, Result | Failure], None, None]:
        """Yield (index, result) as items are done; see `Engine.run`."""
        cluster = Cluster(self.address, self.workers)
        pending: dict[Reference, int] = {}
        try:
            shipped = cluster.share(work)
            left = list(range(len(items)))[::-1]
            key, shared = None, None
            while left or pending:
                while left and len(pending) < (self.workers or _TASKS_PER_CORE * cluster.cores + _AHEAD):
                    item = items[left[-1]]
                    if shared is None or work.key(item) != key:
                        key, shared = work.key(item), cluster.call(_load, shipped, item, retries=_RETRIES)
                    done = cluster.call(_do, shipped, item, shared, self.timeout_s, retries=_RETRIES)
                    pending[done] = left.pop()
                for done in cluster.done(list(pending), wait_s=1.0):
                    yield pending.pop(done), cluster.value(done)
        finally:
            for reference in pending:
                cluster.cancel(reference)
            cluster.close()


def _load(work: Any, item: Any) -> Any:
    """Load what an item shares with its neighbours."""
    return guarded(lambda: work.load(item))


def _do(work: Any, item: Any, shared: Any, timeout_s: float | None) -> Any:
    """Do an item with it."""
    if isinstance(shared, Failure):
        return shared
    keep_freed_blocks()
    return guarded(lambda: _in_time(lambda: work(item, shared), timeout_s))


def _in_time(work: Callable[[], Any], timeout_s: float | None) -> Any:
    """Do work that is interrupted when it takes too long."""
    if timeout_s is None:
        return work()

    def late(*_: object) -> None:
        raise InputError("work.timeout", f"took longer than allowed ({timeout_s:.0f} s)")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
