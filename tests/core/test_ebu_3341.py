"""EBU Tech 3341 (2016), table 1: the minimum requirements of a loudness meter, synthesised.

Cases 7 and 8 are recordings and not here. Cases 13 and 14 place 400 ms tones at steps of 20 ms; a meter that moves in
steps of 100 ms cannot see them whole, so they are read from energies of 10 ms.
"""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import signal

from sitwell import core
from tests.core.sounds import Floats, Sound, db, pieces, sine, stereo

RATE = 48000
Parts = Sequence[tuple[float, float]]  # level of a 1 kHz tone in dBFS, seconds

INTEGRATED: dict[str, tuple[Parts, float]] = {
    "1": ([(-23, 20)], -23),
    "2": ([(-33, 20)], -33),
    "3": ([(-36, 10), (-23, 60), (-36, 10)], -23),
    "4": ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
    "5": ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
}


def tones(parts: Parts) -> Sound:
    """Put tones one after the other, on two channels."""
    return stereo(np.concatenate([sine(level, seconds) for level, seconds in parts]))


def energies(sound: Sound, sample_rate: int = RATE) -> Floats:
    """Measure a sound block by block."""
    meter = core.Meter(sample_rate=sample_rate, channels=sound.shape[0])
    return np.concatenate([meter.process(piece) for piece in pieces(sound)])


def fine_momentary_lufs(sound: Sound) -> Floats:
    """Momentary loudness every 10 ms."""
    envelope = core.Envelope(sample_rate=RATE, hop_samples=RATE // 100)
    energy = envelope.process(sound)[:, 1]
    return core.energies_lufs(np.lib.stride_tricks.sliding_window_view(energy, 40).mean(axis=1))


@pytest.mark.parametrize("case", INTEGRATED)
def test_integrated_loudness_of_tones(case: str) -> None:
    parts, expected = INTEGRATED[case]
    assert core.integrated_lufs(energies(tones(parts))) == pytest.approx(expected, abs=0.1)  # LU, the standard's


@pytest.mark.parametrize("case", ["1", "2"])
def test_steady_tone_reads_the_same_on_all_scales(case: str) -> None:
    parts, expected = INTEGRATED[case]
    energy = energies(tones(parts))
    assert core.momentary_lufs(energy)[10:] == pytest.approx(expected, abs=0.1)  # LU, the standard's
    assert core.short_term_lufs(energy)[10:] == pytest.approx(expected, abs=0.1)  # LU, the standard's


def test_case_6_five_channels() -> None:
    levels = [-28, -28, -24, -30, -30]
    sound = np.stack([sine(level, 20) for level in levels]).astype(np.float32)
    assert core.integrated_lufs(energies(sound)) == pytest.approx(-23, abs=0.1)  # LU, the standard's


def test_case_9_short_term_holds_still() -> None:
    found = core.short_term_lufs(energies(tones([(-20, 1.34), (-30, 1.66)] * 5)))
    assert found == pytest.approx(-23, abs=0.1)  # LU, the standard's


@pytest.mark.parametrize("n", range(20))
def test_case_10_short_term_maximum_wherever_the_tone_starts(n: int) -> None:
    sound = np.pad(tones([(-23, 3)]), ((0, 0), (round(n * 0.15 * RATE), RATE)))
    assert core.short_term_lufs(energies(sound)).max() == pytest.approx(-23, abs=0.1)  # LU, the standard's


def test_case_11_short_term_maxima_in_turn() -> None:
    parts = [part for n in range(20) for part in ((-200, n * 0.15), (-38 + n, 3), (-200, 3 - n * 0.15))]
    found = core.short_term_lufs(energies(tones(parts)))
    seen = [found[: 60 * (n + 1) - 29].max() for n in range(20)]  # up to the end of each 6 s
    assert seen == pytest.approx([-38 + n for n in range(20)], abs=0.1)  # LU, the standard's


def test_case_12_momentary_holds_still() -> None:
    found = fine_momentary_lufs(tones([(-20, 0.18), (-30, 0.22)] * 25))
    assert found[60:] == pytest.approx(-23, abs=0.1)  # LU, the standard's; from 1 s on


@pytest.mark.parametrize("n", range(20))
def test_case_13_momentary_maximum_wherever_the_tone_starts(n: int) -> None:
    sound = np.pad(tones([(-23, 0.4)]), ((0, 0), (round(n * 0.02 * RATE), RATE)))
    assert fine_momentary_lufs(sound).max() == pytest.approx(-23, abs=0.1)  # LU, the standard's


def test_case_14_momentary_maxima_in_turn() -> None:
    parts = [part for n in range(20) for part in ((-200, n * 0.02), (-38 + n, 0.4), (-200, 0.4 - n * 0.02))]
    found = fine_momentary_lufs(tones(parts))
    seen = [found[: 80 * (n + 1) - 39].max() for n in range(20)]  # up to the end of each 0.8 s
    assert seen == pytest.approx([-38 + n for n in range(20)], abs=0.1)  # LU, the standard's


def true_peak_dbtp(wave: Floats) -> float:
    """Read the true peak of one waveform."""
    meter = core.Meter(sample_rate=RATE, channels=2)
    meter.process(stereo(wave))
    return db(meter.true_peak)


@pytest.mark.parametrize(
    ("case", "period", "phase_deg", "amplitude", "expected"),
    [(15, 4, 0, 0.5, -6), (16, 4, 45, 0.5, -6), (17, 6, 60, 0.5, -6), (18, 8, 67.5, 0.5, -6), (19, 4, 45, 1.41, 3)],
)
def test_true_peak_of_tones(case: int, period: int, phase_deg: float, amplitude: float, expected: float) -> None:
    assert case in range(15, 20)
    angle = 2 * np.pi * np.arange(RATE) / period + np.deg2rad(phase_deg)
    fade = np.minimum(1, np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / 480)  # a click would read higher
    found = true_peak_dbtp(amplitude * np.sin(angle) * fade)
    assert expected - 0.4 <= found <= expected + 0.2  # dB, the standard's


@pytest.mark.parametrize("offset", range(4))
def test_cases_20_to_23_true_peak_of_one_loud_period_between_samples(offset: int) -> None:
    """A tone at a quarter of the rate with one period of full scale, made at 4x, then decimated at four offsets."""
    n = np.arange(4 * RATE // 4)
    wave = 0.5 * np.sin(2 * np.pi * n / 16)
    middle = 16 * (len(n) // 32)
    wave[middle : middle + 16] *= 2
    smooth = signal.resample_poly(np.pad(wave, 256) * np.hanning(len(n) + 512) ** 0.1, 1, 1)
    low = signal.firwin(1023, 0.25, window=("kaiser", 8.0))
    limited = signal.fftconvolve(smooth, low, mode="same")
    expected = db(float(np.abs(signal.resample_poly(limited, 8, 1)).max()))
    found = true_peak_dbtp(limited[offset::4])
    assert expected - 0.4 <= found <= expected + 0.2  # dB, the standard's
