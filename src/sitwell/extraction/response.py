"""An estimate as a smooth impulse response of the return alone: noise that fades in each octave as estimated."""

import numpy as np
import numpy.typing as npt

from sitwell.analysis import OCTAVES_HZ
from sitwell.audio import Audio
from sitwell.errors import InputError
from sitwell.extraction.estimate import ReverbEstimate

Floats = npt.NDArray[np.float64]

_DEPTH_DB = 70.0  # the longest octave has faded so far at the end
_LONGEST_S = 20.0
_FADE_S = 0.05
_LOWEST_HZ = 60.0


def synthesize_response(estimate: ReverbEstimate, *, sample_rate: int = 48_000, seed: int = 0) -> Audio:
    """Make a stereo response, decorrelated, whose convolution with the dry vocal is the return at its level.

    Octaves whose decay is unknown take that of their neighbours; beyond 125 Hz to 8 kHz the outermost goes on. It
    starts at the pre-delay, or at once where that is unknown. Raises InputError `reverb.unknown` without any decay.
    """
    decay_s, octaves_db = _filled(estimate)
    length = round(min(_DEPTH_DB / 60.0 * decay_s.max(), _LONGEST_S) * sample_rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((2, length)))
    hz = np.asarray(np.fft.rfftfreq(length, 1.0 / sample_rate), dtype=np.float64)
    time_s = np.arange(length) / sample_rate
    total = np.zeros((2, length))
    for number, (fall_s, level_db) in enumerate(zip(decay_s, octaves_db, strict=True)):
        weight = _weight(hz, number)
        faded = np.fft.irfft(spectrum * np.sqrt(weight), length) * 10.0 ** (-3.0 * time_s / fall_s)
        power = 10.0 ** (level_db / 10.0) * weight.mean()  # of a response that is flat at this level
        total += faded * np.sqrt(power / (faded**2).sum(axis=1, keepdims=True))
    end = min(round(_FADE_S * sample_rate), length)
    total[:, -end:] *= np.linspace(1.0, 0.0, end)
    start = round((estimate.predelay_ms or 0.0) / 1000.0 * sample_rate)
    return Audio.of(np.pad(total, ((0, 0), (start, 0))), sample_rate, name="response")


def _filled(estimate: ReverbEstimate) -> tuple[Floats, Floats]:
    """Give decay and level of all octaves, (7,) each, unknown decays between their neighbours."""
    found = [(number, decay_s) for number, decay_s in enumerate(estimate.decay_s.values()) if decay_s is not None]
    if not found:
        raise InputError(
            "reverb.unknown", f"the vocal is {estimate.verdict}: no reverb is known that could be written as a response"
        )
    known, decays_s = zip(*found, strict=True)
    logs = np.interp(np.arange(len(OCTAVES_HZ)), known, np.log(decays_s))
    return np.exp(logs), np.array(list(estimate.octaves_db.values()), dtype=np.float64)


def _weight(hz: Floats, number: int) -> Floats:
    """Share the spectrum among octaves, (bins,): half an octave of transition at each edge, nothing below 60 Hz.

    The lowest octave goes on downwards, the highest up to the end.
    """
    octaves = np.log2(np.maximum(hz, 1.0) / OCTAVES_HZ[number])
    rises = 1.0 if number == 0 else np.sin(np.pi / 2.0 * np.clip(2.0 * octaves + 1.5, 0.0, 1.0)) ** 2
    falls = 1.0 if number == len(OCTAVES_HZ) - 1 else np.cos(np.pi / 2.0 * np.clip(2.0 * octaves - 0.5, 0.0, 1.0)) ** 2
    return np.asarray(rises * falls * np.clip(2.0 * hz / _LOWEST_HZ - 1.0, 0.0, 1.0))
