"""Ways to predict a figure from features, from the plainest up; each is frozen, seeded and small.

A recipe is a family, the features it may see and its strength. All families learn the same thing: how far
a song is from the constant, in standard deviations, from features standardised and clipped to +-2.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLIP = 2.0  # beyond it there are one or two songs among tens: nothing to draw a line through
# The safest first: where no song was seen, a Gaussian process goes back to the constant, trees stay flat.
FAMILIES = ("gaussian process", "ridge", "network", "boosting")

# What a person would look at, from few to all: ranges and pulse of the backing; how full it is; all there is.
_DYNAMICS = ("backing_range_log_lu", "backing_spread_log_lu", "backing_beat_log_lu")
_ARRANGEMENT = (
    "backing_range_log_lu", "backing_beat_log_lu", "backing_width_db", "backing_dense_share", "backing_crest_db",
    "backing_onsets_per_s", "tempo_octaves", "tempo_confidence", "vocal_onsets_per_s", "vocal_active_share",
)  # fmt: skip
_MASKING = (
    "backing_flatness_db", "backing_dense_share", "backing_presence_db", "spectral_distance_db", "audible_share",
    "presence_to_mask_db", "low_to_mask_db", "vocal_register_octaves", "tempo_confidence",
)  # fmt: skip
FEATURE_SETS: dict[str, tuple[str, ...] | None] = {
    "range": ("backing_range_log_lu",), "dynamics": _DYNAMICS, "arrangement": _ARRANGEMENT, "masking": _MASKING,
    "all": None,
}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """A family of estimators, the set of features it sees, and how strongly it is held back."""

    family: str
    features: str
    strength: float

    def __str__(self) -> str:
        return f"{self.family}, {self.features} features, strength {self.strength:g}"


def recipes(families: Sequence[str] = FAMILIES) -> tuple[Recipe, ...]:
    """List what nested cross-validation chooses from, plainest first: few features, then safe families.

    Only what is held back by its nature (a Gaussian process, shallow trees) may see all features: with
    tens of songs anything else would learn them by heart.
    """
    strengths = {
        "ridge": (20.0, 6.0, 2.0), "gaussian process": (2.0, 1.0, 0.5), "boosting": (0.03, 0.06),
        "network": (5.0, 1.0),
    }  # fmt: skip
    sets = {
        "ridge": ("range", "dynamics", "arrangement", "masking"), "boosting": ("arrangement", "all"),
        "network": ("dynamics", "arrangement"),
    }  # fmt: skip
    return tuple(
        Recipe(family, features, strength)
        for features in FEATURE_SETS
        for family in families
        if features in sets.get(family, FEATURE_SETS)
        for strength in strengths[family]
    )


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted estimator: predicts deviations from the constant, on the target's scale.

    `columns` (k,) are the features it sees; they are standardised by `mean` and `scale` (k,) and clipped.
    The prediction is `middle + unit * model(standardised)`.
    """

    recipe: Recipe
    columns: npt.NDArray[np.intp]
    mean: Floats
    scale: Floats
    middle: float
    unit: float
    model: Any

    def standardised(self, features: Floats) -> Floats:
        """Bring features (n, all) to (n, k), each mean 0, deviation 1, clipped to +-2."""
        return np.clip((features[:, self.columns] - self.mean) / self.scale, -CLIP, CLIP)

    def predict(self, features: Floats) -> Floats:
        """Predict on the target's learning scale: (n, all) -> (n,)."""
        return np.asarray(self.middle + self.unit * self.model.predict(self.standardised(features)).ravel())


def columns_of(features: str, names: Sequence[str]) -> npt.NDArray[np.intp]:
    """Find the columns of a set of features, as far as they are there."""
    chosen = FEATURE_SETS[features]
    return np.array(
        [names.index(name) for name in (names if chosen is None else chosen) if name in names], dtype=np.intp
    )


def fit_recipe(
    recipe: Recipe, features: Floats, scaled: Floats, weights: Floats, *, names: Sequence[str], middle: float, seed: int
) -> Fitted:
    """Fit a recipe to rows of features (n, all) with labels on the learning scale and weights, (n,).

    The weights of a song's rows add up to what the song counts; `middle` is the constant on that scale.
    """
    columns = columns_of(recipe.features, names)
    mean, scale = standardisation(features[:, columns], weights)
    standard = np.clip((features[:, columns] - mean) / scale, -CLIP, CLIP)
    deviation = scaled - middle
    unit = max(float(np.sqrt(np.average(deviation**2, weights=weights))), 1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a network that is stopped early is meant
        model = _model(recipe, standard, deviation / unit, weights, seed)
    return Fitted(recipe, columns, mean, scale, middle, unit, model)


def standardisation(features: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Find the weighted mean and deviation of features, (k,) each; a constant feature has deviation 1."""
    mean = np.average(features, axis=0, weights=weights)
    scale = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weights))
    return np.asarray(mean), np.where(scale > 1e-9, scale, 1.0)


def _model(recipe: Recipe, x: Floats, y: Floats, weights: Floats, seed: int) -> Any:
    strength = recipe.strength
    match recipe.family:
        case "ridge":
            from sklearn.linear_model import Ridge

            return Ridge(alpha=strength, fit_intercept=False).fit(x, y, sample_weight=weights)
        case "gaussian process":
            from sklearn.gaussian_process import GaussianProcessRegressor
            from sklearn.gaussian_process.kernels import RBF

            kernel = RBF(2.0 * np.sqrt(x.shape[1]))
            return GaussianProcessRegressor(kernel, alpha=strength / weights, optimizer=None).fit(x, y)
        case "boosting":
            from sklearn.ensemble import GradientBoostingRegressor

            return GradientBoostingRegressor(
                loss="huber", learning_rate=strength, n_estimators=50, max_depth=2, subsample=0.7, max_features=0.5,
                min_samples_leaf=max(8, len(y) // 20), random_state=seed,
            ).fit(x, y, sample_weight=weights)  # fmt: skip
        case "network":
            from sklearn.neural_network import MLPRegressor

            per_song = len(y) / float(weights.sum())
            return MLPRegressor(
                hidden_layer_sizes=(6,), activation="tanh", alpha=strength * per_song, solver="lbfgs", max_iter=60,
                random_state=seed,
            ).fit(x, y, sample_weight=weights * per_song)  # fmt: skip
    raise ValueError(f"no family of estimators {recipe.family!r}; known: {', '.join(FAMILIES)}")
