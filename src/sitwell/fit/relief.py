"""How far the response of a reverb is from one to be matched: mel energy-decay relief, growth of energy, decay times.

The relief is the backward integral of the energy in each mel band (Jot, "An analysis/synthesis approach to real-time
artificial reverberation", ICASSP 1992). Samples are never compared: two rooms that sound alike share none.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis import Bands, Response
from sitwell.analysis.octaves import octave_weight
from sitwell.analysis.response import Reverberation
from sitwell.audio import Samples
from sitwell.core import BandPowers
from sitwell.effects import Reverb
from sitwell.fit.response import reverb_response

Floats = npt.NDArray[np.float64]

DEPTH_DB = 50.0  # cells of the relief that are compared: not softer than this against its loudest
LONGEST_S = 10.0
_BANDS, _LOW_HZ, _HIGH_HZ = 24, 80.0, 12000.0
_WINDOW_S = 0.0232
_GROWTH_S = 0.25  # the stretch over which the growth of energy is compared
_FLOOR_DB = -90.0
# Just noticeable differences: level 1 dB and clarity 1 dB (Bradley 1999), decay time 5 % (ISO 3382-1).
_LEVEL_JND_DB, _GROWTH_JND_DB, _DECAY_JND = 1.0, 1.0, 0.05
_RELIEF_WEIGHT, _GROWTH_WEIGHT, _DECAY_WEIGHT = 1.0, 0.5, 0.25
_DECAY_BANDS = {125: 0.5, 250: 0.5, 500: 1.0, 1000: 1.0, 2000: 1.0, 4000: 1.0, 8000: 0.5}  # Hz: weight


@dataclass(frozen=True)
class Distance:
    """How far a reverb is from its target: mean difference of the relief and of the energy's growth, in dB, and of
    log decay times per octave; `jnd` weighs them in just noticeable differences."""

    relief_db: float
    growth_db: float
    decay: float

    @property
    def jnd(self) -> float:
        """Weigh the three; 1 is about what is just noticed."""
        return (
            _RELIEF_WEIGHT * self.relief_db / _LEVEL_JND_DB
            + _GROWTH_WEIGHT * self.growth_db / _GROWTH_JND_DB
            + _DECAY_WEIGHT * self.decay / _DECAY_JND
        )


class ReliefTarget:
    """A response to be matched, without its direct sound and noise, at any level."""

    def __init__(self, response: Response, reverberation: Reverberation) -> None:
        rate = response.sample_rate
        samples = reverberation.samples[:, : round(LONGEST_S * rate)]
        net = _without_noise(mel_powers(samples, rate), rate, reverberation)
        relief = _relief(net)
        loudest = float(relief.max())
        self.mask = relief > loudest * 10 ** (-DEPTH_DB / 10)  # (frames, bands)
        frames = int(np.flatnonzero(self.mask.any(axis=1))[-1]) + 1
        self.mask, self._relief_db = self.mask[:frames], _db(relief[:frames] / loudest)
        self._total = float(relief[0].sum()) / loudest
        self._growth_db = _growth_db(net, rate)
        self._seconds = frames * _hop(rate) / rate
        self._rate = rate
        self._log_decays = _log_decays(relief, rate)

    def distance(self, reverb: Reverb) -> Distance:
        """Render the reverb without its pre-delay and compare; levels are matched first."""
        plain = reverb.replace(predelay_ms=0.0, return_db=0.0)
        net = mel_powers(reverb_response(plain, self._rate, 1.25 * self._seconds).samples, self._rate)
        relief = _relief(net)[: len(self.mask)]
        relief *= self._total / relief[0].sum()
        apart = np.abs(_db(relief) - self._relief_db)[self.mask]
        growth = np.abs(_growth_db(net, self._rate) - self._growth_db)
        decay = np.abs(_log_decays(relief, self._rate) - self._log_decays)
        weights = np.array(list(_DECAY_BANDS.values())) * np.isfinite(decay)
        mean_decay = float(np.nan_to_num(decay) @ weights / max(weights.sum(), 1e-9))
        return Distance(float(apart.mean()), float(growth.mean()), mean_decay)


def mel_powers(samples: Samples, sample_rate: int) -> Floats:
    """Measure energies (frames, bands) in mel bands from 80 Hz to 12 kHz, a frame each 6 ms, from the first sample."""
    hop, n_fft = _hop(sample_rate), 4 * _hop(sample_rate)
    weights = _mel_bands(sample_rate).weights(sample_rate=sample_rate, n_fft=n_fft)[1:]
    transform = BandPowers(_window(n_fft), np.ascontiguousarray(weights, dtype=np.float32))
    padded = np.pad(samples, ((0, 0), (n_fft - hop, n_fft)))
    return transform.process(np.ascontiguousarray(padded), hop).astype(np.float64)


def mel_centres_hz(sample_rate: int) -> Floats:
    """Give the centres (bands,) of those bands."""
    return _mel_bands(sample_rate).centres_hz


def _without_noise(powers: Floats, rate: int, reverberation: Reverberation) -> Floats:
    """Take off the steady noise of each mel band, and what comes after the decay has met it."""
    net = powers.copy()
    centres = mel_centres_hz(rate)
    frame_s = _hop(rate) / rate
    for band, centre_hz in enumerate(centres):
        octave = min(reverberation.decays, key=lambda hz: abs(math.log(hz / centre_hz)))
        knee = round(reverberation.decays[octave].knee_s / frame_s)
        if reverberation.decays[octave].noisy and knee < len(net):
            net[:, band] = np.maximum(
                net[:, band] - np.median(powers[knee : knee + max(1, (len(net) - knee) // 2), band]), 0
            )
        net[knee:, band] = 0.0
    return net


def _relief(net: Floats) -> Floats:
    return np.cumsum(net[::-1], axis=0)[::-1]


def _growth_db(net: Floats, rate: int) -> Floats:
    """Compute how much of all energy has come after each frame of the first quarter of a second, in dB."""
    frames = round(_GROWTH_S * rate / _hop(rate))
    grown = np.cumsum(net.sum(axis=1))
    grown = grown[np.minimum(np.arange(2, frames), len(grown) - 1)]
    return _db(grown / net.sum())


def _log_decays(relief: Floats, rate: int) -> Floats:
    """Read ln T60 of the octaves off the relief, from -5 to -35 dB or as far as it goes; NaN below 15 dB."""
    centres = mel_centres_hz(rate)
    found = []
    for octave_hz in _DECAY_BANDS:
        level_db = _db(relief @ octave_weight(centres, octave_hz))
        inside = np.flatnonzero((level_db < level_db[0] - 5) & (level_db > level_db[0] - 35))
        if len(inside) < 3 or level_db[inside[0]] - level_db[inside[-1]] < 10:
            found.append(math.nan)
            continue
        time_s = inside * _hop(rate) / rate
        centred = time_s - time_s.mean()
        slope = float(centred @ level_db[inside] / (centred @ centred))
        found.append(math.log(-60 / slope))
    return np.array(found)


def _db(power: Floats) -> Floats:
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_FLOOR_DB / 10))))


def _hop(rate: int) -> int:
    return int(2 ** round(math.log2(_WINDOW_S * rate))) // 4


def _window(n_fft: int) -> npt.NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)


def _mel_bands(rate: int) -> Bands:
    """Share 80 Hz to 12 kHz evenly on O'Shaughnessy's mel scale."""
    low, high = (2595 * math.log10(1 + hz / 700) for hz in (_LOW_HZ, min(_HIGH_HZ, 0.45 * rate)))
    mels = np.linspace(low, high, 2 * _BANDS + 1)
    hz = 700 * (10 ** (mels / 2595) - 1)
    return Bands("mel", hz[::2], hz[1::2])
