"""Solves the compressor for a loudness range: asked in LU, found by search on the vocal's envelope.

The search runs on peaks and K-weighted energies of about 1 ms each, a thousandth of the work of
rendering; what it finds is then rendered and measured by the caller.
Sources: EBU Tech 3342 (loudness range); Giannoulis, Massberg, Reiss, "Parameter automation in a dynamic
range compressor", JAES 61(10), 2013 (attack and release from the crest factor).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import frame_activity
from sitwell.audio import Audio
from sitwell.effects import Compressor
from sitwell.plan import MixPlan
from sitwell.render import vocal_blocks

Floats = npt.NDArray[np.float64]

HOP_S = 0.0008
MAX_MEAN_REDUCTION_DB = 8.0
MAX_P95_REDUCTION_DB = 12.0
RATIOS = (2.0, 3.0, 4.0, 6.0)
_CREST_WINDOW_S = 0.2


@dataclass(frozen=True, eq=False)
class VocalEnvelope:
    """The vocal as a compressor sees it: per hop, peak (n,) and K-weighted energy (n,)."""

    peak: Floats
    energy: Floats
    rate_hz: float
    singing: npt.NDArray[np.bool_]  # (n,) hops within windows where the vocal sings

    def pieces(self, gain_db: npt.NDArray[np.float32] | None = None) -> Floats:
        """Sum to energies per 100 ms, after a gain in dB (n,)."""
        energy = self.energy if gain_db is None else self.energy * 10.0 ** (gain_db.astype(np.float64) / 10.0)
        index, counts = self._piece_of_hop
        return np.ascontiguousarray((np.bincount(index, energy) / counts)[:-1])  # the last piece is not whole

    @cached_property
    def _piece_of_hop(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The piece that each hop belongs to (n,), and the hops of each piece (pieces,), at least 1."""
        index = (np.arange(self.energy.size) / (0.1 * self.rate_hz)).astype(np.int64)
        return index, np.maximum(np.bincount(index), 1)


@dataclass(frozen=True)
class Solved:
    """A compressor without makeup, the range the envelope predicts for it, and whether a limit was hit."""

    compressor: Compressor
    predicted_lu: float
    mean_reduction_db: float
    limit_reached: bool


def envelope_of(plan: MixPlan, vocal: Audio) -> VocalEnvelope:
    """Run the vocal through the plan's filters up to the compressor and take its envelope."""
    before = plan.replace(
        vocal=plan.vocal.replace(compressor=plan.vocal.compressor.replace(enabled=False), gain_db=0.0)
    )
    hop = max(round(HOP_S * vocal.sample_rate), 1)
    meter = core.Envelope(sample_rate=vocal.sample_rate, hop_samples=hop)
    found = [meter.process(block) for block, _ in vocal_blocks(before, vocal)]
    table = np.concatenate(found) if found else np.zeros((0, 2))
    rate_hz = vocal.sample_rate / hop
    bare = VocalEnvelope(table[:, 0].copy(), table[:, 1].copy(), rate_hz, np.zeros(len(table), dtype=bool))
    return VocalEnvelope(bare.peak, bare.energy, rate_hz, _singing(bare))


def solve(envelope: VocalEnvelope, *, range_lu: float, start: Compressor, ratios: tuple[float, ...] = RATIOS) -> Solved:
    """Find threshold and ratio that bring the loudness range to `range_lu`.

    The gentlest ratio that can reach it within the limits of reduction is taken, and its threshold
    bisected; when none can, the one that comes nearest at its limit, marked as such.
    """
    levels_db = _levels_db(envelope.peak)
    loudest_db = float(levels_db.max())
    best: Solved | None = None
    for ratio in ratios:
        lowest_db = _lowest_threshold(envelope, levels_db, start.replace(ratio=ratio), loudest_db)
        strongest = _tried(envelope, levels_db, start.replace(ratio=ratio), lowest_db)
        if strongest.predicted_lu <= range_lu:
            return _bisect(envelope, levels_db, strongest.compressor, range_lu, loudest_db)
        if best is None or strongest.predicted_lu < best.predicted_lu:
            best = strongest
    assert best is not None
    return Solved(best.compressor, best.predicted_lu, best.mean_reduction_db, limit_reached=True)


def crest_factor_squared(envelope: VocalEnvelope) -> float:
    """Measure peak power over mean power in 200 ms windows, averaged while singing (linear)."""
    width = max(round(_CREST_WINDOW_S * envelope.rate_hz), 1)
    count = envelope.peak.size // width
    if count == 0:
        return 1.0
    peak = envelope.peak[: count * width].reshape(count, width).max(axis=1) ** 2
    mean = envelope.energy[: count * width].reshape(count, width).mean(axis=1) / 2.0  # of one channel
    singing = envelope.singing[: count * width].reshape(count, width).any(axis=1) & (mean > 0)
    return float(np.median(peak[singing] / mean[singing])) if singing.any() else 1.0


def _singing(envelope: VocalEnvelope) -> npt.NDArray[np.bool_]:
    hops = np.arange(envelope.energy.size, dtype=np.float64)
    return frame_activity(envelope.pieces(), np.asarray((hops + 0.5) / envelope.rate_hz, dtype=np.float64))


def _levels_db(peak: Floats) -> npt.NDArray[np.float32]:
    return np.asarray(20.0 * np.log10(np.maximum(peak, 1e-7)), dtype=np.float32)


def _tried(
    envelope: VocalEnvelope, levels_db: npt.NDArray[np.float32], compressor: Compressor, threshold_db: float
) -> Solved:
    tried = compressor.replace(threshold_db=min(max(threshold_db, -80.0), 0.0))
    gain_db = core.compressor_gain_db(
        levels_db,
        rate_hz=envelope.rate_hz,
        threshold_db=tried.threshold_db,
        ratio=tried.ratio,
        knee_db=tried.knee_db,
        attack_ms=tried.attack_ms,
        release_ms=tried.release_ms,
    )
    reduction = -gain_db[envelope.singing]
    mean_db = float(reduction.mean()) if reduction.size else 0.0
    p95_db = float(np.percentile(reduction, 95)) if reduction.size else 0.0
    over = mean_db > MAX_MEAN_REDUCTION_DB or p95_db > MAX_P95_REDUCTION_DB
    return Solved(tried, core.loudness_range_lu(envelope.pieces(gain_db)), mean_db, limit_reached=over)


def _lowest_threshold(
    envelope: VocalEnvelope, levels_db: npt.NDArray[np.float32], compressor: Compressor, loudest_db: float
) -> float:
    """Bisect for the lowest threshold whose reduction stays within the limits."""
    low_db, high_db = max(loudest_db - 40.0, -80.0), min(loudest_db, 0.0)
    if not _tried(envelope, levels_db, compressor, low_db).limit_reached:
        return low_db
    while high_db - low_db > 0.1:
        middle_db = (low_db + high_db) / 2.0
        if _tried(envelope, levels_db, compressor, middle_db).limit_reached:
            low_db = middle_db
        else:
            high_db = middle_db
    return high_db


def _bisect(
    envelope: VocalEnvelope,
    levels_db: npt.NDArray[np.float32],
    strongest: Compressor,
    range_lu: float,
    loudest_db: float,
) -> Solved:
    low_db, high_db = strongest.threshold_db, min(loudest_db, 0.0)
    while high_db - low_db > 0.02:
        middle_db = (low_db + high_db) / 2.0
        if _tried(envelope, levels_db, strongest, middle_db).predicted_lu <= range_lu:
            low_db = middle_db
        else:
            high_db = middle_db
    return _tried(envelope, levels_db, strongest, low_db)
