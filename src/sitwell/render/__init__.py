"""Plan and stems become sound, block by block through all stages; decides nothing, writes nothing."""

from sitwell.render.energies import (
    BACKING,
    REVERB,
    VOCAL,
    Energies,
    measure_stems,
    mix_energies,
    return_ratio_db,
    scaled_energies,
    vocal_energies,
)
from sitwell.render.master import MasterStage, render_blocks
from sitwell.render.meter import Measured, MixMeter
from sitwell.render.parts import KeptRoom, StemBlock, mix_length, stem_blocks, vocal_blocks

__all__ = [
    "BACKING", "REVERB", "VOCAL", "Energies", "KeptRoom", "MasterStage", "Measured", "MixMeter", "StemBlock",
    "measure_stems", "mix_energies", "mix_length", "render_blocks", "return_ratio_db", "scaled_energies", "stem_blocks",
    "vocal_blocks", "vocal_energies",
]  # fmt: skip
