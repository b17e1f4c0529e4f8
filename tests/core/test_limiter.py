"""The limiter: no common meter reads more than the ceiling, whatever comes in, and nothing happens below it."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitwell import core
from tests.core.sounds import Floats, Sound, db, ebur128_true_peak_dbtp, ffmpeg_summary, gain, noise, sine

RATE = 44100
COUNT = RATE
CEILING_DBTP = -1.0
RNG = np.random.default_rng(11)
N = np.arange(COUNT)


def limited(
    sound: Sound, *, sample_rate: int = RATE, ceiling_dbtp: float = CEILING_DBTP, lookahead_ms: float = 2
) -> tuple[Sound, float]:
    """Limit a sound as a renderer does: feed the latency in zeros, drop as many samples; also the reduction in dB."""
    limiter = core.Limiter(
        sample_rate=sample_rate, channels=sound.shape[0], ceiling_dbtp=ceiling_dbtp,
        lookahead_ms=lookahead_ms, release_ms=100,
    )  # fmt: skip
    out = np.pad(sound, ((0, 0), (0, limiter.latency_samples)))
    limiter.process(out)
    return np.ascontiguousarray(out[:, limiter.latency_samples :]), limiter.max_reduction_db


def clicks(width: int) -> Floats:
    """Single impulses above full scale, `width` samples each."""
    wave = np.zeros(COUNT)
    for start in RNG.integers(0, COUNT - width, 40):
        wave[start : start + width] = 2
    return wave


def at_both_ends(burst: Floats) -> Floats:
    """Put a burst on the first and on the last samples of silence."""
    wave = np.zeros(COUNT)
    wave[: len(burst)] = burst
    wave[-len(burst) :] = burst
    return wave


NASTY: dict[str, Callable[[], Floats]] = {
    "square 1 kHz": lambda: np.sign(np.sin(2 * np.pi * 1000 / RATE * N + 0.1)),
    "square fs/8": lambda: np.sign(np.sin(2 * np.pi * N / 8 + 0.1)),
    "square fs/6.37": lambda: np.sign(np.sin(2 * np.pi * N / 6.37 + 0.1)),
    "uniform noise": lambda: RNG.uniform(-1, 1, COUNT),
    "loud noise": lambda: 4 * RNG.standard_normal(COUNT),
    "random signs": lambda: np.sign(RNG.standard_normal(COUNT)),
    "clicks": lambda: clicks(1),
    "double clicks": lambda: clicks(2),
    "fs/4 at 45 degrees": lambda: 1.5 * np.sin(np.pi / 2 * N + np.pi / 4),
    "20 kHz": lambda: 1.5 * np.sin(2 * np.pi * 20000 / RATE * N + 0.3),
    "gated tone": lambda: 3 * np.sin(2 * np.pi * 9500 / RATE * N) * (np.sin(2 * np.pi * 7 / RATE * N) > 0),
    "clipped": lambda: np.clip(4 * np.convolve(RNG.standard_normal(COUNT), np.ones(8) / 8, "same"), -1, 1),
    "bursts at both ends": lambda: at_both_ends(2 * np.sin(np.pi / 2 * N[:64] + np.pi / 4)),
    "clicks at both ends": lambda: at_both_ends(np.array([2.0])),
    "pairs at both ends": lambda: at_both_ends(np.array([1.5, 1.5])),
    "constant": lambda: np.full(COUNT, 2.0),
}


def nasty(name: str) -> Sound:
    """Make a nasty sound; the right channel differs a little."""
    wave = NASTY[name]()
    return np.stack([wave, 0.9 * wave]).astype(np.float32)


@pytest.mark.parametrize("lookahead_ms", [1.0, 5.0])
@pytest.mark.parametrize("name", NASTY)
def test_other_meters_read_no_more_than_the_ceiling(name: str, lookahead_ms: float, ffmpeg: str) -> None:
    out, reduction_db = limited(nasty(name), lookahead_ms=lookahead_ms)
    assert reduction_db > 1
    assert ebur128_true_peak_dbtp(out, RATE) <= CEILING_DBTP + 0.05  # dB
    assert ffmpeg_summary(ffmpeg, out, RATE)["Peak"] <= CEILING_DBTP + 0.1  # dB, one printed decimal


@pytest.mark.parametrize("sample_rate", [8000, 22050, 48000, 96000, 192000])
def test_ceiling_holds_at_any_rate(sample_rate: int) -> None:
    loud = noise(3, sample_rate, level=0.5)
    out, _ = limited(loud, sample_rate=sample_rate)
    assert ebur128_true_peak_dbtp(out, sample_rate) <= CEILING_DBTP + 0.1  # dB


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1), level=st.floats(0.1, 8), smooth=st.integers(1, 12),
    ceiling_dbtp=st.floats(-12, 0), lookahead_ms=st.floats(0.5, 10),
)  # fmt: skip
def test_own_meter_reads_no_more_than_the_ceiling(
    seed: int, level: float, smooth: int, ceiling_dbtp: float, lookahead_ms: float
) -> None:
    rough = np.random.default_rng(seed).laplace(0, level, 4000)
    wave = np.convolve(rough, np.ones(smooth) / smooth, "same").astype(np.float32)
    out, _ = limited(np.stack([wave, wave]), ceiling_dbtp=ceiling_dbtp, lookahead_ms=lookahead_ms)
    meter = core.Meter(sample_rate=RATE, channels=2)
    meter.process(out)
    assert db(meter.true_peak) <= ceiling_dbtp + 0.02  # dB


def test_below_the_ceiling_nothing_changes() -> None:
    sound = noise(4, 20_000, level=0.05)
    out, reduction_db = limited(sound)
    assert np.array_equal(out, sound)
    assert reduction_db == 0


def test_reduction_is_no_more_than_needed() -> None:
    tone = np.stack([sine(3, 1, sample_rate=RATE)] * 2).astype(np.float32)
    out, reduction_db = limited(tone)
    assert reduction_db == pytest.approx(4.02, abs=0.01)  # dB: 3 dB over 0, ceiling -1, 0.02 dB of headroom
    assert db(float(np.abs(out[:, 1000:-1000]).max())) == pytest.approx(CEILING_DBTP - 0.02, abs=0.01)  # dB


def test_gain_returns_to_exactly_one() -> None:
    sound = noise(5, 3 * RATE, level=0.05)
    sound[:, 1000] = 4
    out, _ = limited(sound)
    assert not np.array_equal(out[:, 990:1100], sound[:, 990:1100])
    assert np.array_equal(out[:, 2 * RATE :], sound[:, 2 * RATE :])


def test_release_has_its_time_constant() -> None:
    """After a click, 37 % of the depth is left after the release time."""
    sound = np.full((1, RATE), 0.01, dtype=np.float32)
    sound[:, 1000:1010] = 2
    depth = 1 - limited(sound)[0][0] / sound[0]
    start = 1100  # past the flat part and the running means
    left = depth[start:] < depth[start] * np.exp(-1)
    assert int(np.argmax(left)) / RATE * 1000 == pytest.approx(100, abs=1)  # ms


def test_gain_moves_without_steps() -> None:
    """With 2 ms of look-ahead the gain falls by at most a thirtieth of its way in one sample."""
    sound = np.full((1, 4000), 0.01, dtype=np.float32)
    sound[:, 2000] = gain(12)
    steps = np.abs(np.diff(np.delete(limited(sound)[0][0] / sound[0], 2000)))
    assert steps.max() < 0.8 / 30


def test_channels_keep_their_balance() -> None:
    sound = noise(6, 10_000, level=0.7)
    out, _ = limited(sound)
    clear = np.abs(sound).min(axis=0) > 1e-2
    assert (out[1] / sound[1])[clear] == pytest.approx((out[0] / sound[0])[clear], rel=1e-6)


def test_latency_is_what_it_says() -> None:
    limiter = core.Limiter(sample_rate=RATE, channels=1, ceiling_dbtp=0, lookahead_ms=3, release_ms=100)
    block = np.zeros((1, 1000), dtype=np.float32)
    block[0, 0] = 0.5
    limiter.process(block)
    assert int(np.argmax(block[0])) == limiter.latency_samples
