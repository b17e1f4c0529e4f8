"""Vocal against backing over the windows in which the vocal sings."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitwell.analysis import active_windows, frame_activity, measure_balance, window_energies
from tests.analysis.sounds import Floats


def energy(lufs: float) -> float:
    return float(10.0 ** ((lufs + 0.691) / 10.0))


def steady(lufs: float, seconds: float) -> Floats:
    return np.full(round(10 * seconds), energy(lufs))


def test_equal_loudness_is_0_lu_and_3_db_under_the_mix() -> None:
    found = measure_balance(steady(-20, 10), steady(-20, 10))
    assert found.vbr_lu == pytest.approx(0.0, abs=1e-9)
    assert found.vmr_db == pytest.approx(-3.0103, abs=1e-4)
    assert found.vocal_lufs == pytest.approx(-20.0, abs=1e-9)
    assert found.active_share == 1.0


def test_only_windows_with_singing_count() -> None:
    vocal = np.concatenate([steady(-20, 30), np.zeros(300)])
    backing = np.concatenate([steady(-23, 30), steady(-18, 30)])
    found = measure_balance(vocal, backing)
    # LU; two windows of thirty straddle the end; -3.2 LU if all counted
    assert found.vbr_lu == pytest.approx(3.0, abs=0.8)
    assert found.active_share == pytest.approx(30 / 58, abs=0.02)
    early = measure_balance(vocal[:300], backing[:300])
    assert early.vbr_lu == pytest.approx(3.0, abs=1e-9)


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_gain_moves_the_balance_by_itself(vocal_db: float, backing_db: float) -> None:
    rng = np.random.default_rng(0)
    vocal, backing = rng.exponential(0.01, 200), rng.exponential(0.01, 200)
    before = measure_balance(vocal, backing)
    after = measure_balance(vocal * 10 ** (vocal_db / 10), backing * 10 ** (backing_db / 10))
    assert after.vbr_lu - before.vbr_lu == pytest.approx(vocal_db - backing_db, abs=1e-9)  # LU
    assert after.active_share == before.active_share


def test_leading_silence_does_not_move_the_balance() -> None:
    rng = np.random.default_rng(0)
    vocal, backing = rng.exponential(0.01, 600), rng.exponential(0.01, 600)
    before = measure_balance(vocal, backing).vbr_lu
    silence = np.zeros(50)
    after = measure_balance(np.append(silence, vocal), np.append(silence, backing)).vbr_lu
    assert after == pytest.approx(before, abs=0.05)  # LU, one window in sixty is new


def test_the_shorter_sound_is_continued_by_silence() -> None:
    padded = measure_balance(steady(-20, 20), np.append(steady(-20, 10), np.zeros(100)))
    assert measure_balance(steady(-20, 20), steady(-20, 10)) == padded
    assert padded.vbr_lu == pytest.approx(3.0, abs=0.3)  # LU: half of the backing is missing
    assert math.isfinite(measure_balance(steady(-20, 10), steady(-20, 20)).vbr_lu)


def test_silent_backing_gives_infinity_without_warning() -> None:
    found = measure_balance(steady(-20, 10), np.zeros(100))
    assert found.vbr_lu == math.inf
    assert found.vmr_db == 0.0


@pytest.mark.parametrize("pieces", [0, 1, 3, 4, 29, 30, 31, 300])
def test_silent_vocal_gives_minus_infinity_without_warning(pieces: int) -> None:
    found = measure_balance(np.zeros(pieces), steady(-20, 30))
    assert found.vbr_lu == -math.inf
    assert found.vmr_db == -math.inf
    assert found.active_share == 0.0


@pytest.mark.parametrize("pieces", [1, 2, 3, 4, 5, 20, 29])
def test_short_sounds_have_a_balance(pieces: int) -> None:
    found = measure_balance(np.full(pieces, energy(-20)), np.full(pieces, energy(-26)))
    assert found.vbr_lu == pytest.approx(6.0, abs=1e-9)


def test_only_whole_windows_count() -> None:
    energies = np.zeros(305)
    energies[290:300] = 1.0
    energies[300:] = 7.0
    found = window_energies(energies)
    assert len(found) == 28
    assert found[-1] == pytest.approx(10 / 30)


def test_windows_are_3_s_every_second_and_400_ms_for_short_sounds() -> None:
    ramp = np.arange(60.0)
    assert window_energies(ramp).tolist() == [14.5, 24.5, 34.5, 44.5]
    assert window_energies(ramp[:6]).tolist() == [1.5, 2.5, 3.5]


def test_a_phrase_20_lu_down_is_not_singing() -> None:
    loud, soft = steady(-20, 30), steady(-41.5, 30)
    assert active_windows(np.append(loud, soft))[-20:].sum() == 0
    assert active_windows(np.append(loud, steady(-38, 30))).all()


def test_noise_below_minus_70_lufs_is_not_singing() -> None:
    assert not active_windows(steady(-71, 30)).any()
    assert active_windows(steady(-69, 30)).all()


def test_frames_follow_the_400_ms_around_them() -> None:
    energies = np.append(steady(-20, 5), np.zeros(50))
    times_s = (np.arange(1000) + 0.5) / 100
    active = frame_activity(energies, times_s)
    assert active[times_s < 5.0].all()
    assert not active[times_s > 5.3].any()


@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_frames_of_a_very_short_sound_have_an_answer(pieces: int) -> None:
    active = frame_activity(np.full(pieces, energy(-20)), np.array([0.01, 0.1, 0.25]))
    assert active.tolist() == [pieces > 0] * 3
