"""Effects: each is its frozen parameters and one pure call into the core.

`apply(effect, audio)` is the whole-file call; `effect.processor(sample_rate)` the same block by block.
"""

from typing import Protocol

import numpy as np

from sitwell.audio import Audio, Samples
from sitwell.effects.compressor import Compressor
from sitwell.effects.equalizer import Bell, Dips, Equalizer, HighPass, Shelf
from sitwell.effects.limiter import Master
from sitwell.effects.named import NamedReverb, named_reverbs
from sitwell.effects.reverb import Reverb

__all__ = [
    "EFFECTS", "Bell", "Compressor", "Dips", "Effect", "Equalizer", "HighPass", "Master", "NamedReverb",
    "Processor", "Reverb", "Shelf", "apply", "named_reverbs",
]  # fmt: skip


class Processor(Protocol):
    """Something that changes blocks (2, n) in place and remembers what it must between them."""

    def process(self, block: Samples) -> object: ...


class Effect(Protocol):
    """Frozen parameters of one stage."""

    @property
    def enabled(self) -> bool: ...

    def processor(self, sample_rate: int) -> Processor | None: ...


EFFECTS: tuple[type[HighPass | Equalizer | Dips | Compressor | Reverb | Master], ...] = (
    HighPass, Equalizer, Dips, Compressor, Reverb, Master,
)  # fmt: skip


def apply(effect: Effect, audio: Audio) -> Audio:
    """Process a whole sound; length, rate, channels and time alignment are kept."""
    processor = effect.processor(audio.sample_rate)
    if processor is None:
        return audio
    latency: int = getattr(processor, "latency_samples", 0)
    blocks = []
    for block in audio.blocks(length=audio.length + latency):
        processor.process(block)
        blocks.append(block)
    samples = np.concatenate(blocks, axis=1) if blocks else np.zeros((2, 0), dtype=np.float32)
    return Audio(np.ascontiguousarray(samples[:, latency:]), audio.sample_rate, audio.name)
