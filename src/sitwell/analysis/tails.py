"""How a sound fades, octave by octave: what tells its reverb apart from the way it was sung; estimates nothing.

Where a voice stops or leaves a band for another note, only its reverb is left there, and falls along a straight line
in dB. Every stretch of such a line votes for a decay time and a level, against all that sounded before and would have
faded with that decay time (a Hough transform of the band-energy tail model). A reverb's votes fall on one spot; the
releases of a voice are steeper, louder, and scattered.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from sitwell.analysis.bands import K_WEIGHT, THIRD_OCTAVE
from sitwell.analysis.octaves import OCTAVES_HZ
from sitwell.analysis.spectrum import BandFrames

Floats = npt.NDArray[np.float64]
Frames32 = npt.NDArray[np.float32]

TAILS_VERSION = 1
VOTE_DECAYS_S: Floats = np.geomspace(0.12, 10.0, 18)
VOTE_LEVELS_DB: Floats = np.arange(-39.0, 7.0, 3.0)  # of the tail against what sounded before, per second of it
TAIL_VOTES = 3 * VOTE_DECAYS_S.size * VOTE_LEVELS_DB.size  # of an octave, with its neighbours, of all octaves
TAIL_FEATURES = TAIL_VOTES + 12 + 12 + len(OCTAVES_HZ) + 2
_FIRST = int(np.argmin(np.abs(THIRD_OCTAVE.centres_hz - 100.0)))
_THIRDS = slice(_FIRST, _FIRST + 3 * len(OCTAVES_HZ))
_WINDOWS_S = (0.13, 0.26, 0.5, 1.0)
_DROPS_DB = (5.0, 36.0)  # a line must fall by this much to be seen, and at most by this in one window
_STRAIGHT_DB = 2.5
_ABOVE_FLOOR_DB = 6.0
_DEEPEST_DB = 80.0  # below the loudest frame: digital silence and what codecs leave out
_TINY = 1e-20
_FAINT = 1e-3  # seconds of votes per second below which there are none
_UNITS = np.array([10.0] * 6 + [100.0] * 5 + [20.0])  # of the statistics: dB, dB/s, dB
_MIDDLE = slice(2, 6)  # 500 Hz to 4 kHz


@dataclass(frozen=True, eq=False)
class Tails:
    """Votes (7, 18, 16) per second for decay time and level in each octave, and statistics (7, 12) in dB and dB/s.

    `shares` (7,) of the octaves in the K-weighted energy add up to one.
    """

    votes: Floats
    statistics: Floats
    shares: Floats


def measure_tails(spectrum: BandFrames) -> Tails:
    """Measure how a sound fades from its band powers; nothing depends on its gain."""
    thirds, count = _thirds(spectrum), len(OCTAVES_HZ)
    hop_s = 1.0 / spectrum.frame_rate_hz
    if spectrum.frames * hop_s < 2.0 * _WINDOWS_S[-1] or not thirds.max() > _TINY:
        votes = np.zeros((count, VOTE_DECAYS_S.size, VOTE_LEVELS_DB.size))
        return Tails(votes, np.zeros((count, _UNITS.size)), np.full(count, 1.0 / count))
    octaves = [_octave(thirds[:, number], hop_s) for number in range(count)]  # one at a time: a long song is large
    weighted = (thirds.mean(axis=0, dtype=np.float64) * K_WEIGHT[_THIRDS].reshape(-1, 3)).sum(axis=1)
    votes, statistics = (np.stack(column) for column in zip(*octaves, strict=True))
    return Tails(votes, statistics, weighted / weighted.sum())


def tail_features(tails: Tails) -> Frames32:
    """Arrange for a model what each octave shows, and what its neighbours and all octaves do: (7, TAIL_FEATURES).

    Votes are blurred, shared out to add up to one, and rooted; then come the statistics of the octave, the means of
    500 Hz to 4 kHz, which octave it is, and how many votes there were.
    """
    own = _blurred(tails.votes)
    near = own.copy()
    near[1:] += own[:-1]
    near[:-1] += own[1:]
    everything = np.broadcast_to(own.sum(axis=0), own.shape)
    statistics = tails.statistics / _UNITS
    count = len(OCTAVES_HZ)
    return np.concatenate(
        [
            *(_shares(votes) for votes in (own, near, everything)),
            statistics,
            np.broadcast_to(statistics[_MIDDLE].mean(axis=0), statistics.shape),
            np.eye(count),
            np.log(own.sum(axis=(1, 2)) + _FAINT)[:, None],
            np.full((count, 1), np.log(own.sum() + _FAINT)),
        ],
        axis=1,
    ).astype(np.float32)


def _shares(votes: Floats) -> Floats:
    return np.asarray(np.sqrt(votes / (votes.sum(axis=(1, 2), keepdims=True) + _FAINT)).reshape(len(votes), -1))


def _blurred(votes: Floats) -> Floats:
    """Smooth votes over neighbouring decays and levels by 1 2 1."""
    padded = np.pad(votes, ((0, 0), (1, 1), (1, 1)))
    rows = 0.25 * padded[:, :-2] + 0.5 * padded[:, 1:-1] + 0.25 * padded[:, 2:]
    return np.asarray(0.25 * rows[..., :-2] + 0.5 * rows[..., 1:-1] + 0.25 * rows[..., 2:])


def octave_powers(spectrum: BandFrames) -> Frames32:
    """Add third octaves up to octaves from 125 Hz to 8 kHz: (frames, 7)."""
    return np.asarray(_thirds(spectrum).sum(axis=2))


def _thirds(spectrum: BandFrames) -> Frames32:
    return spectrum.third_octave[:, _THIRDS].reshape(-1, len(OCTAVES_HZ), 3)


def _octave(thirds: Frames32, hop_s: float) -> tuple[Floats, Floats]:
    """Measure the thirds of one octave (frames, 3) and their sum: votes per second (18, 16), statistics (12,)."""
    power = np.concatenate([thirds, thirds.sum(axis=1, keepdims=True)], axis=1)
    level_db = (10.0 * np.log10(power + _TINY)).astype(np.float32)
    floor_db, before_db = _floor_db(level_db), _before_db(power, hop_s)
    votes = np.zeros((VOTE_DECAYS_S.size, VOTE_LEVELS_DB.size))
    for window_s in _WINDOWS_S:
        length = max(round(window_s / hop_s), 4)
        votes += _votes(level_db, floor_db, before_db, length=length, hop_s=hop_s)
    return votes / (len(power) * hop_s), _statistics(level_db[:, 3:], floor_db[3:], hop_s)


def _floor_db(level_db: Frames32) -> Frames32:
    """Find the level (4,) below which there is only noise, or nothing."""
    smooth = sliding_window_view(level_db, 5, axis=0).mean(axis=-1)
    return np.asarray(np.maximum(smooth.min(axis=0), level_db.max(axis=0) - _DEEPEST_DB))


def _before_db(power: Frames32, hop_s: float) -> Frames32:
    """Add up all that sounded before, fading with each decay time: (frames, 4) -> (decays, frames, 4) in dB.

    r[n] = a r[n-1] + (1-a) E[n], by doubling: r[n] += a^k r[n-k] for k = 1, 2, 4 ...
    """
    sums = np.empty((VOTE_DECAYS_S.size, *power.shape), dtype=np.float32)
    for row, decay_s in zip(sums, VOTE_DECAYS_S, strict=True):
        fade = 10.0 ** (-6.0 * hop_s / decay_s)
        row[:] = power * np.float32(1.0 - fade)
        step = 1
        while step < len(power) and fade**step > 1e-6:
            row[step:] += np.float32(fade**step) * row[:-step].copy()
            step *= 2
    return np.asarray(10.0 * np.log10(sums + np.float32(_TINY)))


def _votes(level_db: Frames32, floor_db: Frames32, before_db: Frames32, *, length: int, hop_s: float) -> Floats:
    """Count the votes (18, 16) of all windows of `length` frames that fall along a line, in seconds."""
    slope, middle_db, error_db = _lines(level_db, length)
    drop_db = -slope * (length - 1)
    straight = (drop_db > _DROPS_DB[0]) & (drop_db < _DROPS_DB[1]) & (error_db < 2.0 * _STRAIGHT_DB)
    chosen = frame, channel = np.nonzero(straight & (middle_db - drop_db / 2 > floor_db + _ABOVE_FLOOR_DB))
    decay_s = -60.0 * hop_s / slope[chosen]
    weight = np.exp(-((error_db[chosen] / _STRAIGHT_DB) ** 2)) * hop_s
    at = np.interp(np.log(decay_s), np.log(VOTE_DECAYS_S), np.arange(VOTE_DECAYS_S.size))
    votes = np.zeros(VOTE_DECAYS_S.size * VOTE_LEVELS_DB.size)
    for decay, share in _corners(at, VOTE_DECAYS_S.size):
        faded_db = 30.0 * length * hop_s / VOTE_DECAYS_S[decay]
        ratio_db = middle_db[chosen] - before_db[decay, frame, channel] + faded_db
        height = np.interp(ratio_db, VOTE_LEVELS_DB, np.arange(VOTE_LEVELS_DB.size))
        for row, part in _corners(height, VOTE_LEVELS_DB.size):
            votes += np.bincount(decay * VOTE_LEVELS_DB.size + row, weight * share * part, votes.size)
    return votes.reshape(VOTE_DECAYS_S.size, VOTE_LEVELS_DB.size)


def _lines(level_db: Frames32, length: int) -> tuple[Floats, Floats, Floats]:
    """Fit a line to each window: slope in dB per frame, level of its middle, rms error: (windows, channels) each."""
    middle = level_db.mean(axis=0)
    centred = level_db.astype(np.float64) - middle
    total, moment, square = (
        _sums(values, length) for values in (centred, centred * np.arange(len(level_db))[:, None], centred**2)
    )
    mean = total / length
    spread = length * (length**2 - 1) / 12.0
    slope = (moment - (np.arange(len(total))[:, None] + (length - 1) / 2.0) * total) / spread
    error = np.maximum(square - length * mean**2 - slope**2 * spread, 0.0) / length
    return slope, mean + middle, np.sqrt(error)


def _sums(values: Floats, length: int) -> Floats:
    sums = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    return np.asarray(sums[length:] - sums[:-length])


def _corners(at: Floats, count: int) -> tuple[tuple[npt.NDArray[np.intp], Floats], ...]:
    """Share a place between its two neighbours."""
    low = np.minimum(at.astype(np.intp), count - 2)
    return (low, 1.0 - (at - low)), (low + 1, at - low)


def _statistics(level_db: Frames32, floor_db: Frames32, hop_s: float) -> Floats:
    """Say how deep an octave's pauses are and how fast it falls: level (frames, 1), floor (1,) -> (12,)."""
    mean_db = 10.0 * np.log10((10.0 ** (level_db.astype(np.float64) / 10.0)).mean())
    depths = np.percentile(level_db, (2, 5, 10, 20, 40, 60)) - mean_db
    slope = _lines(level_db, max(round(_WINDOWS_S[0] / hop_s), 4))[0] / hop_s
    falls = np.percentile(slope, (2, 5, 10, 25, 90))
    return np.concatenate([depths, falls, floor_db - mean_db])
