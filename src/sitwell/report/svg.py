"""Small SVG pictures by hand: tags, scales, ticks and paths; knows nothing of sound."""

import html
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.report.words import typeset

Floats = npt.NDArray[np.float64]
_LETTER_PX = 6.3  # mean width of a letter at 12 px, enough to place a legend


def tag(name: str, *children: str, **attributes: str | float) -> str:
    """Write an element; children are markup, attribute values are escaped, `_` in their names becomes `-`."""
    words = "".join(f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return f"<{name}{words}>{''.join(children)}</{name}>"


def text(x: float, y: float, words: str, **attributes: str | float) -> str:
    """Write a line of text; the words are escaped and typeset."""
    return tag("text", typeset(words), x=x, y=y, **attributes)


def figure(name: str, *children: str, width: float, height: float, title: str, description: str) -> str:
    """Frame a picture; title and description are read aloud.

    `name` must be unique in the page; what follows its last hyphen becomes the class, such as `wide`.
    """
    heads = (
        tag("title", html.escape(title), id=f"{name}-title"),
        tag("desc", html.escape(description), id=f"{name}-desc"),
    )
    return tag(
        "svg", *heads, *children, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width:g} {height:g}",
        width=width, height=height, role="img", class_=name.rsplit("-", 1)[-1],
        aria_labelledby=f"{name}-title {name}-desc",
    )  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """Maps low..high, linearly or by octaves, onto start..end in px."""

    low: float
    high: float
    start: float
    end: float
    octaves: bool = False

    def __call__(self, values: npt.ArrayLike) -> Floats:
        """Map values of any shape; those beyond the ends land on them, NaN stays NaN."""
        inside = np.clip(np.asarray(values, dtype=np.float64), self.low, self.high)
        low, high = self.low, self.high
        if self.octaves:
            inside, low, high = np.log2(inside), math.log2(low), math.log2(high)
        return np.asarray(self.start + (inside - low) / (high - low) * (self.end - self.start))

    def at(self, value: float) -> float:
        """Map one value."""
        return float(self(value))


def line_path(x: Floats, y: Floats) -> str:
    """Draw a line through points (n,), broken where y is not finite."""
    parts, pen_up = [], True
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        if not math.isfinite(down):
            pen_up = True
            continue
        parts.append(f"{'M' if pen_up else 'L'}{_short(across)} {_short(down)}")
        pen_up = False
    return "".join(parts)


def area_path(x: Floats, upper: Floats, lower: Floats) -> str:
    """Fill between two lines through the same x (n,); all must be finite."""
    if not len(x):
        return ""
    return line_path(np.concatenate([x, x[::-1]]), np.concatenate([upper, lower[::-1]])) + "Z"


def cells_path(mask: npt.NDArray[np.bool_], x: Floats, y: Floats) -> str:
    """Fill the cells (rows, columns) of a grid with edges x (columns + 1,) and y (rows + 1,), run by run."""
    parts = []
    for row, cells in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], cells.astype(np.int8), [0]])))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            width = x[end] - x[begin]
            parts.append(f"M{_short(x[begin])} {_short(y[row])}h{_short(width)}V{_short(y[row + 1])}h{_short(-width)}z")
    return "".join(parts)


def legend(x: float, y: float, entries: tuple[tuple[str, str], ...]) -> str:
    """Write (class, words) pairs in a row, each behind a sample of its line or area."""
    parts = []
    for kind, words in entries:
        sample = tag("path", d=f"M{x:g} {y - 4:g}h18", class_=kind)
        if kind.startswith(("fill", "cell")):
            sample = tag("path", d=f"M{x + 4:g} {y - 9:g}h12v10h-12z", class_=kind)
        parts += [sample, text(x + 24, y, words)]
        x += 24 + _LETTER_PX * len(words) + 18
    return "".join(parts)


def ticks(low: float, high: float, most: int, steps: tuple[float, ...]) -> list[float]:
    """Choose round values within low..high: the smallest of `steps` that gives at most `most` of them."""
    for step in steps:
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < most:
            return [index * step for index in range(first, last + 1)]
    return []


def _value(value: str | float) -> str:
    return html.escape(value) if isinstance(value, str) else _short(value)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
