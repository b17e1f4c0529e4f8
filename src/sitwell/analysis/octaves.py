"""A sound in seven octave bands as energy over time, without delay; knows nothing of rooms.

The bands' magnitudes are square roots of raised cosines on a logarithmic frequency axis, so that their powers add
up to one at every frequency between the outer centres: energies of bands add to the energy of the sound.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.audio import Samples

Floats = npt.NDArray[np.float64]
Spectrum = npt.NDArray[np.complex128]

OCTAVES_HZ = (125, 250, 500, 1000, 2000, 4000, 8000)


@dataclass(frozen=True, eq=False)
class BandEnergy:
    """Energy of one band per cell of time, summed over the channels: (cells,), and cells per second."""

    energy: Floats
    rate_hz: float


def octave_energies(samples: Samples, sample_rate: int) -> dict[int, BandEnergy]:
    """Filter (channels, n) without phase shift; only bands whose upper edge is below half the rate.

    Each band is computed at the lowest rate that holds it, which is what makes it cheap.
    """
    n = samples.shape[1]
    padded = fast_length(n + sample_rate // 20)  # 50 ms of silence, for what a filter rings around the ends
    spectrum = np.fft.rfft(samples, padded)
    hz = np.asarray(np.fft.rfftfreq(padded, 1 / sample_rate), dtype=np.float64)
    found = {}
    for centre_hz in OCTAVES_HZ:
        if centre_hz * 2**0.5 < sample_rate / 2:
            found[centre_hz] = _band(spectrum, hz, centre_hz, n, padded, sample_rate)
    return found


def octave_weight(hz: Floats, centre_hz: float) -> Floats:
    """Give the power response of a band at `hz`, any shape: 1 at the centre, 0 an octave away."""
    with np.errstate(divide="ignore"):
        octaves = np.abs(np.log2(hz / centre_hz))
    return np.where(octaves < 1, np.cos(np.pi / 2 * np.minimum(octaves, 1)) ** 2, 0.0)


def _band(spectrum: Spectrum, hz: Floats, centre_hz: int, n: int, padded: int, sample_rate: int) -> BandEnergy:
    bins = min(int(np.searchsorted(hz, 2 * centre_hz)) + 1, len(hz))
    length = min(fast_length(2 * bins), padded)
    kept = spectrum[:, :bins] * np.sqrt(octave_weight(hz[:bins], centre_hz))
    rate_hz = sample_rate * length / padded
    inside = round(n * length / padded)
    filtered = np.fft.irfft(kept, length)[:, :inside] * np.sqrt(length / padded)
    return BandEnergy((filtered**2).sum(axis=0), rate_hz)


def fast_length(n: int) -> int:
    """Find the smallest even length of at least `n` whose only prime factors are 2, 3 and 5."""
    best = 1 << max(n - 1, 1).bit_length()
    for fives in (1, 5, 25, 125, 625):
        for threes in (1, 3, 9, 27, 81, 243):
            factor = fives * threes
            twos = max(-(-n // factor) - 1, 1).bit_length()
            best = min(best, factor << max(twos, 1))
    return best
