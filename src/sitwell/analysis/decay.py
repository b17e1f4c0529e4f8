"""How long a band of an impulse response takes to fall by 60 dB, where its noise allows that to be seen.

Backward integration (Schroeder, JASA 37, 1965) of the energy less the noise, up to where the decay meets the noise,
plus what a decay of that slope would have had beyond (Lundeby et al., Acustica 81, 1995; ISO 3382-1:2009, 5.3.3).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis.octaves import BandEnergy

Floats = npt.NDArray[np.float64]

RANGES_DB = ((-5.0, -35.0), (-5.0, -25.0))  # T30 where the response carries it, otherwise T20
SHORTEST_S, LONGEST_S = 0.02, 60.0
_CELL_S = 0.01
_SMOOTHING_S, _SMOOTHING_SAMPLES = 0.05, 70  # at least: a narrow band fluctuates slowly
_CLEAR_DB = 15.0  # noise lies at least so far below the start
_STAY_FALLS = 2.0  # noise lasts so much longer than those 12 dB; a decay passes the 6 dB in half their time
_STAY_SHARE = 0.1  # of the length
_DEEPEST_DB = 90.0  # what is softer is digital silence
_ROUNDS = 4
_STRAIGHT = 0.9  # of the variance: a steady sound that stops gives 0.85, rooms with two slopes 0.95


@dataclass(frozen=True)
class Decay:
    """T60 in s with the range of levels it was read from, both None where noise or length hide it.

    `energy` is that of the band without its noise, `noise_db` the noise against the loudest 10 ms (-inf: none seen),
    `knee_s` where the decay has come down to it, or where the response ends.
    """

    decay_s: float | None
    range_db: tuple[float, float] | None
    energy: float
    noise_db: float
    knee_s: float

    @property
    def noisy(self) -> bool:
        """Whether steady noise was seen."""
        return self.noise_db > -math.inf


def measure_decay(band: BandEnergy) -> Decay:
    """Measure one band, given from the start of its decay on."""
    energy, rate_hz = band.energy, band.rate_hz
    noise = _noise(energy, rate_hz)
    loudest = float(_cells(energy, rate_hz).max(initial=0.0))
    if loudest <= 0.0:
        return Decay(None, None, 0.0, -math.inf, 0.0)
    noise_db = 10 * math.log10(noise / loudest) if noise > 0 else -math.inf
    stop = _knee(energy, rate_hz, noise)
    remaining = np.cumsum((energy[:stop] - noise)[::-1])[::-1]
    if stop < 2 or remaining[0] <= 0.0:
        return Decay(None, None, 0.0, noise_db, stop / rate_hz)
    for range_db in RANGES_DB:
        if (found := _fitted(remaining, rate_hz, range_db)) is not None:
            decay_s, beyond = found
            return Decay(decay_s, range_db, float(remaining[0] + beyond), noise_db, stop / rate_hz)
    return Decay(None, None, float(remaining[0]), noise_db, stop / rate_hz)


def _fitted(remaining: Floats, rate_hz: float, range_db: tuple[float, float]) -> tuple[float, float] | None:
    """Fit a line to the range, adding what lies beyond the end until it stays; None where the range is not there."""
    high_db, low_db = range_db
    beyond, line = 0.0, (0.0, 0.0, 0.0)
    for _ in range(_ROUNDS):
        total = np.maximum(remaining + beyond, 1e-300)
        level_db = 10 * np.log10(total / total[0])
        first, last = np.searchsorted(-level_db, (-high_db, -low_db))
        if last >= len(level_db) or last - first < 3:
            return None
        line = _line(level_db[first:last], np.arange(first, last) / rate_hz)
        if line[1] >= 0.0 or line[2] < _STRAIGHT:
            return None
        beyond = float(total[0] * 10 ** ((line[0] + line[1] * len(remaining) / rate_hz) / 10))
    decay_s = -60.0 / line[1]
    return (decay_s, beyond) if SHORTEST_S <= decay_s <= LONGEST_S else None


def _noise(energy: Floats, rate_hz: float) -> float:
    """Find the energy per sample of the steady noise a decay ends in; 0 where it is cut off, or ends in silence.

    Recordings are often faded out or followed by digital silence, so that the noise is in front of the end: it is
    the loudest level near which the sound stays much longer than it took to fall by the 12 dB before.
    """
    cells = _cells(energy, rate_hz)
    cells = cells[int(np.argmax(cells)) : int(np.flatnonzero(cells)[-1]) + 1] if cells.any() else cells[:0]
    width = 2 * round(max(_SMOOTHING_S, _SMOOTHING_SAMPLES / rate_hz) / _CELL_S / 2) + 1
    if len(cells) < 2 * width:
        return 0.0
    level_db = 10 * np.log10(np.maximum(_smoothed(cells, width), 1e-300))
    start_db = float(level_db.max())
    fallen = np.flatnonzero(level_db < start_db - _CLEAR_DB)
    if not len(fallen):
        return float(cells.mean())  # nothing falls: all is noise
    for near_db in np.arange(start_db - _CLEAR_DB, max(float(level_db.min()), start_db - _DEEPEST_DB), -1.0):
        first, last = _stay(level_db, near_db)
        above = int(np.flatnonzero(level_db < level_db[first] + _CLEAR_DB - 3)[0])  # 12 dB above, the way down
        if last - first > max(_STAY_FALLS * (first - above), _STAY_SHARE * len(cells), width):
            noise = float(np.median(cells[(first + last) // 2 : last]))  # the second half: the decay has gone by
            return noise if noise > cells[0] * 10 ** (-_DEEPEST_DB / 10) else 0.0
    return 0.0


def _stay(level_db: Floats, near_db: float) -> tuple[int, int]:
    """Say from which to which cell the level is within 3 dB: from the first one below to the last one above."""
    return int(np.argmax(level_db < near_db + 3)), int(np.flatnonzero(level_db > near_db - 3)[-1])


def _knee(energy: Floats, rate_hz: float, noise: float) -> int:
    """Find where the decay has come down to the noise for good."""
    if noise <= 0.0:
        return len(energy)
    width = max(1, round(2 * _CELL_S * rate_hz))
    sums = np.cumsum(np.concatenate([[0.0], energy]))
    smooth = (sums[width:] - sums[:-width]) / width
    gone = np.flatnonzero(smooth[int(np.argmax(smooth)) :] < 2.0 * noise)
    return int(np.argmax(smooth)) + int(gone[0]) if len(gone) else len(energy)


def _cells(energy: Floats, rate_hz: float) -> Floats:
    """Average over cells of 10 ms: (n,) -> (cells,), the last one left out where it is not full."""
    width = max(1, round(_CELL_S * rate_hz))
    count = len(energy) // width
    return np.asarray(energy[: count * width].reshape(count, width).mean(axis=1))


def _smoothed(values: Floats, length: int) -> Floats:
    return np.convolve(np.pad(values, length // 2, mode="edge"), np.full(length, 1 / length), mode="valid")


def _line(level_db: Floats, time_s: Floats) -> tuple[float, float, float]:
    """Fit level over time by least squares: level at 0 s, slope in dB/s, share of the variance it explains."""
    centred, level = time_s - time_s.mean(), level_db - level_db.mean()
    slope = float(centred @ level / (centred @ centred))
    explained = slope * float(centred @ level) / float(level @ level)
    return float(level_db.mean() - slope * time_s.mean()), slope, explained
