"""Signal processing in C++, with a typed face: blocks of float32 (channels, samples), changed in place.

Nothing here knows files, plans or defaults. Every processor is fed block by block, and the sizes of the
blocks do not change a bit of the result. Types and docstrings are in `_core.pyi`.
"""

from sitwell.core._core import (
    BandPowers,
    Biquads,
    Compressor,
    CrossMeter,
    Envelope,
    Limiter,
    Meter,
    Plateaus,
    Quantizer,
    Reverb,
    compressor_gain_db,
    design_bell,
    design_high_shelf,
    design_highpass,
    design_low_shelf,
    design_lowpass,
    integrated_lufs,
    loudness_range_lu,
    momentary_lufs,
    short_term_lufs,
)
from sitwell.core.response import energies_lufs, response_db

__all__ = [
    "BandPowers",
    "Biquads",
    "Compressor",
    "CrossMeter",
    "Envelope",
    "Limiter",
    "Meter",
    "Plateaus",
    "Quantizer",
    "Reverb",
    "compressor_gain_db",
    "design_bell",
    "design_high_shelf",
    "design_highpass",
    "design_low_shelf",
    "design_lowpass",
    "energies_lufs",
    "integrated_lufs",
    "loudness_range_lu",
    "momentary_lufs",
    "response_db",
    "short_term_lufs",
]
