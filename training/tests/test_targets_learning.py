"""Choosing and judging of models on made-up features: learns what is there, finds nothing where nothing is."""

import numpy as np
import numpy.typing as npt
import pytest

from sitwell.analysis import FEATURES
from sitwell_training.targets import LEVEL, RANGE, Target, song_weights
from sitwell_training.targets.conformal import COVERAGE, bounds, interval
from sitwell_training.targets.estimators import FAMILIES, FEATURE_SETS, Recipe, columns_of, recipes
from sitwell_training.targets.graph import run_onnx, to_onnx
from sitwell_training.targets.nested import TRUST, Songs, choose, fit, nested
from sitwell_training.targets.rows import TAKE, WHOLE, Rows
from sitwell_training.targets.skill import judge, table
from sitwell_training.targets.target import weighted_quantile

Floats = npt.NDArray[np.float64]
RIDGE = (Recipe("ridge", "range", 6.0), Recipe("ridge", "dynamics", 6.0))
PLANTED = FEATURES.index("backing_range_log_lu")


def made_up(seed: int, *, slope: float, artists: int = 14, logarithmic: bool = False) -> Songs:
    """Draw songs, one to five by an artist, whose label follows one feature by a slope, plus noise of 1.5 LU."""
    rng = np.random.default_rng(seed)
    names = [f"artist{artist}" for artist in range(artists) for _ in range(1 + artist % 5)]
    count, views = len(names), 4
    true = rng.standard_normal((count, len(FEATURES)))
    labels = -3.0 + slope * true[:, PLANTED] + 1.5 * rng.standard_normal(count)
    if logarithmic:
        labels = np.exp(2.0 + 0.2 * (labels + 3.0))
    song = np.repeat(np.arange(count), views)
    rows = Rows(
        features=true[song] + 0.1 * rng.standard_normal((count * views, len(FEATURES))),
        song=song,
        kind=np.tile([WHOLE, TAKE, TAKE, TAKE], count),
        own_range_lu=rng.uniform(4.0, 24.0, count * views),
    )
    return Songs(rows, tuple(names), labels, FEATURES, np.full(count, 100.0))


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw fewer bootstrap samples: nothing here is told by the last digit of an interval."""
    monkeypatch.setattr("sitwell.evaluate.bootstrap.DRAWS", 200)


# --- Judging


def test_a_planted_relation_is_learned() -> None:
    songs = made_up(0, slope=2.0)
    skills = judge(nested(songs, LEVEL, recipes=RIDGE, seed=0), songs, LEVEL)
    assert skills["chosen"].shown
    assert skills["chosen"].gain.value is not None
    assert skills["chosen"].gain.value > 0.2
    assert choose(songs, LEVEL, recipes=RIDGE, seed=0)["chosen"].recipe == RIDGE[0]  # the plainest that does it


def noise_gains(recipes: tuple[Recipe, ...]) -> list[float]:
    songs = [made_up(seed, slope=0.0) for seed in range(6)]
    skills = [judge(nested(some, LEVEL, recipes=recipes, seed=0), some, LEVEL)["chosen"] for some in songs]
    assert sum(skill.shown for skill in skills) <= 1
    return [skill.gain.value or 0.0 for skill in skills]


def test_noise_is_not_learned_and_costs_next_to_nothing() -> None:
    gains = noise_gains(RIDGE)
    assert np.mean(gains) > -0.02  # of the constant's error
    assert min(gains) > -0.05


def test_the_check_of_noise_finds_trust_that_is_not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitwell_training.targets.nested.TRUST", np.array([1.0]))
    monkeypatch.setattr("sitwell_training.targets.nested.CAUTION", -10.0)
    assert np.mean(noise_gains((Recipe("ridge", "arrangement", 0.01),))) < -0.05


def test_predictions_do_not_see_the_artist_they_are_for() -> None:
    songs = made_up(1, slope=2.0)
    before = nested(songs, LEVEL, recipes=RIDGE[:1], seed=0).predicted["chosen"]
    strange = songs.labels.copy()
    artist = np.array(songs.artists) == "artist4"
    strange[artist] += 100.0
    changed = Songs(songs.rows, songs.artists, strange, songs.names, songs.seconds)
    after = nested(changed, LEVEL, recipes=RIDGE[:1], seed=0).predicted["chosen"]
    np.testing.assert_array_equal(before[artist], after[artist])
    assert np.abs(before[~artist] - after[~artist]).max() > 0.01


@pytest.mark.parametrize("target", [LEVEL, RANGE])
def test_the_table_has_every_method(target: Target) -> None:
    songs = made_up(2, slope=2.0, logarithmic=target.logarithmic)
    text = table(judge(nested(songs, target, recipes=RIDGE[:1], seed=0), songs, target))
    for method in ("constant", "rules", "ridge", "chosen"):
        assert f"| {method} |" in text
    assert text.count("\n") == 5


def test_trust_runs_from_nothing_to_all() -> None:
    assert TRUST[0] == 0.0
    assert TRUST[-1] == 1.0


# --- The constant


def test_few_songs_lean_on_what_is_published() -> None:
    few = LEVEL.constant(np.array([3.0]), np.array([1.0]))
    many = LEVEL.constant(np.full(200, 3.0), np.ones(200))
    assert few == pytest.approx(LEVEL.prior.mean, abs=0.5)  # LU
    assert many == pytest.approx(3.0, abs=0.1)


def test_weighted_quantile_of_equal_weights_is_the_median() -> None:
    values = np.array([5.0, 1.0, 9.0, 3.0, 7.0])
    assert weighted_quantile(values, np.ones(5), 0.5) == pytest.approx(5.0)
    assert weighted_quantile(values, np.array([9.0, 1.0, 1.0, 1.0, 1.0]), 0.5) == pytest.approx(5.0, abs=0.5)
    assert weighted_quantile(values, np.array([1.0, 99.0, 1.0, 1.0, 1.0]), 0.5) == pytest.approx(1.0, abs=0.2)


def test_many_songs_by_one_artist_weigh_as_their_square_root() -> None:
    weights = song_weights(["a"] * 9 + ["b"])
    assert weights[:9].sum() == pytest.approx(3.0 * weights[9])
    assert song_weights(["a", "b"], [30.0, 300.0]).tolist() == [0.5, 1.0]


# --- Intervals


def draw_errors(seed: int, artists: int = 30) -> tuple[Floats, list[str]]:
    """Draw lopsided errors (songs, views) of artists with several songs each that err somewhat alike."""
    rng = np.random.default_rng(seed)
    names = [f"a{artist}" for artist in range(artists) for _ in range(3)]
    own = np.repeat(rng.standard_normal(artists), 3)
    errors = 0.6 * own + rng.gamma(2.0, 1.0, len(names)) - 2.0
    return np.stack([errors, errors + 0.1 * rng.standard_normal(len(names))], axis=1), names


def test_intervals_hold_80_percent_of_new_artists() -> None:
    inside = []
    for seed in range(30):
        known, names = draw_errors(seed)
        found = interval(known, names, song_weights(names))
        assert 0.75 <= found.coverage <= 0.85
        new, _ = draw_errors(1000 + seed)
        inside.append(((new >= found.low) & (new <= found.high)).mean())
    assert np.mean(inside) == pytest.approx(COVERAGE, abs=0.04)


def test_the_check_of_coverage_finds_a_narrow_interval() -> None:
    known, names = draw_errors(0)
    low, high = bounds(known, song_weights(names), 0.6)
    assert ((known >= low) & (known <= high)).mean() < 0.7


def test_an_interval_follows_the_side_of_the_errors() -> None:
    known, names = draw_errors(1)
    found = interval(np.abs(known), names, song_weights(names))
    assert found.low == 0.0
    assert found.high > 0.0


def test_few_errors_give_the_largest_of_them() -> None:
    low, high = bounds(np.array([[-1.0], [2.0], [0.5]]), np.ones(3), 0.8)
    assert (low, high) == (-1.0, 2.0)


# --- Recipes and graphs


def test_sets_of_features_are_features() -> None:
    for name, features in FEATURE_SETS.items():
        assert set(features or ()) <= set(FEATURES), name
        assert len(columns_of(name, FEATURES)) == len(features or FEATURES)


def test_every_family_is_chosen_from() -> None:
    assert {recipe.family for recipe in recipes()} == set(FAMILIES)
    assert len(set(recipes())) == len(recipes())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("target", [LEVEL, RANGE])
def test_a_graph_gives_what_scikit_learn_gives(family: str, target: Target) -> None:
    songs = made_up(5, slope=1.0, logarithmic=target.logarithmic)
    recipe = next(recipe for recipe in recipes((family,)) if recipe.features == "arrangement")
    fitted = fit(recipe, songs, target, seed=1)
    graph = to_onnx(fitted, target, features=len(FEATURES))
    far = 20.0 * np.random.default_rng(0).standard_normal((50, len(FEATURES)))  # beyond anything seen
    for features in (songs.rows.features, far):
        expected = target.unscaled(fitted.predict(features))
        np.testing.assert_allclose(run_onnx(graph, features), expected, atol=1e-4)  # LU
    assert graph == to_onnx(fit(recipe, songs, target, seed=1), target, features=len(FEATURES))
