"""A voice frame by frame: pitch, voicing, and a spectral envelope that does not depend on the melody.

Over a voiced frame the envelope at f is the mean power density from f - f0/2 to f + f0/2, which always holds
one harmonic (the smoothing of CheapTrick: Morise, Speech Communication 67, 2015); over others, in a sixth of
an octave. So a high note and a low note of the same voice have nearly the same envelope. Floors are
relative to each band and singing is told by the mean of levels in dB: an equalizer moves the envelope and little else.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis.bands import THIRD_OCTAVE
from sitwell.analysis.spectrum import fft_length
from sitwell.analysis.track import Track, active_frames
from sitwell.audio import Audio

Floats = npt.NDArray[np.float64]
Frames32 = npt.NDArray[np.float32]

VOICE_HZ: Floats = 1000.0 * 2.0 ** (np.arange(-22, 24) / 6.0)  # sixths of an octave, 79 Hz to 14.3 kHz
FRAMES = 1000  # more of a song say the same again
_SIXTH = 2.0 ** (1.0 / 12.0)
_NARROWEST_HZ = 60.0  # what the window resolves
_PITCH_HZ = (75.0, 800.0)
_HARMONICS_TO_HZ = 4000.0
_VOICED = 0.5
_NEARLY = 0.85  # of the best correlation: a shorter period that repeats as well is the period
_LEAST_TAPER = 0.2
_FLOOR_DB = 50.0
_BODY = (THIRD_OCTAVE.centres_hz > 190.0) & (THIRD_OCTAVE.centres_hz < 8500.0)
_SILENT_DB, _RANGE_DB = 60.0, 25.0
_SMOOTH_FRAMES = 17  # 0.4 s
_BATCH = 250  # frames transformed at once, so that a long song does not need hundreds of MB


@dataclass(frozen=True, eq=False)
class VoiceFrames:
    """Frames in which the voice is active: envelope_db (n, 46), f0_hz and voicing (n,).

    The envelope is power density in dB at `VOICE_HZ`, floored 50 dB below the mean of each band; voicing is the
    height of the autocorrelation at the pitch period, about 0 to 1.
    """

    envelope_db: Frames32
    f0_hz: Frames32
    voicing: Frames32
    sample_rate: int

    def of(self, chosen: npt.NDArray[np.intp] | slice) -> "VoiceFrames":
        """Keep some frames."""
        return VoiceFrames(self.envelope_db[chosen], self.f0_hz[chosen], self.voicing[chosen], self.sample_rate)


def measure_voice(audio: Audio, track: Track, *, limit: int | None = FRAMES) -> VoiceFrames:
    """Measure the active frames of a vocal, at most `limit` of them evenly spread; `track` is of the same sound."""
    active = np.flatnonzero(_singing(track))
    if limit is not None and active.size > limit:
        active = active[np.linspace(0, active.size - 1, limit).round().astype(np.intp)]
    if not active.size:
        empty = np.zeros(0, dtype=np.float32)
        return VoiceFrames(np.zeros((0, VOICE_HZ.size), dtype=np.float32), empty, empty, audio.sample_rate)
    parts = [_measured(audio, active[start : start + _BATCH]) for start in range(0, active.size, _BATCH)]
    density, f0_hz, voicing = (np.concatenate(column) for column in zip(*parts, strict=True))
    density += 10.0 ** (-_FLOOR_DB / 10.0) * density.mean(axis=0) + 1e-30
    envelope_db = (10.0 * np.log10(density)).astype(np.float32)
    return VoiceFrames(envelope_db, f0_hz.astype(np.float32), voicing.astype(np.float32), audio.sample_rate)


def _singing(track: Track) -> npt.NDArray[np.bool_]:
    """Tell in which frames there is singing, (frames,), whatever the equalizer: by the mean of band levels in dB."""
    power = track.spectrum.third_octave[:, _BODY].astype(np.float64)
    if not active_frames(track).any():
        return np.zeros(len(power), dtype=np.bool_)
    floor = 10.0 ** (-_SILENT_DB / 10.0) * power.mean(axis=0) + 1e-30
    level_db = 10.0 * np.log10(power + floor).mean(axis=1)
    padded_db = np.pad(level_db, _SMOOTH_FRAMES // 2, mode="edge")
    smooth_db = np.convolve(padded_db, np.full(_SMOOTH_FRAMES, 1.0 / _SMOOTH_FRAMES), mode="valid")
    return np.asarray(smooth_db > smooth_db.max() - _RANGE_DB)


def _measured(audio: Audio, frames: npt.NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
    """Measure frames (n,): density (n, 46), f0 in Hz (n,) and voicing (n,)."""
    power, bin_hz = _spectra(audio, frames), _bin_hz(audio.sample_rate)
    f0_hz, voicing = _pitch(power, bin_hz, 1.0 / (2.0 * bin_hz))
    return _density(power, bin_hz, f0_hz, voicing), f0_hz, voicing


def _bin_hz(sample_rate: int) -> float:
    return sample_rate / (2 * fft_length(sample_rate))


def _spectra(audio: Audio, frames: npt.NDArray[np.intp]) -> Floats:
    """Compute power densities of frames (n,): (n, bins), twice as fine as the window resolves."""
    rate, n_fft = audio.sample_rate, fft_length(audio.sample_rate)
    starts = frames * (n_fft // 2) - n_fft // 4
    index = starts[:, None] + np.arange(n_fft)
    inside = (index >= 0) & (index < audio.length)
    middle = audio.samples[:, np.clip(index, 0, audio.length - 1)]  # (2, n, n_fft)
    left, right = middle[0] * inside, middle[1] * inside
    mono = 0.5 * (left + right)
    faint = (mono**2).sum(axis=1) < 0.05 * (left**2 + right**2).sum(axis=1)  # opposite polarity: one side tells
    mono[faint] = left[faint]
    window = np.hanning(n_fft)
    return np.asarray(np.abs(np.fft.rfft(mono * window, 2 * n_fft)) ** 2 / (rate * (window**2).sum()))


def _pitch(power: Floats, bin_hz: float, window_s: float) -> tuple[Floats, Floats]:
    """Find the period at which each frame repeats best: power (n, bins) -> f0 in Hz (n,), voicing (n,).

    Autocorrelation of the square root of power below 4 kHz, so that no harmonic and no equalizer decides alone.
    """
    top = min(math.floor(_HARMONICS_TO_HZ / bin_hz), power.shape[1] - 1)
    rate_hz = 4.0 * top * bin_hz  # twice what the band needs: high notes have short periods
    correlation = np.fft.irfft(np.sqrt(power[:, :top]), 4 * top, axis=1)
    shortest, longest = math.floor(rate_hz / _PITCH_HZ[1]), math.floor(rate_hz / _PITCH_HZ[0])
    lags = np.arange(shortest, longest)
    taper = np.maximum(1.0 - lags / rate_hz / window_s, _LEAST_TAPER)
    height = correlation[:, shortest:longest] / (correlation[:, :1] + 1e-20) / taper
    rows = np.arange(len(height))
    best = height.argmax(axis=1)
    for part in (2, 3):
        shorter = np.rint((best + shortest) / part).astype(np.intp) - shortest
        possible = shorter >= 0
        take = possible & (height[rows, np.maximum(shorter, 0)] > _NEARLY * height[rows, best])
        best = np.where(take, shorter, best)
    return rate_hz / (best + shortest), height[rows, best]


def _density(power: Floats, bin_hz: float, f0_hz: Floats, voicing: Floats) -> Floats:
    """Average power density around each band: (n, bins) -> (n, 46)."""
    sums = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1) * bin_hz], axis=1)
    sixth_hz = VOICE_HZ * (_SIXTH - 1.0 / _SIXTH)
    least_hz = np.where(voicing > _VOICED, f0_hz, _NARROWEST_HZ)[:, None]
    width_hz = np.maximum(sixth_hz, least_hz)
    low_hz, high_hz = np.maximum(VOICE_HZ - width_hz / 2, 0.0), VOICE_HZ + width_hz / 2
    return np.asarray((_upto(sums, high_hz / bin_hz) - _upto(sums, low_hz / bin_hz)) / (high_hz - low_hz))


def _upto(sums: Floats, bins: Floats) -> Floats:
    """Read cumulative power (n, bins + 1) up to fractional bins (n, 46); a bin reaches half a bin to each side."""
    at = np.clip(bins + 0.5, 0.0, sums.shape[1] - 1.001)
    whole = at.astype(np.intp)
    share = at - whole
    rows = np.arange(len(sums))[:, None]
    return np.asarray(sums[rows, whole] * (1.0 - share) + sums[rows, whole + 1] * share)
