"""Worker processes and Ctrl-C: the parent says what there is to say, workers end without a word."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while worker processes are started; it arrives when the block is left.

    Workers inherit the mask, so none of them is interrupted before `end_at_once`, its first act, was called. A mask
    holds for one thread only: a signal that another thread of a library takes would still interrupt the main thread,
    so its handler waits too.
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


def end_at_once() -> None:
    """Let Ctrl-C end this worker without a traceback, also one that came while it was starting."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
