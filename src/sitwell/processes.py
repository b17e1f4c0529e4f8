"""How processes behave: on Ctrl-C the parent says what there is to say, workers end without a word; memory is kept."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_KEEP_BYTES, _OWN_PAGES_BYTES = 64 * 2**20, 4 * 2**20
_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # microseconds and period, or "max"


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while worker processes are started; it arrives when the block is left.

    Workers inherit the mask: they hear no Ctrl-C, and are ended by the parent. A mask holds for one thread only: a
    signal that another thread of a library takes would still interrupt the main thread, so its handler waits too.
    """
    came: list[int] = []
    here = threading.current_thread() is threading.main_thread()  # no other thread has handlers
    handler = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number)) if here else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if handler is not None:
            signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)


def cores() -> int:
    """Count the cores that this process may use: by its affinity, and by the quota of its container (cgroup 2)."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = _QUOTA.read_text().split()
        count = max(1, min(count, round(int(quota) / int(period))))
    return count


def keep_freed_blocks() -> None:
    """Tell glibc to keep freed memory of block size; fetching pages anew was a tenth of the CPU time of a mix."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, _OWN_PAGES_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _KEEP_BYTES)
