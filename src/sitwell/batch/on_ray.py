"""The engine of a cluster, the only home of Ray: a task for each item, what neighbours share in the object store.

Ray runs a task again when its worker or its node is lost, and makes a shared object again that was lost with its
node; work must bear being done twice. Memory is bounded by the number of tasks in flight: what is shared is let go
with the last task that needs it.
"""

import os
import signal
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from sitwell.batch.engine import Failure, Item, Result, Work, guarded
from sitwell.errors import CodecError, InputError
from sitwell.pipeline.memory import keep_freed_blocks

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
        ray = _ray()
        started = _connect(ray, self.address, self.workers)
        pending: dict[Any, int] = {}
        try:
            load, do = _tasks(ray)
            shipped = ray.put(work)
            left = list(range(len(items)))[::-1]
            key, shared = None, None
            while left or pending:
                while left and len(pending) < self._window(ray):
                    item = items[left[-1]]
                    if shared is None or work.key(item) != key:
                        key, shared = work.key(item), load.remote(shipped, item)
                    pending[do.remote(shipped, item, shared, self.timeout_s)] = left.pop()
                done, _ = ray.wait(list(pending), num_returns=1, timeout=1.0)
                for reference in done:
                    yield pending.pop(reference), _received(ray, reference)
        finally:
            for reference in pending:
                ray.cancel(reference, force=True)
            if started:
                ray.shutdown()

    def _window(self, ray: Any) -> int:
        """Choose how many tasks may be in flight; the cluster may grow meanwhile."""
        return self.workers or _TASKS_PER_CORE * int(ray.cluster_resources().get("CPU", 1)) + _AHEAD


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # reports nothing to anybody
    try:
        import ray
    except ImportError:
        raise CodecError("batch.ray_missing", "the engine ray needs pip install 'sitwell[ray]'") from None
    return ray


def _connect(ray: Any, address: str | None, workers: int | None) -> bool:
    """Connect to a cluster, and tell whether that must be undone; InputError `batch.no_cluster`."""
    if ray.is_initialized():
        return False
    address = address or os.environ.get("RAY_ADDRESS")
    here = {} if address else {"num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR", **here)
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        text = f"no cluster answers at {address or 'this machine'}: {str(error).splitlines()[0]}"
        raise InputError(
            "batch.no_cluster", f"{text}; check --address, and that `ray status` works from here"
        ) from None
    return True


def _tasks(ray: Any) -> tuple[Any, Any]:
    """Make the two remote calls: load what is shared, and do an item with it."""

    def load(work: Any, item: Any) -> Any:
        return guarded(lambda: work.load(item))

    def do(work: Any, item: Any, shared: Any, timeout_s: float | None) -> Any:
        if isinstance(shared, Failure):
            return shared
        keep_freed_blocks()
        return guarded(lambda: _in_time(lambda: work(item, shared), timeout_s))

    options = {"num_cpus": 1, "max_retries": _RETRIES}
    return ray.remote(**options)(load), ray.remote(**options)(do)


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


def _received(ray: Any, reference: Any) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.OutOfMemoryError as error:
        return Failure("memory", f"a node ran out of memory: {str(error).splitlines()[0]}")
    except ray.exceptions.RayError as error:
        return Failure("work.crashed", f"its worker or node was lost: {str(error).splitlines()[0]}")
