"""How sure a figure over songs is: percentile intervals from songs drawn again, artist by artist.

Songs of one artist resemble each other; drawing artists instead of songs keeps an interval from looking
narrower than it is (cluster bootstrap: Davison and Hinkley, 1997, section 3.8).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.value import Json

Floats = npt.NDArray[np.float64]
DRAWS = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Figure:
    """A figure over songs with its 95 % interval; None where there is nothing to tell."""

    value: float | None
    low: float | None
    high: float | None
    songs: int
    artists: int

    def to_dict(self) -> Json:
        """Turn into plain JSON types."""
        return {
            "value": _short(self.value), "low": _short(self.low), "high": _short(self.high),
            "songs": self.songs, "artists": self.artists,
        }  # fmt: skip


def estimate(
    values: npt.ArrayLike,
    artists: Sequence[str],
    statistic: Callable[[Floats], float] = lambda rows: float(np.mean(rows)),
    *,
    seed: int = 0,
) -> Figure:
    """Compute a statistic of values (songs,) or (songs, k) and its interval; songs with NaN are left out.

    The interval is None where songs of fewer than two artists are there.
    """
    rows = np.asarray(values, dtype=np.float64)
    rows = rows[:, None] if rows.ndim == 1 else rows
    there = np.flatnonzero(np.isfinite(rows).all(axis=1))
    rows, names = rows[there], [artists[index] for index in there.tolist()]
    groups = [np.flatnonzero(np.array(names) == name) for name in sorted(set(names))]
    if not groups:
        return Figure(None, None, None, 0, 0)
    value = statistic(rows)
    if len(groups) < 2:
        return Figure(value, None, None, len(rows), len(groups))
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(groups), size=(DRAWS, len(groups)))
    again = [statistic(rows[np.concatenate([groups[index] for index in draw])]) for draw in drawn]
    low, high = np.nanquantile(again, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Figure(value, float(low), float(high), len(rows), len(groups))


def mean_ratio(rows: Floats) -> float:
    """Divide the mean of the first column by that of the second."""
    return float(rows[:, 0].mean() / rows[:, 1].mean())


def median(rows: Floats) -> float:
    """Take the median, for measures with wild outliers."""
    return float(np.median(rows))


def wins(rows: Floats) -> float:
    """Tell the share of rows in which the first column is lower than the second; equal ones count half."""
    return float(np.mean((rows[:, 0] < rows[:, 1]) + 0.5 * (rows[:, 0] == rows[:, 1])))


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
