"""Quantities that are predicted: their prior, their rule, the scale they are learned on; level and range are here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from sitwell.analysis import FEATURES
from sitwell.models.prediction import LINEAR
from sitwell_training.targets.examples import Example
from sitwell_training.targets.rows import Rows

Floats = npt.NDArray[np.float64]
_PSEUDO_SONGS = 21  # commercial songs behind both published means


@dataclass(frozen=True)
class Prior:
    """A published mean and standard deviation, worth as much as `artists` artists with one song each.

    Where `settings` of professionals are known they take the place of the normal distribution, and are enough for a
    constant and an interval without any song.
    """

    mean: float
    sd: float
    artists: float
    source: str
    settings: tuple[float, ...] = ()

    @classmethod
    def of(cls, settings: Sequence[float], *, artists: float, source: str) -> "Prior":
        """Make a prior of settings."""
        return cls(float(np.mean(settings)), float(np.std(settings)), artists, source, tuple(settings))

    def songs(self) -> Floats:
        """Give the settings, or spread pseudo-songs over a normal distribution: (21,)."""
        if self.settings:
            return np.array(self.settings)
        normal = NormalDist(self.mean, self.sd)
        return np.array([normal.inv_cdf((i + 0.5) / _PSEUDO_SONGS) for i in range(_PSEUDO_SONGS)])


@dataclass(frozen=True, eq=False)
class Target:
    """A quantity: which label, how it is scaled for learning, what is published, what the rules ask.

    `rule` takes rows with the names of their features and gives the rule's target, (rows,). Predictions are kept
    within `low` and `high`. With the scale `LOG` labels, and all that follows from them, are natural logarithms of a
    figure in `unit`. Nothing but `features` is looked at.
    """

    task: str
    label: Callable[[Example], float | None]
    logarithmic: bool
    low: float
    high: float
    prior: Prior
    rule: Callable[[Rows, Sequence[str]], Floats]
    shortest_s: float  # a shorter song has no trustworthy label
    unit: str = "LU"
    scale: str = LINEAR
    features: tuple[str, ...] = FEATURES

    def scaled(self, values: Floats) -> Floats:
        """Put labels on the scale that is learned."""
        return np.log(np.maximum(values, 0.5)) if self.logarithmic else values

    def unscaled(self, scaled: Floats) -> Floats:
        """Undo `scaled` and keep within the allowed range."""
        values = np.exp(scaled) if self.logarithmic else scaled
        return np.asarray(np.clip(values, self.low, self.high))

    def constant(self, values: Floats, weights: Floats) -> float:
        """Find the weighted median of labels (n,) with the prior's pseudo-songs: the best constant guess."""
        return self.quantile(values, weights, 0.5)

    def quantile(self, values: Floats, weights: Floats, share: float) -> float:
        """Find a weighted quantile of labels (n,) with the prior's pseudo-songs."""
        pseudo = self.prior.songs()
        return weighted_quantile(
            np.concatenate([values, pseudo]),
            np.concatenate([weights, np.full(len(pseudo), self.prior.artists / len(pseudo))]),
            share,
        )


def weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    """Find the value below which a share of the weight lies, half of each value's own weight below it."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - 0.5 * weights[order]
    return float(np.interp(share * weights.sum(), middle, values[order]))


LEVEL = Target(
    task="level",
    label=lambda example: example.vbr_lu,
    logarithmic=False,
    low=-12.0,
    high=8.0,
    prior=Prior(-3.53, 1.79, 6.0, "21 commercial songs, vocal against backing while it sings"),
    rule=lambda rows, _: np.zeros(len(rows.song)),
    shortest_s=5.0,
)
RANGE = Target(
    task="range",
    label=lambda example: example.loudness_range_lu,
    logarithmic=True,
    low=2.0,
    high=20.0,
    prior=Prior(9.1, 3.8, 6.0, "21 commercial songs, loudness range of the lead vocal"),
    rule=lambda rows, _: np.minimum(rows.own_range_lu, 14.0),
    shortest_s=15.0,  # five windows of 3 s that do not overlap
)
