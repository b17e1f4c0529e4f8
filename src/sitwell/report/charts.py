"""The parts all charts share: a plot with axes and ticks, and time as people read it; knows no measure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.report.numbers import clock
from sitwell.report.svg import Scale, line_path, tag, text, ticks

Floats = npt.NDArray[np.float64]
LEFT, RIGHT = 46.0, 10.0
_HALF_LABEL_PX = 18.0
_TIME_STEPS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0)


@dataclass(frozen=True)
class Plot:
    """A rectangle in px with a scale across and one down."""

    x: Scale
    y: Scale

    def line(self, x: Floats, y: Floats, kind: str) -> str:
        """Draw a line through values, clipped to the rectangle, thinned to what the width can show."""
        most = max(2, int(abs(self.x.end - self.x.start) / 1.5))
        step = max(1, -(-len(x) // most))
        return tag("path", d=line_path(self.x(x[::step]), self.y(_below(y[::step], self.y.low))), class_=kind)

    def rows(self, values: list[float]) -> str:
        """Draw a grid line and a number for each value."""
        parts = []
        for value in values:
            down = self.y.at(value)
            parts.append(tag("path", d=f"M{self.x.start:g} {down:.1f}H{self.x.end:g}", class_="grid"))
            parts.append(text(self.x.start - 6, down + 4, f"{value:g}", class_="end"))
        return "".join(parts)

    def columns(self, labels: list[tuple[float, str]], *, named: bool = True) -> str:
        """Draw a tick for each (value, words) and write the words below when `named`."""
        top, bottom = sorted((self.y.start, self.y.end))
        parts = []
        for value, words in labels:
            across = self.x.at(value)
            parts.append(tag("path", d=f"M{across:.1f} {top:g}V{bottom:g}", class_="grid"))
            if named:
                at_edge = across > self.x.end - _HALF_LABEL_PX + RIGHT
                kind = "end" if at_edge else "middle"
                parts.append(text(self.x.end + RIGHT if at_edge else across, bottom + 16, words, class_=kind))
        return "".join(parts)

    @property
    def frame(self) -> str:
        """Draw the ground of the rectangle."""
        top, bottom = sorted((self.y.start, self.y.end))
        d = f"M{self.x.start:g} {top:g}H{self.x.end:g}V{bottom:g}H{self.x.start:g}z"
        return tag("path", d=d, class_="frame")


def time_scale(seconds: float, width: float) -> Scale:
    """Lay time from 0 to the end of the mix across a chart of this width."""
    return Scale(0.0, max(seconds, 0.01), LEFT, width - RIGHT)


def time_labels(seconds: float, width: float) -> list[tuple[float, str]]:
    """Choose times to write below an axis, `0:30` or, for short sounds, `0.5 s`."""
    values = ticks(0.0, seconds, max(3, int(width / 90)), _TIME_STEPS_S)
    if seconds < 10.0:
        return [(value, f"{value:.1f} s") for value in values]
    return [(value, clock(value)) for value in values]


def frequency_labels(low_hz: float, high_hz: float, width: float) -> list[tuple[float, str]]:
    """Choose frequencies to write below an axis."""
    wide = (50, 100, 200, 500, 1000, 2000, 5000, 10000) if width > 360 else (100, 300, 1000, 3000, 10000)
    inside = [hz for hz in wide if low_hz <= hz <= high_hz]
    words = [f"{hz / 1000:g}k" if hz >= 1000 else f"{hz:g}" for hz in inside]
    return [(hz, f"{word} Hz" if hz == inside[0] else word) for hz, word in zip(inside, words, strict=True)]


def _below(values: Floats, low: float) -> Floats:
    """Lift the pen where a value is under the scale."""
    return np.where(values >= low, values, np.nan)
