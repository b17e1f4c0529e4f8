"""Plan and stems become sound, block by block through all stages; decides nothing, writes nothing.

`stem_blocks` gives the three parts before the master (dry processed vocal, reverb return, backing),
`render_blocks` the mix as well. `measure_stems` is the pass a decider solves its gains from.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import Loudness, LoudnessMeter, measure_balance
from sitwell.audio import BLOCK, Audio, Samples
from sitwell.effects import Processor
from sitwell.errors import InputError
from sitwell.plan import MixPlan
from sitwell.units import db_to_gain, power_to_db

Progress = Callable[[float], None]
Energies = npt.NDArray[np.float64]  # (pieces, 3, 3): K-weighted, vocal, reverb, backing; 100 ms each
VOCAL, REVERB, BACKING = 0, 1, 2
_STRIDE = 16  # samples between looks at the reduction, a third of a millisecond
_ACTING_DB = -0.1  # the compressor acts where its gain is below this


class StemBlock(NamedTuple):
    """The parts of a mix before the master, each (2, n), and the compressor's gain in dB (n,)."""

    vocal: Samples
    reverb: Samples
    backing: Samples
    reduction_db: npt.NDArray[np.float32]

    def sum(self) -> Samples:
        """Add the parts: the mix before the master."""
        total: Samples = self.vocal + self.reverb + self.backing
        return total


@dataclass(frozen=True)
class Measured:
    """What came out: balance of the parts before the master, and the finished mix."""

    vmr_db: float
    vbr_lu: float
    return_db: float
    vocal_loudness_range_lu: float
    reduction_db: float
    limiter_reduction_db: float
    mix: Loudness


def mix_length(plan: MixPlan, vocal: Audio, backing: Audio) -> int:
    """Count the samples of the mix: the longer of the two, the vocal moved by its offset."""
    return max(vocal.length + _offset(plan, vocal.sample_rate), backing.length)


def vocal_blocks(
    plan: MixPlan, vocal: Audio, *, frames: int = BLOCK, length: int | None = None
) -> Iterator[tuple[Samples, npt.NDArray[np.float32]]]:
    """Yield the dry vocal after all its stages, (2, n), with the compressor's gain in dB (n,)."""
    rate = vocal.sample_rate
    before = _present(plan.vocal.highpass.processor(rate), plan.vocal.equalizer.processor(rate))
    compressor = plan.vocal.compressor.processor(rate)
    gain = db_to_gain(plan.vocal.gain_db)
    for block in vocal.blocks(frames, start=-_offset(plan, rate), length=length):
        reduction_db = np.zeros(block.shape[1], dtype=np.float32)
        _process(before, block)
        if compressor is not None:
            compressor.process(block, reduction_db)
        _scale(block, gain)
        yield block, reduction_db


def stem_blocks(plan: MixPlan, vocal: Audio, backing: Audio, *, frames: int = BLOCK) -> Iterator[StemBlock]:
    """Yield the parts of the mix before the master, block by block.

    Raises InputError `audio.rate_mismatch` when the two rates differ.
    """
    rate = vocal.sample_rate
    if rate != backing.sample_rate:
        raise InputError(
            "audio.rate_mismatch", f"vocal has {rate} Hz and backing {backing.sample_rate} Hz; resample one"
        )
    length = mix_length(plan, vocal, backing)
    room = plan.reverb.processor(rate)
    behind = _present(plan.backing.equalizer.processor(rate))
    backing_gain = db_to_gain(plan.backing.gain_db)
    vocals = vocal_blocks(plan, vocal, frames=frames, length=length)
    for (dry, reduction_db), under in zip(vocals, backing.blocks(frames, length=length), strict=True):
        _process(behind, under)
        _scale(under, backing_gain)
        wet = dry.copy() if room is not None else np.zeros_like(dry)
        if room is not None:
            room.process(wet)
        yield StemBlock(dry, wet, under, reduction_db)


def render_blocks(
    plan: MixPlan, vocal: Audio, backing: Audio, *, frames: int = BLOCK
) -> Iterator[tuple[StemBlock | None, Samples, float]]:
    """Yield (parts, mix block, largest limiter reduction so far in dB).

    The mix is aligned with the parts in time but arrives later by the limiter's latency: the first
    block is shorter, and a last one comes without parts.
    """
    master = MasterStage(plan, vocal.sample_rate)
    for parts in stem_blocks(plan, vocal, backing, frames=frames):
        yield parts, master.process(parts.sum()), master.reduction_db
    yield None, master.finish(), master.reduction_db


class MasterStage:
    """Master gain and limiter, aligned in time: the first sample out is the first sample in."""

    def __init__(self, plan: MixPlan, sample_rate: int) -> None:
        self._processor = plan.master.processor(sample_rate)
        self._late = self._processor.latency_samples if self._processor else 0

    @property
    def reduction_db(self) -> float:
        """Largest reduction of the limiter so far in dB, >= 0."""
        return self._processor.max_reduction_db if self._processor else 0.0

    def process(self, block: Samples) -> Samples:
        """Change a block (2, n) in place; return what is finished, at first less than came in."""
        if self._processor is None:
            return block
        self._processor.process(block)
        skipped = min(self._late, block.shape[1])
        self._late -= skipped
        return np.ascontiguousarray(block[:, skipped:])

    def finish(self) -> Samples:
        """Return what is still under way, once all blocks are in."""
        rest = np.zeros((2, self._processor.latency_samples if self._processor else 0), dtype=np.float32)
        return self.process(rest)


