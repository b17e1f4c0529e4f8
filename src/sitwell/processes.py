"""Worker processes and Ctrl-C: the parent says what there is to say, workers end without a word."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while worker processes are started; it arrives when the block is left.

    Workers inherit this, so none of them is interrupted before `end_at_once`, its first act, was called.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_at_once() -> None:
    """Let Ctrl-C end this worker without a traceback, also one that came while it was starting."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
