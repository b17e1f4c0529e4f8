"""Intervals that hold for artists nobody has seen: quantiles of the errors made on artists left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

COVERAGE = 0.8
_LEVELS = np.linspace(0.7, 0.94, 25)


@dataclass(frozen=True)
class Interval:
    """From `low` (<= 0) to `high` (>= 0) around a prediction; `coverage` is the share of held-out songs inside.

    Coverage is measured with the interval made without the artist; `level` is the share asked for to get it.
    """

    low: float
    high: float
    coverage: float
    level: float


def interval(residuals: Floats, artists: Sequence[str], weights: Floats) -> Interval:
    """Make an 80 % interval from held-out residuals, label minus prediction: (songs, views); weights (songs,).

    Songs of one artist err alike, so the songs at hand vary less than those of the next artist. The level
    is therefore raised or lowered until intervals made without an artist hold 80 % of that artist's songs.
    """
    covered = np.array([_coverage(residuals, artists, weights, level) for level in _LEVELS])
    shares = covered @ weights / weights.sum()
    chosen = int(np.argmin(np.abs(shares - COVERAGE)))
    low, high = bounds(residuals, weights, float(_LEVELS[chosen]))
    return Interval(low, high, float(shares[chosen]), float(_LEVELS[chosen]))


def bounds(residuals: Floats, weights: Floats, level: float) -> tuple[float, float]:
    """Find weighted quantiles of residuals (songs, views), each tail (1 - level) / 2, never above or below 0.

    The song to come is counted as one more, at infinity on either side (split conformal prediction, Vovk;
    weights as in Tibshirani et al. 2019); where too few songs are known for that, the largest error stands.
    """
    flat = residuals.ravel()
    each = np.repeat(weights / residuals.shape[1], residuals.shape[1])
    order = np.argsort(flat, kind="stable")
    total = float(each.sum()) + float(weights.mean())
    below = np.cumsum(each[order])
    rank_high = int(np.searchsorted(below, total * (1.0 + level) / 2.0))
    above = np.cumsum(each[order][::-1])
    rank_low = int(np.searchsorted(above, total * (1.0 + level) / 2.0))
    high = float(flat[order][min(rank_high, len(flat) - 1)])
    low = float(flat[order][::-1][min(rank_low, len(flat) - 1)])
    return min(low, 0.0), max(high, 0.0)


def _coverage(residuals: Floats, artists: Sequence[str], weights: Floats, level: float) -> Floats:
    """Tell for each song how many of its views lie in the interval made without its artist: (songs,)."""
    of = np.asarray(artists)
    inside = np.zeros(len(of))
    for name in np.unique(of):
        left = of == name
        if left.all():
            return inside
        low, high = bounds(residuals[~left], weights[~left], level)
        inside[left] = ((residuals[left] >= low) & (residuals[left] <= high)).mean(axis=1)
    return inside
