"""Filters: the designs mean what their arguments say, and the cascade computes what SciPy computes."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy import signal

from sitwell import core
from tests.core.sounds import noise

Floats = npt.NDArray[np.float64]
RATES = [8000, 44100, 48000, 192000]


def at(section: Floats, hz: float, sample_rate: float) -> float:
    """Read one point of a response in dB."""
    return float(core.response_db(section[None], sample_rate=sample_rate, frequencies_hz=[hz])[0])


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("gain_db", [-12.0, -0.5, 6.0])
def test_bell_has_its_gain_at_its_frequency(sample_rate: int, gain_db: float) -> None:
    bell = core.design_bell(sample_rate=sample_rate, frequency_hz=1000, gain_db=gain_db, q=1.4)
    assert at(bell, 1000, sample_rate) == pytest.approx(gain_db, abs=1e-9)  # dB
    assert at(bell, 0, sample_rate) == pytest.approx(0, abs=1e-9)  # dB


def test_bell_with_no_gain_is_a_wire() -> None:
    bell = core.design_bell(sample_rate=44100, frequency_hz=1000, gain_db=0, q=1)
    sound = noise(1, 5000)
    filtered = sound.copy()
    core.Biquads(bell[None], 2).process(filtered)
    assert np.abs(filtered - sound).max() < 1e-7  # full scale


@pytest.mark.parametrize("gain_db", [-9.0, 4.0])
def test_shelves_have_their_gain_on_their_side_and_half_of_it_at_their_frequency(gain_db: float) -> None:
    low = core.design_low_shelf(sample_rate=48000, frequency_hz=300, gain_db=gain_db, q=0.7)
    high = core.design_high_shelf(sample_rate=48000, frequency_hz=3000, gain_db=gain_db, q=0.7)
    assert [at(low, hz, 48000) for hz in (0, 300, 24000)] == pytest.approx([gain_db, gain_db / 2, 0], abs=1e-9)  # dB
    assert [at(high, hz, 48000) for hz in (0, 3000, 24000)] == pytest.approx([0, gain_db / 2, gain_db], abs=1e-9)  # dB


@pytest.mark.parametrize("q", [0.5, 0.7071, 2.0])
def test_cut_filters_have_the_gain_q_at_their_frequency(q: float) -> None:
    high = core.design_highpass(sample_rate=44100, frequency_hz=80, q=q)
    low = core.design_lowpass(sample_rate=44100, frequency_hz=8000, q=q)
    assert at(high, 80, 44100) == pytest.approx(20 * np.log10(q), abs=1e-7)  # dB
    assert at(low, 8000, 44100) == pytest.approx(20 * np.log10(q), abs=1e-7)  # dB
    assert at(high, 8, 44100) < -39  # dB, 12 dB per octave
    assert at(low, 0, 44100) == pytest.approx(0, abs=1e-9)  # dB


def cascade(count: int, sample_rate: float = 44100) -> Floats:
    """Design bells from 30 Hz up, an octave apart, boosting and cutting."""
    hz = [30 * 1.7**k for k in range(count)]
    bells = [core.design_bell(sample_rate=sample_rate, frequency_hz=f, gain_db=6 * (-1) ** k, q=1 + k / 8)
             for k, f in enumerate(hz)]  # fmt: skip
    return np.array(bells).reshape(count, 5)


def test_response_is_scipys() -> None:
    sections = cascade(7)
    hz = np.geomspace(20, 20000, 200)
    sos = np.insert(sections, 3, 1.0, axis=1)
    _, expected = signal.sosfreqz(sos, worN=hz, fs=44100)
    found = core.response_db(sections, sample_rate=44100, frequencies_hz=hz)
    assert found == pytest.approx(20 * np.log10(np.abs(expected)), abs=1e-8)  # dB


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 11])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_cascade_is_scipys(count: int, channels: int) -> None:
    sections = cascade(count)
    sound = noise(count, 3000, channels=channels)
    sos = np.insert(sections, 3, 1.0, axis=1) if count else np.array([[1.0, 0, 0, 1, 0, 0]])
    expected = signal.sosfilt(sos, sound.astype(np.float64))
    core.Biquads(sections, channels).process(sound)
    assert np.abs(sound - expected).max() < 1e-7  # full scale: the rounding of the output to float32


def test_low_filters_keep_their_precision() -> None:
    """A 20 Hz high-pass at 192 kHz: with float32 state it would err near -80 dBFS."""
    section = core.design_highpass(sample_rate=192000, frequency_hz=20, q=0.7071)
    sound = noise(5, 200_000, level=0.5)
    expected = signal.sosfilt(np.insert(section, 3, 1.0)[None], sound.astype(np.float64))
    core.Biquads(section[None], 2).process(sound)
    assert np.abs(sound - expected).max() < 3e-7  # full scale, -130 dBFS


def test_wrong_sections_are_refused() -> None:
    with pytest.raises(ValueError, match="5 columns"):
        core.Biquads(np.zeros((2, 6)), 2)
    with pytest.raises(ValueError, match="float64"):
        core.Biquads(np.zeros((2, 5), dtype=np.float32), 2)
    with pytest.raises(ValueError, match="at most 16"):
        core.Biquads(np.zeros((17, 5)), 2)
