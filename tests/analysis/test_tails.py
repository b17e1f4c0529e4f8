"""How a sound fades: votes fall where its reverb is, and nothing depends on its gain."""

import numpy as np
import pytest

from sitwell.analysis import OCTAVES_HZ, SpectrumMeter
from sitwell.analysis.tails import (
    TAIL_FEATURES,
    VOTE_DECAYS_S,
    VOTE_LEVELS_DB,
    Tails,
    measure_tails,
    tail_features,
)
from sitwell.audio import Audio

_BODY = slice(2, 6)  # 500 Hz to 4 kHz


def _fading(decay_s: float, *, level_db: float = -12.0, rate: int = 24_000, gain: float = 0.1) -> Tails:
    """Measure noise that sounds for 1 s and then falls to a tail so far below it, four times."""
    rng = np.random.default_rng(3)
    time_s = np.arange(round(2.5 * rate)) / rate
    tail = 10.0 ** (level_db / 20.0 - 3.0 * np.maximum(time_s - 1.0, 0.0) / decay_s)
    envelope = np.tile(np.where(time_s < 1.0, 1.0, tail), 4)
    return _measured(gain * envelope * rng.standard_normal(envelope.size), rate)


def _measured(sound: np.ndarray, rate: int) -> Tails:
    meter = SpectrumMeter(rate)
    for block in Audio.of(sound, rate).blocks():
        meter.process(block)
    return measure_tails(meter.finish())


@pytest.mark.parametrize("decay_s", [0.4, 0.9, 2.0])
def test_votes_fall_on_the_decay_time(decay_s: float) -> None:
    votes = _fading(decay_s).votes[_BODY].sum(axis=(0, 2))
    found_s = np.exp((votes * np.log(VOTE_DECAYS_S)).sum() / votes.sum())
    assert found_s == pytest.approx(decay_s, rel=0.15)  # a cell is 30 % wide; noise wavers


@pytest.mark.parametrize("level_db", [-6.0, -15.0])
def test_votes_fall_on_the_level_of_the_tail(level_db: float) -> None:
    votes = _fading(2.0, level_db=level_db).votes[_BODY].sum(axis=(0, 1))
    # 1 s of noise has come to 1 - 10^-3 of its sum at 2 s: the tail is read against all of what went before
    assert (votes * VOTE_LEVELS_DB).sum() / votes.sum() == pytest.approx(level_db, abs=2.0)  # dB, cells of 3 dB


def test_gain_changes_nothing() -> None:
    soft, loud = _fading(1.0, gain=0.001), _fading(1.0, gain=0.3)
    assert tail_features(soft) == pytest.approx(tail_features(loud), abs=0.01)  # float32


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_the_sample_rate_hardly_matters(rate: int) -> None:
    votes = _fading(1.2, rate=rate).votes[_BODY].sum(axis=(0, 2))
    assert np.exp((votes * np.log(VOTE_DECAYS_S)).sum() / votes.sum()) == pytest.approx(1.2, rel=0.15)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 10.0])
def test_silence_and_short_sounds_have_no_votes(seconds: float) -> None:
    tails = _measured(np.zeros(round(seconds * 24_000)), 24_000)
    assert not tails.votes.any()
    assert np.isfinite(tail_features(tails)).all()


def test_steady_noise_has_hardly_any_votes() -> None:
    steady = _measured(0.1 * np.random.default_rng(0).standard_normal(240_000), 24_000)
    assert steady.votes[_BODY].sum() < 0.1 * _fading(1.0).votes[_BODY].sum()


def test_features_have_the_shape_a_model_is_told() -> None:
    assert tail_features(_fading(1.0)).shape == (len(OCTAVES_HZ), TAIL_FEATURES)
