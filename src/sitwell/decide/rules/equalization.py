"""Equalization rule: a high-pass below the voice, and half the way towards the mean spectrum of mixed vocals.

Source of the target: third-octave spectra of the vocals of MUSDB18, averaged (FxNorm-automix, Martinez
Ramirez et al., ISMIR 2022). Half the smoothed deviation is corrected, nothing within 2 dB, at most 6 dB.
"""

import numpy as np
import numpy.typing as npt

from sitwell.analysis import THIRD_OCTAVE
from sitwell.decide.aims import RULES, Correction

Floats = npt.NDArray[np.float64]

SOURCE = "mean spectrum of mixed vocals, MUSDB18 (FxNorm-automix, ISMIR 2022)"
DEAD_BAND_DB = 2.0
MAX_DB = 6.0
STRENGTH = 0.5

# 50 Hz to 16 kHz by third octaves, dB re 1 kHz
_FIRST_HZ = 50.0
_TARGET_DB = np.array([
    -22.3, -19.8, -17.2, -14.3, -11.2, -8.4, -5.6, -2.9, -0.8, 0.3, 1.3, 1.3, 0.6,
    0.0, -1.2, -2.2, -4.4, -4.7, -5.0, -7.1, -11.6, -11.1, -10.9, -12.4, -16.4, -23.7,
])  # fmt: skip
_LEVEL_HZ = (200.0, 6300.0)  # the spectrum is brought to the target's level over these bands
_CORRECTED_HZ = (100.0, 12500.0)
_EMPTY_DB = 15.0  # further below the target at the top: a band limit, nothing to bring up
_VOICE_DB = 24.0  # the lowest band within this of the strongest holds the fundamental


def correct(spectrum: Floats, sample_rate: int) -> Correction:
    """Compare a mean power spectrum (third octaves) with the target and say what to change, in dB."""
    with np.errstate(divide="ignore"):
        level_db = 10.0 * np.log10(np.maximum(spectrum, 1e-20))
    first = int(np.argmin(np.abs(THIRD_OCTAVE.centres_hz - _FIRST_HZ)))
    hz = THIRD_OCTAVE.centres_hz[first : first + _TARGET_DB.size]
    deviation = level_db[first : first + _TARGET_DB.size] - _TARGET_DB
    level = (hz >= _LEVEL_HZ[0]) & (hz <= _LEVEL_HZ[1]) & (hz < 0.4 * sample_rate)
    deviation = deviation - deviation[level].mean()
    padded = np.pad(deviation, 1, mode="edge")
    smooth = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
    wanted = np.where(np.abs(smooth) > DEAD_BAND_DB, -STRENGTH * smooth, 0.0)
    empty = (deviation < -_EMPTY_DB) & (hz > 6300.0) | (hz < lowest_voice_hz(spectrum)) & (smooth < 0.0)
    outside = (hz < _CORRECTED_HZ[0]) | (hz > _CORRECTED_HZ[1]) | (hz > 0.4 * sample_rate)
    wanted = np.where(empty | outside, 0.0, np.clip(wanted, -MAX_DB, MAX_DB))
    return Correction(hz, wanted, smooth, _text(hz, smooth, wanted), RULES, SOURCE)


def target_curve() -> tuple[Floats, Floats]:
    """Give the mean spectrum of mixed vocals: frequencies (26,) in Hz and levels (26,) in dB re 1 kHz."""
    first = int(np.argmin(np.abs(THIRD_OCTAVE.centres_hz - _FIRST_HZ)))
    return THIRD_OCTAVE.centres_hz[first : first + _TARGET_DB.size], _TARGET_DB


def lowest_voice_hz(spectrum: Floats) -> float:
    """Find the third octave, 60 Hz and up, in which the voice begins."""
    bands = THIRD_OCTAVE.centres_hz >= 60.0
    strong = spectrum[bands] > spectrum[bands].max() * 10.0 ** (-_VOICE_DB / 10.0)
    return float(THIRD_OCTAVE.centres_hz[bands][int(np.argmax(strong))])


def highpass_at(lowest_hz: float) -> float:
    """Place the high-pass half an octave below the voice, within 70 to 120 Hz."""
    return min(max(lowest_hz * 0.7, 70.0), 120.0)


def _text(frequencies_hz: Floats, deviation_db: Floats, wanted_db: Floats) -> str:
    acts = np.abs(wanted_db) > 0.0
    if not acts.any():
        return "within 2 dB of the mean spectrum of mixed vocals everywhere; nothing to correct"
    worst = int(np.argmax(np.where(acts, np.abs(deviation_db), 0.0)))
    seen, hz = deviation_db[worst], frequencies_hz[worst]
    what = f"a build-up of {seen:+.1f} dB" if seen > 0 else f"a lack of {-seen:.1f} dB"
    verb = "cut" if seen > 0 else "raised"
    return (
        f"{what} around {_hz(hz)} against mixed vocals, {verb} by half of it at most; "
        f"{int(acts.sum())} of {acts.size} third octaves are off by more than 2 dB"
    )


def _hz(hz: float) -> str:
    return f"{hz / 1000:.3g} kHz" if hz >= 1000 else f"{hz:.0f} Hz"
