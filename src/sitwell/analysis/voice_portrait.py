"""A voice in figures: mean spectra by pitch, voicing, sibilance and loudness, and traits no equalizer changes.

All spectra of a portrait move alike when the voice is equalized, so their differences, and the traits, tell
the voice; what is left of the spectrum is the voice's own colour and the equalizer.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis.voice import VOICE_HZ, VoiceFrames

Floats = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]

SPECTRA = (
    "all", "voiced", "sibilant", "loud_half", "soft", "median", "p90", "p20", "most_sibilant", "bright", "dark",
    "loudest", "softest", "low_notes", "high_notes", "most_voiced", "unvoiced", "p5", "p98", "mean_level",
)  # fmt: skip
LEAST_FRAMES = 20
_MIDDLE = (VOICE_HZ > 300.0) & (VOICE_HZ < 2500.0)
_BODY = (VOICE_HZ > 200.0) & (VOICE_HZ < 8000.0)
_PITCH_EDGES_HZ = np.geomspace(75.0, 800.0, 11)
_VOICED_RANK = 0.4
_AVERAGE_FRAMES = 10  # every mean holds as many average frames, so that one odd frame more or less moves little
_EMPTY_DB = 70.0  # bands this far below the strongest hold nothing: a band limit
_TOP = 0.45  # of the sample rate
_BANDS = 15  # of three sixths each, for traits


@dataclass(frozen=True, eq=False)
class Portrait:
    """spectra_db (20, 46) in the order of `SPECTRA`, traits (m,), audible (46,): bands that hold anything."""

    spectra_db: Floats
    traits: Floats
    audible: Chosen


def portray(frames: VoiceFrames) -> Portrait | None:
    """Put a voice into figures; None when there are fewer than 20 frames."""
    level = frames.envelope_db.astype(np.float64)
    if len(level) < LEAST_FRAMES:
        return None
    power = 10.0 ** (level / 10.0)
    loud, voicing = _ranks(level[:, _BODY].mean(axis=1)), _ranks(frames.voicing)  # ranks no equalizer changes
    bright = _ranks(level[:, VOICE_HZ > 4500.0].mean(axis=1) - level[:, _MIDDLE].mean(axis=1))
    voiced = voicing > _VOICED_RANK
    f0_hz = frames.f0_hz.astype(np.float64)
    usual_hz = float(np.exp(np.log(f0_hz[voiced]).mean()))
    high = voiced / (1.0 + (usual_hz / f0_hz) ** 12)  # how high a note is, 0 to 1: no edge that a note could sit on
    p5, p20, p50, p90, p98 = np.percentile(level, (5, 20, 50, 90, 98), axis=0)
    mean_power = power.mean(axis=0)

    def mean_db(weights: Chosen | Floats) -> Floats:
        total = weights @ power + _AVERAGE_FRAMES * mean_power
        return np.asarray(10.0 * np.log10(total / (weights.sum() + _AVERAGE_FRAMES)))

    everything = np.ones(len(level), dtype=np.bool_)
    spectra = {
        "all": mean_db(everything), "voiced": mean_db(voiced), "sibilant": mean_db(bright > 0.88),
        "loud_half": mean_db((loud > 0.4) & (loud < 0.8)), "soft": mean_db(loud < 0.4),
        "median": p50, "p90": p90, "p20": p20,
        "most_sibilant": mean_db(bright > 0.97), "bright": mean_db((bright > 0.7) & (bright < 0.88)),
        "dark": mean_db(bright < 0.3), "loudest": mean_db(loud > 0.9), "softest": mean_db(loud < 0.15),
        "low_notes": mean_db(voiced - high), "high_notes": mean_db(high),
        "most_voiced": mean_db(voicing > 0.8), "unvoiced": mean_db(voicing < 0.15),
        "p5": p5, "p98": p98, "mean_level": level.mean(axis=0),
    }  # fmt: skip
    stacked = np.stack([spectra[name] for name in SPECTRA])
    audible = (stacked[0] > stacked[0].max() - _EMPTY_DB) & (_TOP * frames.sample_rate > VOICE_HZ)
    return Portrait(stacked, _traits(level, frames, voiced, usual_hz), audible)


def _traits(level: Floats, frames: VoiceFrames, voiced: Chosen, usual_hz: float) -> Floats:
    """Measure what a constant equalizer does not change: (10 + 7 + 15 + 105 + 15 + 15 + 15,)."""
    pitch = np.clip(frames.f0_hz[voiced], _PITCH_EDGES_HZ[0], _PITCH_EDGES_HZ[-1])
    histogram = np.histogram(pitch, _PITCH_EDGES_HZ)[0] / max(int(voiced.sum()), 1)
    voicing = frames.voicing.astype(np.float64)
    manner = [
        np.log2(usual_hz / 200.0), float((voicing > 0.6).mean()), voicing.mean(), voicing.std(),
        level[:, _BODY].mean(axis=1).std() / 10.0, *np.percentile(voicing, (20, 80)),
    ]  # fmt: skip
    coarse = level[:, : 3 * _BANDS].reshape(len(level), _BANDS, 3).mean(axis=2)
    coarse -= coarse.mean(axis=0)
    spread = coarse.std(axis=0) + 0.1
    unit = coarse / spread
    together = (unit.T @ unit / len(unit))[np.triu_indices(_BANDS, 1)]
    pace = np.diff(unit, axis=0).std(axis=0)
    shape = [np.log(spread), together, pace, (unit**3).mean(axis=0), (unit**4).mean(axis=0) / 3.0]
    return np.concatenate([np.sqrt(histogram), manner, *shape]).astype(np.float64)


def _ranks(values: npt.ArrayLike) -> Floats:
    """Rank from 0 (least) to 1 (most)."""
    order = np.argsort(np.argsort(np.asarray(values), kind="stable"), kind="stable")
    return np.asarray(order / max(len(order) - 1, 1), dtype=np.float64)
