"""How far long work is: a line on a terminal with what is done, what failed and an estimate of the time left."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from sitwell.cli.door import ProgressLine

Progress = Callable[[float, float], None]  # work done and work in all, in any unit
_SHARE_TO_JUDGE_BY = 0.02


def no_progress(_done: float, _total: float) -> None:
    """Show nothing."""


@dataclass
class Estimate:
    """Guesses the time left from the pace so far; work that was there already counts nothing towards the pace."""

    start_s: float
    before: float = 0.0

    def left_s(self, done: float, total: float, now_s: float) -> float | None:
        """Give the seconds left, or None when too little was done to judge by."""
        fresh = done - self.before
        if total <= self.before or fresh < _SHARE_TO_JUDGE_BY * (total - self.before) or fresh <= 0.0:
            return None
        return (now_s - self.start_s) * (total - done) / fresh


class ProgressEstimate:
    """A progress line for one stage of work; silent when stderr is no terminal. Use as a context manager."""

    def __init__(self, stage: str, *, quiet: bool, stream: TextIO | None = None) -> None:
        self._stage, self._line = stage, ProgressLine(quiet=quiet, stream=stream)
        self._estimate: Estimate | None = None

    def __call__(self, done: float, total: float) -> None:
        """Show what is done of all; the first call says what was there before the work began."""
        now = time.monotonic()
        if self._estimate is None:
            self._estimate = Estimate(now, done)
        left_s = self._estimate.left_s(done, total, now)
        words = f"{self._stage}, {duration(left_s)} left" if left_s is not None else self._stage
        self._line(words, done / total if total else 1.0)

    def __enter__(self) -> "ProgressEstimate":
        return self

    def __exit__(self, *_: object) -> None:
        self._line.clear()


def duration(seconds: float) -> str:
    """Put a length of time into words: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