def measure_stems(plan: MixPlan, vocal: Audio, backing: Audio, *, progress: Progress = lambda _: None) -> Energies:
    """Measure the K-weighted cross energies (pieces, 3, 3) of vocal, reverb return and backing."""
    meter = core.CrossMeter(sample_rate=vocal.sample_rate, signals=3)
    length, done, pieces = mix_length(plan, vocal, backing), 0, []
    for parts in stem_blocks(plan, vocal, backing):
        pieces.append(meter.process([parts.vocal, parts.reverb, parts.backing]))
        done += parts.vocal.shape[1]
        progress(done / length)
    return np.concatenate(pieces) if pieces else np.zeros((0, 3, 3))


def vocal_energies(plan: MixPlan, vocal: Audio) -> npt.NDArray[np.float64]:
    """Measure the K-weighted energies (pieces,) of the dry vocal after all its stages."""
    meter = core.CrossMeter(sample_rate=vocal.sample_rate, signals=1)
    pieces = [meter.process([block])[:, 0, 0] for block, _ in vocal_blocks(plan, vocal)]
    return np.concatenate(pieces) if pieces else np.zeros(0)


def mix_energies(energies: Energies) -> npt.NDArray[np.float64]:
    """Sum cross energies (pieces, 3, 3) to the energies (pieces,) of the mix, correlation included."""
    mixed: npt.NDArray[np.float64] = np.maximum(energies.sum(axis=(1, 2)), 0.0)
    return mixed


def scaled_energies(energies: Energies, measured: MixPlan, wanted: MixPlan) -> Energies:
    """Turn the energies of one plan into those of another that differs only in the gains of its parts.

    Exact: with weights w the cross energies C of each 100 ms become w C w.
    """
    vocal = db_to_gain(wanted.vocal.gain_db - measured.vocal.gain_db)
    room = db_to_gain(wanted.reverb.return_db - measured.reverb.return_db)
    backing = db_to_gain(wanted.backing.gain_db - measured.backing.gain_db)
    weights = np.array([vocal, vocal * room, backing])
    scaled: Energies = energies * np.outer(weights, weights)
    return scaled


def return_ratio_db(energies: Energies) -> float:
    """Compare the energy of the reverb return with that of the dry vocal, in dB; -inf without one."""
    dry, wet = energies[:, VOCAL, VOCAL].sum(), energies[:, REVERB, REVERB].sum()
    return power_to_db(float(wet / dry)) if dry > 0 else -math.inf


class MixMeter:
    """Measures a mix while it is rendered: feed it what `render_blocks` yields, then call `finish`.

    Where the energies of the parts are known already, as after a decision, they are not measured again.
    """

    def __init__(self, sample_rate: int, energies: Energies | None = None) -> None:
        self._sample_rate, self._known = sample_rate, energies
        self._parts = core.CrossMeter(sample_rate=sample_rate, signals=3)
        self._pieces = [np.zeros((0, 3, 3))]
        self._reduction, self._reduced = 0.0, 0
        self.restart_mix()

    def process(self, parts: StemBlock | None, mix: Samples, limiter_db: float) -> None:
        """Take one step of a rendering."""
        if parts is not None:
            self.process_parts(parts)
        self.process_mix(mix, limiter_db)

    def process_parts(self, parts: StemBlock) -> None:
        """Take the parts of one step."""
        if self._known is None:
            self._pieces.append(self._parts.process([parts.vocal, parts.reverb, parts.backing]))
        seen = parts.reduction_db[::_STRIDE]
        acting = seen[seen < _ACTING_DB]
        self._reduction -= float(acting.sum(dtype=np.float64))
        self._reduced += acting.size

    def process_mix(self, mix: Samples, limiter_db: float) -> None:
        """Take the mix of one step, and the largest reduction of the limiter so far in dB."""
        self._mix.process(mix)
        self._limiter_db = limiter_db

    def restart_mix(self) -> None:
        """Forget the mix, not the parts: they go through another master."""
        self._mix, self._limiter_db = LoudnessMeter(self._sample_rate), 0.0

    @property
    def energies(self) -> Energies:
        """Cross energies (pieces, 3, 3) of the parts so far."""
        return np.concatenate(self._pieces) if self._known is None else self._known

    @property
    def mix_energies(self) -> npt.NDArray[np.float64]:
        """K-weighted energies (pieces,) of the mix so far."""
        return self._mix.energies

    def finish(self) -> Measured:
        """Return the figures."""
        energies = self.energies
        vocal = np.ascontiguousarray(energies[:, VOCAL, VOCAL])
        balance = measure_balance(vocal, np.ascontiguousarray(energies[:, BACKING, BACKING]))
        return Measured(
            vmr_db=balance.vmr_db,
            vbr_lu=balance.vbr_lu,
            return_db=return_ratio_db(energies),
            vocal_loudness_range_lu=core.loudness_range_lu(vocal),
            reduction_db=self._reduction / max(self._reduced, 1),
            limiter_reduction_db=self._limiter_db,
            mix=self._mix.finish(),
        )


def _offset(plan: MixPlan, sample_rate: int) -> int:
    return round(plan.vocal.offset_ms * sample_rate / 1000.0)


def _present(*processors: Processor | None) -> list[Processor]:
    return [processor for processor in processors if processor is not None]


def _process(processors: list[Processor], block: Samples) -> None:
    for processor in processors:
        processor.process(block)


def _scale(block: Samples, gain: float) -> None:
    if gain != 1.0:
        block *= gain
