"""The compressor: the static curve is the formula's, the time constants are heard, silence costs nothing."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitwell import core
from tests.core.sounds import Floats, Sound, gain, noise

RATE = 44100
VOCAL: dict[str, float] = {
    "threshold_db": -22, "ratio": 3, "knee_db": 6, "attack_ms": 3, "release_ms": 200,
}  # fmt: skip


def curve_db(level_db: Floats, threshold_db: float, ratio: float, knee_db: float) -> Floats:
    """Output level of the gain computer (Giannoulis, Massberg, Reiss 2012, eq. 4)."""
    over = level_db - threshold_db
    bend = level_db + (1 / ratio - 1) * (over + knee_db / 2) ** 2 / (2 * max(knee_db, 1e-9))
    above = threshold_db + over / ratio
    return np.where(2 * over < -knee_db, level_db, np.where(2 * np.abs(over) <= knee_db, bend, above))


def reference_gain_db(level_db: Floats, rate_hz: float, knobs: dict[str, float]) -> Floats:
    """Gain by the smooth decoupled detector (eq. 17), sample by sample in Python."""
    wanted = level_db - curve_db(level_db, knobs["threshold_db"], knobs["ratio"], knobs["knee_db"])
    attack, release = (np.exp(-1000 / (knobs[k] * rate_hz)) for k in ("attack_ms", "release_ms"))
    peak = smooth = 0.0
    found = []
    for value in wanted:
        peak = max(value, release * peak + (1 - release) * value)
        smooth = attack * smooth + (1 - attack) * peak
        found.append(-smooth)
    return np.array(found)


@settings(max_examples=50)
@given(threshold=st.floats(-60, 0), ratio=st.floats(1, 20), knee=st.floats(0, 24), level=st.floats(-100, 6))
def test_steady_levels_follow_the_curve(threshold: float, ratio: float, knee: float, level: float) -> None:
    levels = np.full(2000, level, dtype=np.float32)
    knobs = {"threshold_db": threshold, "ratio": ratio, "knee_db": knee}
    found = core.compressor_gain_db(levels, rate_hz=1000, attack_ms=1, release_ms=1, **knobs)
    expected = curve_db(levels[:1].astype(np.float64), threshold, ratio, knee)[0] - float(levels[0])
    assert found[-1] == pytest.approx(expected, abs=2e-5)  # dB, float32 levels near 100 dB


def test_gain_over_time_is_the_reference() -> None:
    rng = np.random.default_rng(3)
    levels = np.repeat(rng.uniform(-60, 0, 40), 50).astype(np.float32)
    found = core.compressor_gain_db(levels, rate_hz=1000, **VOCAL)
    assert found == pytest.approx(reference_gain_db(levels.astype(np.float64), 1000, VOCAL), abs=2e-5)  # dB


def test_sound_is_multiplied_by_the_reference_gain() -> None:
    sound = noise(4, 8000)
    expected_db = reference_gain_db(20 * np.log10(np.abs(sound).max(axis=0).astype(np.float64)), RATE, VOCAL)
    compressed, gain_db = run(sound, makeup_db=4.0)
    assert gain_db == pytest.approx(expected_db, abs=5e-5)  # dB
    assert compressed == pytest.approx(sound * 10 ** ((expected_db + 4) / 20), abs=1e-5)  # full scale


def run(sound: Sound, makeup_db: float = 0.0, **knobs: float) -> tuple[Sound, npt.NDArray[np.float32]]:
    """Compress a copy, at once."""
    settings_: dict[str, Any] = {**VOCAL, **knobs}
    out = sound.copy()
    gain_db = np.empty(sound.shape[1], dtype=np.float32)
    core.Compressor(sample_rate=RATE, makeup_db=makeup_db, **settings_).process(out, gain_db)
    return out, gain_db


@pytest.mark.parametrize("attack_ms", [1.0, 10.0, 50.0])
def test_attack_reaches_63_percent_after_its_time(attack_ms: float) -> None:
    step = np.full((2, RATE), gain(-2), dtype=np.float32)
    _, gain_db = run(step, attack_ms=attack_ms, release_ms=500)
    reached = int(np.argmax(gain_db < gain_db[-1] * (1 - np.exp(-1)))) / RATE * 1000
    assert reached == pytest.approx(attack_ms, abs=0.05)  # ms, two samples


@pytest.mark.parametrize("release_ms", [40.0, 300.0])
def test_release_is_heard(release_ms: float) -> None:
    """After a loud second, 37 % of the reduction is left after the release time."""
    sound = np.full((2, 2 * RATE), gain(-2), dtype=np.float32)
    sound[:, RATE:] = gain(-60)
    _, gain_db = run(sound, attack_ms=0.1, release_ms=release_ms)
    left = gain_db[RATE:] > gain_db[RATE - 1] * np.exp(-1)
    assert int(np.argmax(left)) / RATE * 1000 == pytest.approx(release_ms, abs=0.5)  # ms, attack and two samples


def test_below_the_knee_nothing_changes() -> None:
    sound = noise(6, 10_000, level=0.01)
    out, gain_db = run(np.clip(sound, -gain(-25.5), gain(-25.5)))
    assert np.array_equal(out, np.clip(sound, -gain(-25.5), gain(-25.5)).astype(np.float32))
    assert not gain_db.any()


def test_after_a_release_the_gain_is_exactly_none() -> None:
    sound = noise(10, 3 * RATE, level=0.001)
    sound[:, :1000] = 0.9
    out, gain_db = run(sound, release_ms=20)
    assert gain_db[:2000].all()
    assert not gain_db[-RATE:].any()
    assert np.array_equal(out[:, -RATE:], sound[:, -RATE:])


def test_ratio_one_is_a_wire() -> None:
    sound = noise(7, 10_000)
    assert np.array_equal(run(sound, ratio=1.0)[0], sound)


def test_channels_keep_their_balance() -> None:
    sound = noise(8, 10_000)
    sound[1] *= 0.25
    out, _ = run(sound)
    loud = np.abs(sound).min(axis=0) > 1e-3
    assert (out[1] / sound[1])[loud] == pytest.approx((out[0] / sound[0])[loud], rel=1e-6)


@given(start=st.integers(0, 4000))
@settings(max_examples=20)
def test_quiet_stretches_are_skipped_without_a_trace(start: int) -> None:
    """The path for quiet chunks gives the same bits as the full path, which one loud channel forces."""
    sound = noise(9, 6000, level=0.002)
    sound[:, start : start + 40] = 0.9
    two, _ = run(sound)
    loud = np.concatenate([sound, np.full((1, 6000), gain(-25.02), dtype=np.float32)])  # just below the knee
    three, _ = run(loud)
    assert np.array_equal(two, three[:2])


def test_gain_must_be_as_long_as_the_block() -> None:
    compressor = core.Compressor(sample_rate=RATE, makeup_db=0, **VOCAL)
    with pytest.raises(ValueError, match="as long as"):
        compressor.process(np.zeros((2, 10), dtype=np.float32), np.zeros(9, dtype=np.float32))
