"""The two band sets of every spectrum, third octaves and Bark bands; knows nothing of sound files."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Edges of Zwicker's critical bands (Zwicker & Fastl, Psychoacoustics, table 6.1).
_ZWICKER_HZ = (
    0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720,
    2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500,
)  # fmt: skip
_LOWEST_HZ = 20.0  # the first Bark band starts where hearing does, so that DC is not heard


@dataclass(frozen=True, eq=False)
class Bands:
    """Adjoining frequency bands: edges_hz (bands + 1,) and centres_hz (bands,), both rising."""

    name: str
    edges_hz: Floats
    centres_hz: Floats

    def __len__(self) -> int:
        return len(self.centres_hz)

    def weights(self, *, sample_rate: int, n_fft: int) -> Floats:
        """Share each FFT bin among the bands it covers: (n_fft // 2 + 1, bands), each row sums to <= 1.

        A bin is a rectangle one bin wide around its frequency, so that a band narrower than a bin still
        gets its fraction and nothing is counted twice.
        """
        width_hz = sample_rate / n_fft
        centre_hz = np.arange(n_fft // 2 + 1)[:, None] * width_hz
        low_hz = np.maximum(centre_hz - width_hz / 2, self.edges_hz[:-1])
        high_hz = np.minimum(centre_hz + width_hz / 2, self.edges_hz[1:])
        weights: Floats = np.maximum(high_hz - low_hz, 0.0) / width_hz
        return weights


def hz_to_bark(frequency_hz: npt.ArrayLike) -> Floats:
    """Convert Hz to critical-band rate in Bark, any shape, by Zwicker's table: band n spans n to n + 1."""
    hz = np.asarray(frequency_hz, dtype=np.float64)
    return np.asarray(np.interp(hz, _ZWICKER_HZ, np.arange(len(_ZWICKER_HZ))), dtype=np.float64)


def _third_octaves() -> Bands:
    """Exact base-ten third octaves 20 Hz to 20 kHz (IEC 61260-1, eqs. 2 and 4)."""
    steps = np.arange(-17, 15, dtype=np.float64)
    edges_hz = np.power(10.0, 3.0 + (steps - 0.5) / 10.0)
    return Bands("third_octave", edges_hz, np.power(10.0, 3.0 + steps[:-1] / 10.0))


def _barks() -> Bands:
    edges_hz = np.asarray(_ZWICKER_HZ, dtype=np.float64)
    centres_hz = (edges_hz[:-1] + edges_hz[1:]) / 2
    edges_hz[0] = _LOWEST_HZ
    return Bands("bark", edges_hz, centres_hz)


THIRD_OCTAVE = _third_octaves()
BARK = _barks()
# Weighting of power by BS.1770, read at the centres of third octaves.
K_WEIGHT: Floats = 10.0 ** (
    np.interp(np.log2(THIRD_OCTAVE.centres_hz), np.log2([20, 40, 60, 100, 500, 1000, 2000, 4000]),
              [-14.0, -6.0, -3.0, -1.0, 0.0, 0.7, 3.3, 4.0]) / 10.0
)  # fmt: skip
