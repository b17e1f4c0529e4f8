"""What a model of level or range must not be able to see, each with a leak opened on purpose."""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import pytest

from sitwell.analysis import FEATURES, Track, measure_balance, measure_features, measure_track
from sitwell.audio import Audio
from sitwell_training.targets import Example
from sitwell_training.targets import rows as rows_module
from sitwell_training.targets.augment import augment_vocal, crop, with_dynamics, with_gain, with_noise, with_response
from sitwell_training.targets.nested import Index, folds
from sitwell_training.targets.rows import CROP_S, STRETCH, TAKE, WHOLE, make_rows
from tests.songs import song, voice

Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def parts() -> tuple[Track, Track]:
    vocal, backing = song(20.0)
    return measure_track(vocal), measure_track(backing)


@pytest.fixture(scope="module")
def examples(parts: tuple[Track, Track]) -> list[Example]:
    """Make 40 songs whose label is the loudness range of their vocal, from narrow to wide."""
    made = []
    for number in range(40):
        vocal = with_dynamics(parts[0], np.random.default_rng(number), range_lu=2.0 + 0.4 * number)
        own = vocal.loudness.loudness_range_lu
        made.append(Example(f"song{number}", f"artist{number // 2}", vocal, parts[1], 0.2 * number - 4.0, own))
    return made


# --- 1: a random gain of either input leaves nothing to tell their balance by


Measure = Callable[[Track, Track], Floats]


def balance_told(measure: Measure, parts: tuple[Track, Track]) -> float:
    """Find how much the features of one song move when its balance does, in random gains of +-12 dB."""
    rng = np.random.default_rng(0)
    vocals = [with_gain(parts[0], np.full(len(parts[0].energies), rng.uniform(-12.0, 12.0))) for _ in range(12)]
    assert np.ptp([measure_balance(vocal.energies, parts[1].energies).vbr_lu for vocal in vocals]) > 6.0
    return float(np.ptp([measure(vocal, parts[1]) for vocal in vocals], axis=0).max())


def with_balance(vocal: Track, backing: Track) -> Floats:
    return np.append(measure_features(vocal, backing), measure_balance(vocal.energies, backing.energies).vbr_lu)


def test_the_balance_of_the_input_is_not_seen(parts: tuple[Track, Track]) -> None:
    assert balance_told(measure_features, parts) < 1e-3


def test_the_check_of_gain_finds_the_balance(parts: tuple[Track, Track]) -> None:
    assert balance_told(with_balance, parts) > 1.0


# --- 2: the loudness range of the input says nothing of the label


def range_told(examples: list[Example]) -> float:
    """Correlate the range of what a model is given with the range it is to predict."""
    rows = make_rows(examples, seed=0, takes=4)
    takes = rows.kind == TAKE
    labels = np.array([example.loudness_range_lu for example in examples])[rows.song[takes]]
    return float(np.corrcoef(rows.own_range_lu[takes], labels)[0, 1])


def test_the_range_of_a_take_tells_nothing_of_the_label(examples: list[Example]) -> None:
    assert abs(range_told(examples)) < 0.05


def test_the_check_of_ranges_finds_a_vocal_left_as_it_was(
    examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "augment_vocal", lambda track, _rng, **_: track)
    assert range_told(examples) > 0.9


@pytest.mark.parametrize("range_lu", [5.0, 12.0, 20.0])
def test_a_take_has_the_range_that_was_drawn(parts: tuple[Track, Track], range_lu: float) -> None:
    found = [
        with_dynamics(parts[0], np.random.default_rng(seed), range_lu=range_lu).loudness.loudness_range_lu
        for seed in range(5)
    ]
    assert np.median(np.abs(np.array(found) - range_lu)) < 1.0  # LU


def test_features_of_takes_tell_nothing_of_the_range(parts: tuple[Track, Track]) -> None:
    """No feature follows the dynamics a vocal was given: all songs are one song here."""
    same = [Example(f"{n}", f"{n}", parts[0], parts[1], 0.0, 0.0) for n in range(12)]
    rows = make_rows(same, seed=1, takes=6)
    takes = rows.kind == TAKE
    standard = rows.features[takes] - rows.features[takes].mean(axis=0)
    moving = standard.std(axis=0) > 1e-6
    own = rows.own_range_lu[takes] - rows.own_range_lu[takes].mean()
    r = (standard[:, moving] * own[:, None]).mean(axis=0) / (standard[:, moving].std(axis=0) * own.std())
    told = dict(zip(np.array(FEATURES)[moving].tolist(), r.tolist(), strict=True))
    shares = {"vocal_active_share", "backing_lift_lu", "vocal_onsets_per_s"}  # what falls silent, sings no more
    assert max(abs(value) for name, value in told.items() if name not in shares) < 0.5, told


# --- 4: split by artist; labels from the whole song, inputs from stretches


ARTISTS = ["a"] * 5 + ["b"] * 3 + ["c", "d", "e", "f", "f", "a"]


