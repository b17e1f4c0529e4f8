"""Labels against songs whose answers are known by how they were made."""

import numpy as np
import pytest

from sitwell.analysis import THIRD_OCTAVES_HZ, Track, measure_track
from sitwell.audio import Audio
from sitwell.errors import InputError
from sitwell_training.labels import Labels, measure_labels
from tests.songs import scaled, song, voice

RATE = 22050
SECONDS = 30.0


def noise(seconds: float, *, level_db: float = -20.0, seed: int = 0) -> np.ndarray:
    samples = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return np.asarray(10 ** (level_db / 20) * samples)


def track(samples: np.ndarray) -> Track:
    return measure_track(Audio.of(samples, RATE))


def ramp_db(low: float, high: float) -> np.ndarray:
    return np.asarray(10 ** (np.linspace(low, high, int(SECONDS * RATE)) / 20))


def labels_of(vocal: np.ndarray, backing: np.ndarray) -> Labels:
    return measure_labels(track(vocal), track(backing))


def test_vbr_is_the_gain_between_equal_sounds() -> None:
    found = labels_of(noise(SECONDS, level_db=-26.0, seed=1), noise(SECONDS, level_db=-20.0, seed=2))
    assert found.vbr_lu == pytest.approx(-6.0, abs=0.1)  # LU: two draws of noise
    assert found.vbr_spread_lu == pytest.approx(0.0, abs=0.1)
    assert found.vbr_slope is None  # the backing does not move


def test_a_vocal_that_moves_with_the_backing_has_slope_one() -> None:
    rise = ramp_db(-10.0, 0.0)
    found = labels_of(rise * noise(SECONDS, seed=1), rise * noise(SECONDS, seed=2))
    assert found.vbr_slope == pytest.approx(1.0, abs=0.05)
    assert found.vbr_spread_lu == pytest.approx(0.0, abs=0.1)


def test_a_vocal_that_moves_half_as_far_has_slope_one_half() -> None:
    found = labels_of(ramp_db(-5.0, 0.0) * noise(SECONDS, seed=1), ramp_db(-10.0, 0.0) * noise(SECONDS, seed=2))
    assert found.vbr_slope == pytest.approx(0.5, abs=0.05)
    # 28 windows of 3 s over a ramp of 5 dB that differs by 4.5 dB from first to last: uniform, sd 4.5 / sqrt(12).
    assert found.vbr_spread_lu == pytest.approx(4.5 / np.sqrt(12), abs=0.15)  # LU


def test_the_loudness_range_is_that_of_the_vocal_alone() -> None:
    half = int(SECONDS / 2) * RATE
    steps = np.repeat([10 ** (-10 / 20), 1.0], half)  # two levels, 10 dB apart (as in EBU Tech 3342)
    moving = labels_of(steps * noise(SECONDS, seed=1), noise(SECONDS, seed=2))
    steady = labels_of(noise(SECONDS, seed=1), steps * noise(SECONDS, seed=2))
    assert moving.loudness_range_lu == pytest.approx(10.0, abs=0.5)  # LU
    assert steady.loudness_range_lu == pytest.approx(0.0, abs=0.5)


def test_labels_do_not_see_what_happens_while_nobody_sings() -> None:
    time_s = np.arange(int(SECONDS * RATE)) / RATE
    vocal = np.where(time_s < 15.0, noise(SECONDS, seed=1), 0.0)
    # The last window in which the vocal sings begins before 15 s and lasts 3 s.
    steady, changing = (np.where(time_s < 18.0, 1.0, gain) * noise(SECONDS, seed=2) for gain in (1.0, 4.0))
    one, other = labels_of(vocal, steady), labels_of(vocal, changing)
    assert other.vbr_lu == pytest.approx(one.vbr_lu, abs=0.01)  # LU; the whole song would say -8
    assert np.abs(np.subtract(one.backing_db, other.backing_db)).max() < 0.01  # dB


def test_spectra_show_where_the_sound_is() -> None:
    time_s = np.arange(int(SECONDS * RATE)) / RATE
    tone = 0.1 * np.sin(2 * np.pi * 1000.0 * time_s)
    found = labels_of(tone, noise(SECONDS))
    at = int(np.argmax(found.vocal_db))
    assert THIRD_OCTAVES_HZ[at] == pytest.approx(1000.0, rel=0.13)
    assert found.vocal_db[at] == pytest.approx(-23.0, abs=0.3)  # dB: 0.1 peak, mean square 0.005
    assert len(found.vocal_db) == len(found.backing_db) == 31


def test_a_generated_song_gives_the_same_labels_at_another_gain_of_both() -> None:
    vocal, backing = song(SECONDS, RATE)
    one = measure_labels(measure_track(vocal), measure_track(backing))
    other = measure_labels(measure_track(scaled(vocal, -12.0)), measure_track(scaled(backing, -12.0)))
    assert other.vbr_lu == pytest.approx(one.vbr_lu, abs=0.01)
    assert other.loudness_range_lu == pytest.approx(one.loudness_range_lu, abs=0.01)
    assert other.vocal_lufs == pytest.approx(one.vocal_lufs - 12.0, abs=0.01)


@pytest.mark.parametrize(
    ("vocal", "backing", "code"),
    [
        (np.zeros(RATE * 10), noise(10.0), "song.no_singing"),
        (np.concatenate([noise(2.0), np.zeros(RATE * 28)]), noise(30.0), "song.little_singing"),
        (noise(10.0), np.zeros(RATE * 10), "song.backing_silent"),
    ],
)
def test_songs_that_say_nothing_are_refused(vocal: np.ndarray, backing: np.ndarray, code: str) -> None:
    with pytest.raises(InputError) as caught:
        labels_of(vocal, backing)
    assert caught.value.code == code


def test_labels_survive_being_written() -> None:
    found = measure_labels(measure_track(voice(10.0, RATE)), track(noise(10.0)))
    assert Labels.from_dict(found.to_dict()) == found
