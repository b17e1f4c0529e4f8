"""The engine of one machine: a process per worker, each with one item at a time, so that a crash costs that item.

Every process is spawned, so that threads of libraries do no harm, and ends by itself when its parent dies.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from sitwell.engines.work import Failure, Item, Result, Shared, Work, guarded
from sitwell.processes import cores, interrupts_held, keep_freed_blocks

_SPAWN = multiprocessing.get_context("spawn")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_STARTED = "started"
_GRACE_S = 10.0  # to remove half-written files


@dataclass(frozen=True)
class Local:
    """Runs work in `workers` processes, one for each core unless told; `timeout_s` is for each item."""

    workers: int | None = None
    timeout_s: float | None = None

    def run(
        self, work: Work[Item, Result], items: Sequence[Item]
    ) -> Generator[tuple[int, Result | Failure], None, None]:
        """Yield (index, result) as items are done; see `Engine.run`."""
        count = min(self.workers or cores(), len(items))
        left = list(range(len(items)))[::-1]
        hired: dict[Connection, _Worker] = {}
        try:
            while left or hired:
                while left and len(hired) < count:
                    worker = _Worker(work)
                    hired[worker.pipe] = worker
                    worker.give(left.pop(), items)
                for worker in self._ready(hired):
                    index, result = worker.take()
                    if not worker.alive or not left:
                        hired.pop(worker.pipe).dismiss()
                    else:
                        worker.give(left.pop(), items)
                    yield index, result
        finally:
            _dismiss_all(list(hired.values()))

    def _ready(self, hired: "dict[Connection, _Worker]") -> "list[_Worker]":
        """Wait for workers that have something to tell, died, or take too long."""
        while True:
            told = [hired[pipe] for pipe in wait(list(hired), timeout=1.0) if isinstance(pipe, Connection)]
            ready = [worker for worker in told if worker.started or not worker.begin()]
            if self.timeout_s is not None:
                late = [worker for worker in hired.values() if worker.busy_s > self.timeout_s and worker not in ready]
                for worker in late:
                    worker.late = True
                    worker.process.kill()
                ready += late
            if ready:
                return ready


class _Worker:
    """A process, and which item it has."""

    def __init__(self, work: Any) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.process: SpawnProcess = _SPAWN.Process(target=_serve, args=(work, theirs), daemon=True)
        self.started, self.alive, self.late = False, True, False
        self._index, self._since_s = -1, 0.0
        with _alone():
            self.process.start()
        theirs.close()

    @property
    def busy_s(self) -> float:
        """Seconds it has worked on its item; its own start does not count."""
        return time.monotonic() - self._since_s if self.started else 0.0

    def begin(self) -> bool:
        """Hear that the process has started; False when it died instead."""
        try:
            self.started = self.pipe.recv() == _STARTED
        except (EOFError, OSError):
            return False
        self._since_s = time.monotonic()
        return True

    def give(self, index: int, items: Sequence[Any]) -> None:
        """Hand an item over; a process that is dead already is found out by `take`."""
        self._index, self._since_s = index, time.monotonic()
        with contextlib.suppress(OSError):
            self.pipe.send(items[index])

    def take(self) -> tuple[int, Any]:
        """Receive what became of its item; it is no longer alive when the process is gone."""
        try:
            return self._index, self.pipe.recv()
        except (EOFError, OSError):
            self.alive = False
            self.process.join()
            if self.late:
                return self._index, Failure("work.timeout", f"took longer than allowed ({self.busy_s:.0f} s)")
            how = f"exit code {self.process.exitcode}"
            return self._index, Failure("work.crashed", f"the process that worked on it died ({how})")

    def dismiss(self) -> None:
        """Let an idle or dead process go."""
        self.pipe.close()
        self.process.join()


def _dismiss_all(workers: list[_Worker]) -> None:
    """End processes in the middle of their work, and wait until they have cleaned up."""
    for worker in workers:
        worker.process.terminate()
    end_s = time.monotonic() + _GRACE_S
    for worker in workers:
        worker.process.join(max(0.0, end_s - time.monotonic()))
        if worker.process.is_alive():
            worker.process.kill()
        worker.dismiss()


def _serve(work: Any, pipe: Connection) -> None:
    """Work on what comes until the pipe is closed: the life of a process."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # by an exception, so that half-written files are removed
    threading.Thread(target=_follow_parent, daemon=True).start()
    keep_freed_blocks()
    shared = Shared()
    with contextlib.suppress(EOFError, OSError):
        pipe.send(_STARTED)
        while True:
            item = pipe.recv()
            pipe.send(guarded(partial(shared.apply, work, item)))


def _follow_parent() -> None:
    """End when the parent was killed: nobody would take the result."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let a process that starts now compute with one thread, since workers share the cores, and know no Ctrl-C.

    Ctrl-C is held back meanwhile, so that no process starts by half.
    """
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        with interrupts_held():
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
