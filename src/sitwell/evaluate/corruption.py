"""Random equalizer settings that spoil a vocal, so that the right correction is known; decides nothing.

Three strengths: *mild*, a filter chain as wide as real vocal chains; *medium*, four bells up to 10 dB;
*origin*, four of nine octave bells up to 15 dB (Georgia Tech, "Autonomous vocal and backing track mixing").
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.audio import Audio

Floats = npt.NDArray[np.float64]
Band = tuple[str, float, float, float]  # kind, frequency in Hz, gain in dB, q

KINDS = ("mild", "medium", "origin", "none")
_MILD_LIMIT_DB = 12.0
_GRID_HZ = np.geomspace(200.0, 10000.0, 64)  # where the strength of a corruption is judged


@dataclass(frozen=True)
class Corruption:
    """A chain of filter bands; `response_db` at frequencies (n,), `apply` to a sound."""

    kind: str
    bands: tuple[Band, ...] = ()

    def response_db(self, frequencies_hz: npt.ArrayLike, sample_rate: int = 48000) -> Floats:
        """Compute the response (n,) in dB at frequencies (n,) in Hz."""
        hz = np.minimum(np.asarray(frequencies_hz, dtype=np.float64), 0.49 * sample_rate)
        if not self.bands:
            return np.zeros(hz.shape)
        return core.response_db(self._sections(sample_rate), sample_rate=sample_rate, frequencies_hz=hz)

    def apply(self, audio: Audio) -> Audio:
        """Filter a sound; the loudness changes with it."""
        if not self.bands:
            return audio
        filters = core.Biquads(self._sections(audio.sample_rate), 2)
        blocks = []
        for block in audio.blocks():
            filters.process(block)
            blocks.append(block)
        return Audio(np.concatenate(blocks, axis=1), audio.sample_rate, audio.name)

    def _sections(self, sample_rate: int) -> Floats:
        return np.stack([_section(band, sample_rate) for band in self.bands])


def draw_corruption(kind: str, rng: np.random.Generator) -> Corruption:
    """Draw one corruption of a kind: mild, medium, origin or none."""
    draw = {"mild": _mild, "medium": _medium, "origin": _origin, "none": _none}[kind]
    return Corruption(kind, draw(rng))


def remove_mean(response_db: Floats) -> Floats:
    """Take the mean off along the last axis: a constant gain is the level's business."""
    return np.asarray(response_db - response_db.mean(axis=-1, keepdims=True))


def _none(_rng: np.random.Generator) -> tuple[Band, ...]:
    return ()


def _mild(rng: np.random.Generator) -> tuple[Band, ...]:
    """Shelves, bells and sometimes a high-pass: normal gains (sd 4 dB), each band in its own range."""
    bands: list[Band] = []
    for kind, low_hz, high_hz, limit_db in (
        ("low_shelf", 60.0, 250.0, 10.0), ("bell", 150.0, 900.0, 8.0), ("bell", 700.0, 3000.0, 8.0),
        ("bell", 2000.0, 8000.0, 8.0), ("high_shelf", 4000.0, 12000.0, 10.0),
    ):  # fmt: skip
        hz, q = _log_uniform(rng, low_hz, high_hz), _log_uniform(rng, 0.4, 3.0)
        gain_db = float(np.clip(rng.normal(0.0, 4.0), -limit_db, limit_db))
        if rng.random() < 0.6:
            bands.append((kind, hz, gain_db, q if kind == "bell" else min(q, 1.0)))
    hz = _log_uniform(rng, 20.0, 300.0)
    if rng.random() < 0.3:
        bands.append(("highpass", hz, 0.0, 0.71))
    peak_db = np.abs(remove_mean(Corruption("mild", tuple(bands)).response_db(_GRID_HZ))).max()
    scale = min(1.0, _MILD_LIMIT_DB / peak_db) if peak_db > 0 else 1.0
    return tuple((kind, hz, gain_db * scale, q) for kind, hz, gain_db, q in bands)


def _medium(rng: np.random.Generator) -> tuple[Band, ...]:
    """Four bells, each in its own range, present with probability 0.7, uniform within 10 dB."""
    bands: list[Band] = []
    for low_hz, high_hz in ((100.0, 400.0), (400.0, 1250.0), (1250.0, 4000.0), (4000.0, 12000.0)):
        band = ("bell", _log_uniform(rng, low_hz, high_hz), rng.uniform(-10.0, 10.0), _log_uniform(rng, 0.7, 2.0))
        if rng.random() < 0.7:
            bands.append(band)
    return tuple(bands)


def _origin(rng: np.random.Generator) -> tuple[Band, ...]:
    """Four of nine octave bells from 62.5 Hz to 16 kHz, uniform within 15 dB, Q 1."""
    octaves = sorted(rng.choice(9, size=4, replace=False).tolist())
    return tuple(("bell", 62.5 * 2.0**octave, float(rng.uniform(-15.0, 15.0)), 1.0) for octave in octaves)


def _section(band: Band, sample_rate: int) -> Floats:
    kind, hz, gain_db, q = band
    hz = min(hz, 0.45 * sample_rate)
    if kind == "highpass":
        return core.design_highpass(sample_rate=sample_rate, frequency_hz=hz, q=q)
    design = {
        "bell": core.design_bell, "low_shelf": core.design_low_shelf, "high_shelf": core.design_high_shelf,
    }[kind]  # fmt: skip
    return design(sample_rate=sample_rate, frequency_hz=hz, gain_db=gain_db, q=q)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
