"""A vocal as it would be measured without the reverb it carries: what only fades, as a tail does, is taken out.

In each band, and of the loudness, only what rises above everything before it counts, as if that faded by 60 dB in
4 s. A tail that fades faster never does; the voice does with every note and syllable (after the recursive model of
late reverberation of Lebart, Boucher and Denbigh, Acta Acustica 87, 2001). The rest keeps its spectrum.
"""

import dataclasses
import math

import numpy as np
import numpy.typing as npt

from sitwell.analysis.activity import PIECE_S
from sitwell.analysis.track import Track

LONGEST_S = 4.0  # one professional reverb in fifty is longer
_TINY = 1e-30
Floats = npt.NDArray[np.float64]


def without_tails(track: Track) -> Track:
    """Clean energies and spectra of a vocal of its own reverb; loudness and peaks stay those of the recording."""
    spectrum = track.spectrum
    cleaned = dataclasses.replace(
        spectrum,
        third_octave=_fresh(spectrum.third_octave, 1.0 / spectrum.frame_rate_hz).astype(np.float32),
        bark=_fresh(spectrum.bark, 1.0 / spectrum.frame_rate_hz).astype(np.float32),
    )
    return dataclasses.replace(track, energies=_fresh(track.energies, PIECE_S), spectrum=cleaned)


def _fresh(power: npt.NDArray[np.floating], hop_s: float) -> Floats:
    """Keep of power (n, ...) what exceeds the fading memory of all before it."""
    if len(power) == 0:
        return np.asarray(power, dtype=np.float64)
    fades = 6.0 * math.log(10.0) * hop_s / LONGEST_S * np.arange(len(power)).reshape(-1, *[1] * (power.ndim - 1))
    heard = np.maximum.accumulate(np.log(np.maximum(power, _TINY)) + fades, axis=0)
    before = np.exp(heard[:-1] - fades[1:])
    return np.concatenate([power[:1], np.maximum(power[1:] - before, 0.0)]).astype(np.float64)
