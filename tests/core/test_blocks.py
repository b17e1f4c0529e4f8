"""What holds for every processor of the core: blocks don't matter, silence stays silent, numbers stay finite."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitwell import core
from tests.core.sounds import Sound, noise

RATE = 22050  # not divisible by ten: pieces of 100 ms differ in length
COUNT = 16000
Result = npt.NDArray[Any]


class Processor(Protocol):
    """Takes a block, returns what comes out: sound (channels, n) or rows."""

    def __call__(self, block: Sound) -> Result: ...


def in_place(process: Callable[[Sound], None]) -> Processor:
    """Return the changed block, samples first so that results can be joined."""

    def run(block: Sound) -> Result:
        process(block)
        return block.T

    return run


def biquads() -> Processor:
    """Seven bells and a high-pass, high enough to fade away in the pause."""
    bells = [core.design_bell(sample_rate=RATE, frequency_hz=500 * 1.4**k, gain_db=5, q=1) for k in range(7)]
    cut = core.design_highpass(sample_rate=RATE, frequency_hz=400, q=0.7)
    return in_place(core.Biquads(np.array([cut, *bells]), 2).process)


def compressor() -> Processor:
    """Compresses about half of the samples."""
    return in_place(
        core.Compressor(
            sample_rate=RATE, threshold_db=-20, ratio=4, knee_db=6, attack_ms=2, release_ms=30, makeup_db=0
        ).process
    )


def limiter() -> Processor:
    """Limits now and then."""
    return in_place(
        core.Limiter(sample_rate=RATE, channels=2, ceiling_dbtp=-12, lookahead_ms=1.5, release_ms=20).process
    )


def reverb() -> Processor:
    """A short plate."""
    return in_place(
        core.Reverb(
            sample_rate=RATE, decay_low_s=1, decay_mid_s=0.8, decay_high_s=0.4, damping_hz=4000, predelay_ms=20,
            size=1, diffusion=0.7, low_cut_hz=200, high_cut_hz=8000, width=1,
        ).process
    )  # fmt: skip


def cross_meter() -> Processor:
    """Two signals: the block and its mirror image."""
    meter = core.CrossMeter(sample_rate=RATE, signals=2)
    return lambda block: meter.process([block, np.ascontiguousarray(block[::-1])])


def plateaus() -> Processor:
    """The left channel in coarse steps, so that it is flat here and there."""
    process = core.Plateaus().process
    return lambda block: process(np.round(block[0] * 4).astype(np.float32))


PROCESSORS: dict[str, Callable[[], Processor]] = {
    "Biquads": biquads,
    "Compressor": compressor,
    "Limiter": limiter,
    "Reverb": reverb,
    "Meter": lambda: core.Meter(sample_rate=RATE, channels=2).process,
    "CrossMeter": cross_meter,
    "Envelope": lambda: core.Envelope(sample_rate=RATE, hop_samples=97).process,
    "Plateaus": plateaus,
    "Quantizer": lambda: core.Quantizer(5).process,
}


def sound_with_pauses(seed: int) -> Sound:
    """Noise, silence until all has faded, a hot burst, noise again: every fast path is entered and left."""
    sound = noise(seed, COUNT)
    sound[:, 2000:12000] = 0
    sound[:, 12000:12050] *= 8
    return sound


def run(make: Callable[[], Processor], sound: Sound, cuts: Sequence[int]) -> Result:
    """Process a copy in blocks that end at the cuts."""
    processor = make()
    blocks = np.split(sound, sorted(cuts), axis=1)
    return np.concatenate([processor(block.copy()) for block in blocks])


@pytest.mark.parametrize("name", PROCESSORS)
@settings(max_examples=15)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.integers(0, COUNT), max_size=12))
def test_blocks_do_not_change_a_bit(name: str, seed: int, cuts: list[int]) -> None:
    sound = sound_with_pauses(seed)
    assert run(PROCESSORS[name], sound, cuts).tobytes() == run(PROCESSORS[name], sound, []).tobytes()


@pytest.mark.parametrize("name", PROCESSORS)
@pytest.mark.parametrize("length", [1, 7, 63, 64, 65])
def test_small_blocks_do_not_change_a_bit(name: str, length: int) -> None:
    sound = sound_with_pauses(1)[:, 1900:4900]
    cuts = list(range(length, sound.shape[1], length))
    assert run(PROCESSORS[name], sound, cuts).tobytes() == run(PROCESSORS[name], sound, []).tobytes()


@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, COUNT), max_size=12))
def test_blocks_do_not_change_the_peaks(cuts: list[int]) -> None:
    sound = sound_with_pauses(2)
    whole, parts = (core.Meter(sample_rate=RATE, channels=2) for _ in range(2))
    whole.process(sound)
    for block in np.split(sound, sorted(cuts), axis=1):
        parts.process(block.copy())
    assert (whole.true_peak, whole.sample_peak) == (parts.true_peak, parts.sample_peak)


@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, COUNT), max_size=12))
def test_gain_of_the_compressor_does_not_depend_on_blocks(cuts: list[int]) -> None:
    def gains(edges: list[int]) -> bytes:
        unit = core.Compressor(
            sample_rate=RATE, threshold_db=-20, ratio=4, knee_db=6, attack_ms=2, release_ms=30, makeup_db=3
        )
        found = np.empty(COUNT, dtype=np.float32)
        for block, gain_db in zip(np.split(sound_with_pauses(3), edges, axis=1), np.split(found, edges), strict=True):
            unit.process(block.copy(), gain_db)
        return found.tobytes()

    assert gains(sorted(cuts)) == gains([])


@pytest.mark.parametrize("name", PROCESSORS)
def test_silence_stays_silent(name: str) -> None:
    assert not run(PROCESSORS[name], np.zeros((2, COUNT), dtype=np.float32), [100]).any()


@pytest.mark.parametrize("name", PROCESSORS)
def test_denormal_and_huge_numbers_stay_numbers(name: str) -> None:
    rng = np.random.default_rng(4)
    sound = (10.0 ** rng.uniform(-45, 4, (2, COUNT)) * rng.choice([-1, 1], (2, COUNT))).astype(np.float32)
    assert np.isfinite(run(PROCESSORS[name], sound, [3000])).all()


@pytest.mark.parametrize(("name", "rows"), [("Biquads", 1700), ("Meter", 6), ("Envelope", 120)])
def test_what_fades_is_zero_long_before_it_is_denormal(name: str, rows: int) -> None:
    """Below -600 dB states are zero: denormal numbers would be a hundred times slower, and never quite silent."""
    sound = np.concatenate([noise(5, 100), np.zeros((2, 2 * RATE), dtype=np.float32)], axis=1)
    found = run(PROCESSORS[name], sound, [])
    assert found[: rows // 6].any()
    assert not found[rows:].any()


@pytest.mark.parametrize("name", PROCESSORS)
def test_an_empty_block_is_nothing(name: str) -> None:
    assert run(PROCESSORS[name], np.zeros((2, 0), dtype=np.float32), []).size == 0