def shared_artists(splits: Iterable[tuple[Index, Index]]) -> int:
    of = np.array(ARTISTS)
    return sum(len(set(of[kept]) & set(of[left])) for kept, left in splits)


@pytest.mark.parametrize("count", [2, 3, 5, 20])
def test_no_artist_is_on_both_sides(count: int) -> None:
    splits = list(folds(ARTISTS, count))
    assert len(splits) == min(count, 6)
    assert sorted(np.concatenate([left for _, left in splits]).tolist()) == list(range(len(ARTISTS)))
    assert shared_artists(splits) == 0


def test_the_check_of_artists_finds_a_split_by_song() -> None:
    songs = [str(number) for number in range(len(ARTISTS))]
    assert shared_artists(folds(songs, 4)) > 0


def long_song() -> Example:
    vocal, backing = measure_track(voice(100.0, 16000)), measure_track(song(100.0, 16000)[1])
    return Example("long", "x", vocal, backing, -3.0, 7.0)


def test_stretches_are_at_least_30_s_and_cut_from_both(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[float, float, int, int]] = []

    def watched(vocal: Track, backing: Track) -> Floats:
        seen.append((vocal.seconds, backing.seconds, len(vocal.energies), vocal.spectrum.frames))
        return measure_features(vocal, backing)

    monkeypatch.setattr(rows_module, "measure_features", watched)
    rows = make_rows([long_song()], seed=3, takes=3)
    assert rows.kind.tolist() == [WHOLE, STRETCH, STRETCH, TAKE, TAKE, TAKE]
    assert seen[0][0] == pytest.approx(100.0)
    for vocal_s, backing_s, pieces, frames in seen[1:]:
        assert CROP_S <= vocal_s < 100.0
        assert vocal_s == backing_s
        assert pieces == pytest.approx(10 * vocal_s, abs=2)
        assert frames == pytest.approx(vocal_s * 31.25, abs=2)
    assert len({vocal_s for vocal_s, *_ in seen}) == 6


def test_a_stretch_is_that_part_of_the_song(parts: tuple[Track, Track]) -> None:
    part = crop(parts[0], start_s=4.0, seconds=8.0)
    np.testing.assert_array_equal(part.energies, parts[0].energies[40:120])
    first = round(4.0 * parts[0].spectrum.frame_rate_hz)
    np.testing.assert_array_equal(part.spectrum.bark[0], parts[0].spectrum.bark[first])
    assert part.loudness.loudness_range_lu != parts[0].loudness.loudness_range_lu


# --- 5: tone, noise and band limits of takes differ


def tone_sd_db(make: Callable[[Track, np.random.Generator], Track], track: Track) -> Floats:
    """Find how much the spectrum of takes differs between them, per third octave."""
    levels = []
    for seed in range(12):
        power = make(track, np.random.default_rng(seed)).spectrum.third_octave.mean(axis=0)
        levels.append(10 * np.log10(power / power.sum()))
    return np.asarray(np.std(levels, axis=0))


def test_takes_differ_in_tone(parts: tuple[Track, Track]) -> None:
    sd_db = tone_sd_db(augment_vocal, parts[0])
    assert sd_db[10:28].mean() > 2.0  # dB, 200 Hz to 10 kHz


def test_the_check_of_tone_finds_takes_that_only_move(parts: tuple[Track, Track]) -> None:
    only_dynamics = tone_sd_db(lambda track, rng: with_dynamics(track, rng, range_lu=10.0), parts[0])
    assert only_dynamics[10:28].mean() < 2.0


def test_a_response_changes_loudness_as_a_filter_would(parts: tuple[Track, Track]) -> None:
    flat = with_response(parts[0], lambda hz: np.full(len(hz), 6.0))
    np.testing.assert_allclose(flat.energies, parts[0].energies * 10**0.6, rtol=1e-6)
    bright = with_response(parts[0], lambda hz: np.where(hz > 1500.0, 6.0, 0.0))
    change_lu = bright.loudness.integrated_lufs - parts[0].loudness.integrated_lufs
    assert 0.3 < change_lu < 6.0


def test_noise_fills_the_pauses_and_little_else(parts: tuple[Track, Track]) -> None:
    noisy = with_noise(parts[0], level_db=-40.0, tilt_db=-2.0)
    assert noisy.loudness.integrated_lufs == pytest.approx(parts[0].loudness.integrated_lufs, abs=0.1)  # LU
    quiet = parts[0].energies < np.quantile(parts[0].energies, 0.2)
    assert (noisy.energies[quiet] > 3.0 * parts[0].energies[quiet]).all()


def test_a_track_of_silence_or_nothing_can_be_taken_again() -> None:
    for seconds in (0.0, 0.3, 8.0):
        silent = measure_track(Audio.of(np.zeros((2, int(seconds * 16000))), 16000))
        made = augment_vocal(silent, np.random.default_rng(0))
        assert len(made.energies) == len(silent.energies)
        assert np.isfinite(made.spectrum.bark).all()
