"""The parts of a mix before the master, block by block: dry processed vocal, reverb return, backing."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.audio import BLOCK, Audio, Samples
from sitwell.effects import Processor
from sitwell.errors import InputError
from sitwell.plan import MixPlan
from sitwell.units import db_to_gain


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


def mix_length(plan: MixPlan, vocal: Audio, backing: Audio) -> int:
    """Count the samples of the mix: the longer of the two, the vocal moved by its offset."""
    return max(vocal.length + _offset(plan, vocal.sample_rate), backing.length)


class KeptRoom:
    """What a reverb's network makes of a vocal, before any gain: the first rendering fills it, later ones read it."""

    def __init__(self, length: int) -> None:
        self.samples = np.empty((2, length), dtype=np.float32)
        self.filled = 0

    def through(self, network: core.Reverb | None, block: Samples, start: int) -> Samples:
        """Give the network's answer to a dry block (2, n) that begins at sample `start`."""
        here = self.samples[:, start : start + block.shape[1]]
        if start >= self.filled:
            here[...] = _wet(network, block)
            self.filled = start + block.shape[1]
        return here.copy()


def vocal_blocks(
    plan: MixPlan, vocal: Audio, *, frames: int = BLOCK, length: int | None = None
) -> Iterator[tuple[Samples, npt.NDArray[np.float32]]]:
    """Yield the dry vocal after all its stages, (2, n), with the compressor's gain in dB (n,)."""
    gain = db_to_gain(plan.vocal.gain_db)
    for block, reduction_db in _compressed(plan, vocal, frames, length):
        _scale(block, gain)
        yield block, reduction_db


def stem_blocks(
    plan: MixPlan, vocal: Audio, backing: Audio, *, frames: int = BLOCK, room: KeptRoom | None = None
) -> Iterator[StemBlock]:
    """Yield the parts of the mix before the master, block by block.

    The vocal is sent to the reverb before its own gain, which the return follows: so `room`, kept from a plan that
    differs in gains only, serves this plan too. Raises InputError `audio.rate_mismatch` when the two rates differ.
    """
    rate = vocal.sample_rate
    if rate != backing.sample_rate:
        raise InputError(
            "audio.rate_mismatch", f"vocal has {rate} Hz and backing {backing.sample_rate} Hz; resample one"
        )
    length, done = mix_length(plan, vocal, backing), 0
    network = plan.reverb.network(rate) if plan.reverb.enabled else None
    behind = _present(plan.backing.equalizer.processor(rate))
    gains = [db_to_gain(db) for db in (plan.vocal.gain_db, return_gain_db(plan), plan.backing.gain_db)]
    vocals = _compressed(plan, vocal, frames, length)
    for (dry, reduction_db), under in zip(vocals, backing.blocks(frames, length=length), strict=True):
        _process(behind, under)
        wet = _wet(network, dry) if room is None else room.through(network, dry, done)
        for block, gain in zip((dry, wet, under), gains, strict=True):
            _scale(block, gain)
        yield StemBlock(dry, wet, under, reduction_db)
        done += dry.shape[1]


def return_gain_db(plan: MixPlan) -> float:
    """Give the gain of the reverb's network in the mix: its return follows the vocal."""
    return plan.vocal.gain_db + plan.reverb.return_db


def _compressed(
    plan: MixPlan, vocal: Audio, frames: int, length: int | None
) -> Iterator[tuple[Samples, npt.NDArray[np.float32]]]:
    """Yield the vocal before its gain, (2, n), with the compressor's gain in dB (n,)."""
    rate = vocal.sample_rate
    before = _present(plan.vocal.highpass.processor(rate), plan.vocal.equalizer.processor(rate))
    compressor = plan.vocal.compressor.processor(rate)
    for block in vocal.blocks(frames, start=-_offset(plan, rate), length=length):
        reduction_db = np.zeros(block.shape[1], dtype=np.float32)
        _process(before, block)
        if compressor is not None:
            compressor.process(block, reduction_db)
        yield block, reduction_db


def _wet(network: core.Reverb | None, dry: Samples) -> Samples:
    """Send a dry block (2, n) through the network; silence without one."""
    if network is None:
        return np.zeros_like(dry)
    wet = dry.copy()
    network.process(wet)
    return wet


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
