"""Intervals: against the closed form, wider when songs share artists, honest when there is little."""

import numpy as np
import numpy.typing as npt
import pytest

from sitwell.evaluate.bootstrap import estimate, mean_ratio, median, wins


def test_interval_of_a_mean_is_that_of_the_closed_form() -> None:
    values = np.random.default_rng(0).normal(3.0, 2.0, 400)
    found = estimate(values, [str(song) for song in range(400)])
    half = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.15 * half)
    assert (found.songs, found.artists) == (400, 400)


def test_songs_of_one_artist_are_drawn_together() -> None:
    per_artist = np.random.default_rng(1).normal(0.0, 1.0, 40)
    values = np.repeat(per_artist, 9)
    apart = estimate(values, [str(song) for song in range(360)])
    together = estimate(values, [str(song // 9) for song in range(360)])
    assert apart.low is not None
    assert apart.high is not None
    assert together.low is not None
    assert together.high is not None
    assert together.high - together.low == pytest.approx(3 * (apart.high - apart.low), rel=0.15)  # the root of nine


def test_interval_covers_the_truth_about_19_times_of_20() -> None:
    rng = np.random.default_rng(2)
    names, hits = [str(song) for song in range(25)], 0
    for seed in range(100):
        found = estimate(rng.normal(1.0, 1.0, 25), names, seed=seed)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 1.0 <= found.high
    assert 85 <= hits <= 100


def test_ratio_is_of_means_and_median_ignores_an_outlier() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 2.0], [0.0, 4.0]])
    assert estimate(rows, ["a", "b", "c"], mean_ratio).value == pytest.approx(0.5)
    assert estimate([1.0, 2.0, 1e9], ["a", "b", "c"], median).value == 2.0


def test_wins_count_ties_half() -> None:
    rows = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 2.0], [0.0, 2.0]])
    assert estimate(rows, list("abcd"), wins).value == pytest.approx(0.625)


def test_songs_without_a_value_are_left_out() -> None:
    found = estimate([1.0, np.nan, 3.0], ["a", "a", "b"])
    assert (found.value, found.songs, found.artists) == (2.0, 2, 2)


def test_one_artist_gives_no_interval_and_no_song_no_value() -> None:
    assert estimate([1.0, 2.0], ["a", "a"]).low is None
    assert estimate([], []).value is None
    assert estimate([np.nan], ["a"]).songs == 0


def test_same_seed_gives_the_same_interval() -> None:
    values, names = np.random.default_rng(3).normal(size=20), [str(song) for song in range(20)]
    assert estimate(values, names, seed=5) == estimate(values, names, seed=5)
    assert estimate(values, names, seed=5) != estimate(values, names, seed=6)


def test_all_songs_of_a_drawn_artist_count() -> None:
    seen = set[float]()

    def mean(rows: npt.NDArray[np.float64]) -> float:
        seen.add(round(float(rows.mean()), 6))
        return float(rows.mean())

    estimate([1.0] * 9 + [0.0], ["a"] * 9 + ["b"], mean)
    assert seen == {0.0, 0.9, 1.0}  # b twice, both, a twice
