"""Nested cross-validation grouped by artist: what would be predicted for artists nobody has seen.

Outer folds leave artists out. Within each, inner folds leave further artists out to choose the estimator,
its strength and how far to trust it against the constant (0 to 1). The constant wins unless the inner
artists agree, so that a model without skill ends as the constant.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell_training.targets.estimators import Fitted, Recipe, fit_recipe
from sitwell_training.targets.examples import song_weights
from sitwell_training.targets.rows import TAKE, WHOLE, Rows
from sitwell_training.targets.target import Target

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

TRUST = np.linspace(0.0, 1.0, 11)
CAUTION = 1.0  # standard errors (over artists) that are taken off a gain before it is believed
_OUTER, _INNER = 20, 5
VIEWS = (WHOLE, TAKE)


@dataclass(frozen=True, eq=False)
class Songs:
    """What is learned from: rows, and per song the artist, the label (songs,) and the weight (songs,)."""

    rows: Rows
    artists: tuple[str, ...]
    labels: Floats
    names: tuple[str, ...]  # of the features
    seconds: Floats

    @property
    def weights(self) -> Floats:
        """How much each song counts, (songs,)."""
        return song_weights(self.artists, self.seconds.tolist())

    def of(self, songs: Index) -> "Songs":
        """Keep some songs."""
        artists = tuple(self.artists[song] for song in songs)
        return Songs(self.rows.of(songs), artists, self.labels[songs], self.names, self.seconds[songs])


@dataclass(frozen=True)
class Choice:
    """What was chosen on some songs: a recipe and the trust in it; no recipe is the constant."""

    recipe: Recipe | None
    trust: float
    gain: float  # mean absolute error saved against the constant, on held-out artists, in LU

    def __str__(self) -> str:
        return "constant" if self.recipe is None else f"{self.recipe}, trusted {self.trust:.0%}"


@dataclass(frozen=True, eq=False)
class Nested:
    """Predictions for songs of artists left out: by name of the method, (songs, views)."""

    predicted: dict[str, Floats]
    choices: tuple[Choice, ...]
    fold: Index  # (songs,) the outer fold in which each song was left out


def folds(artists: Sequence[str], count: int) -> Iterator[tuple[Index, Index]]:
    """Split songs into (kept, left out) so that no artist is in both; at most `count` times, balanced by songs."""
    names, number = np.unique(np.asarray(artists), return_inverse=True)
    count = min(count, len(names))
    sizes = np.bincount(number)
    load, of_artist = np.zeros(count), np.zeros(len(names), dtype=np.intp)
    for artist in np.argsort(-sizes, kind="stable"):
        of_artist[artist] = int(np.argmin(load))
        load[of_artist[artist]] += sizes[artist]
    for fold in range(count):
        left = of_artist[number] == fold
        yield np.flatnonzero(~left), np.flatnonzero(left)


def nested(
    songs: Songs,
    target: Target,
    *,
    recipes: Sequence[Recipe],
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> Nested:
    """Predict every song by what was learned without its artist."""
    families = tuple(dict.fromkeys(recipe.family for recipe in recipes))
    predicted = {name: np.zeros((len(songs.labels), len(VIEWS))) for name in ("constant", *families, "chosen")}
    splits = list(folds(songs.artists, _OUTER))
    fold = np.zeros(len(songs.labels), dtype=np.intp)
    choices = []
    for number, (kept, left) in enumerate(splits):
        train, test = songs.of(kept), songs.of(left)
        constant = target.constant(train.labels, train.weights)
        chosen = choose(train, target, recipes=recipes, seed=seed)
        predicted["constant"][left] = constant
        for family, choice in chosen.items():
            predicted[family][left] = apply(choice, train, test, target, seed=seed)
        choices.append(chosen["chosen"])
        fold[left] = number
        if progress is not None:
            progress((number + 1) / len(splits))
    return Nested(predicted, tuple(choices), fold)


def choose(songs: Songs, target: Target, *, recipes: Sequence[Recipe], seed: int) -> dict[str, Choice]:
    """Choose a recipe and the trust in it by inner folds: for each family, and "chosen" over all of them."""
    splits = list(folds(songs.artists, _INNER))
    if len(splits) < 2:
        return dict.fromkeys((*(recipe.family for recipe in recipes), "chosen"), Choice(None, 0.0, 0.0))
    constant = np.zeros(len(songs.labels))
    out = {recipe: np.zeros((len(songs.labels), len(VIEWS))) for recipe in recipes}
    for kept, left in splits:
        train, test = songs.of(kept), songs.of(left)
        constant[left] = target.constant(train.labels, train.weights)
        for recipe in recipes:
            out[recipe][left] = by_view(fit(recipe, train, target, seed=seed), test.rows, target)
    gains = {
        recipe: [_gain(songs, constant, predicted, float(trust)) for trust in TRUST]
        for recipe, predicted in out.items()
    }
    names = dict.fromkeys(recipe.family for recipe in recipes)
    among = {name: [recipe for recipe in recipes if recipe.family == name] for name in names}
    return {name: _plainest(gains, some) for name, some in (among | {"chosen": list(recipes)}).items()}


def _plainest(gains: Mapping[Recipe, Sequence[tuple[float, float]]], among: Sequence[Recipe]) -> Choice:
    """Choose the plainest recipe whose gain is within one standard error of the best (Breiman's rule).

    The gain counts less its own standard error, so the constant, whose gain is 0, is hard to beat.
    """
    best: dict[Recipe, tuple[float, float, float, float]] = {}
    for recipe in among:
        scores = [mean - CAUTION * error for mean, error in gains[recipe]]
        at = int(np.argmax(scores))
        best[recipe] = (scores[at], float(TRUST[at]), *gains[recipe][at])
    top = max(best.values())
    if not top[0] > 0.0:
        return Choice(None, 0.0, 0.0)
    recipe = next(recipe for recipe in among if best[recipe][2] >= top[2] - top[3] and best[recipe][0] > 0.0)
    return Choice(recipe, best[recipe][1], best[recipe][2])


def fit(recipe: Recipe, songs: Songs, target: Target, *, seed: int) -> Fitted:
    """Fit a recipe to all views of some songs."""
    rows = songs.rows
    counts = np.bincount(rows.song, minlength=len(songs.labels))
    weights = songs.weights[rows.song] / counts[rows.song]
    constant = target.constant(songs.labels, songs.weights)
    middle = float(target.scaled(np.array([constant]))[0])
    scaled = target.scaled(songs.labels)[rows.song]
    return fit_recipe(recipe, rows.features, scaled, weights, names=songs.names, middle=middle, seed=seed)


def by_view(fitted: Fitted, rows: Rows, target: Target) -> Floats:
    """Predict each song from its whole and from its takes, the latter averaged: (songs, views) in LU."""
    values = target.unscaled(fitted.predict(rows.features))
    return view_means(values, rows)


def view_means(values: Floats, rows: Rows) -> Floats:
    """Average a figure per row over the views of each kind: (rows,) -> (songs, views)."""
    count = int(rows.song.max(initial=-1)) + 1
    means = []
    for view in VIEWS:
        chosen = rows.kind == view
        sums = np.bincount(rows.song[chosen], values[chosen], minlength=count)
        means.append(sums / np.maximum(np.bincount(rows.song[chosen], minlength=count), 1))
    return np.stack(means, axis=1)


def apply(choice: Choice, train: Songs, test: Songs, target: Target, *, seed: int) -> Floats:
    """Predict songs by a choice refitted to all that may be seen: (songs, views)."""
    constant = target.constant(train.labels, train.weights)
    if choice.recipe is None:
        return np.full((len(test.labels), len(VIEWS)), constant)
    predicted = by_view(fit(choice.recipe, train, target, seed=seed), test.rows, target)
    return constant + choice.trust * (predicted - constant)


def _gain(songs: Songs, constant: Floats, predicted: Floats, trust: float) -> tuple[float, float]:
    """Find the gain in mean absolute error over the constant, and its standard error over artists, in LU."""
    error = np.abs(constant[:, None] + trust * (predicted - constant[:, None]) - songs.labels[:, None]).mean(axis=1)
    gain = np.abs(constant - songs.labels) - error
    weights = songs.weights
    number = np.unique(np.asarray(songs.artists), return_inverse=True)[1]
    mass = np.bincount(number, weights)
    of_artist = np.bincount(number, weights * gain) / mass
    mean = float(np.average(of_artist, weights=mass))
    share = mass / mass.sum()
    error_of_mean = float(np.sqrt(np.sum(share**2 * (of_artist - mean) ** 2) / max(1.0 - np.sum(share**2), 1e-9)))
    return mean, error_of_mean
