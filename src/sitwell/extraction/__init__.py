"""The reverb a vocal carries: estimated from the mixed vocal alone, and written out as a smooth response."""

from sitwell.extraction.estimate import (
    DRY,
    UNKNOWN,
    WET,
    Confidence,
    ReverbEstimate,
    estimate_reverb,
    estimate_singing,
)
from sitwell.extraction.response import synthesize_response

__all__ = [
    "DRY", "UNKNOWN", "WET", "Confidence", "ReverbEstimate", "estimate_reverb", "estimate_singing",
    "synthesize_response",
]  # fmt: skip
