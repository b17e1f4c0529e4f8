"""The joiner: read, analyze, decide, render, measure, write; every door calls this and nothing else.

Knows no rule and no format; owns the order of work, progress, timing and what is cleaned up.
"""

from sitwell.pipeline.calls import Source, analyze, extract, load_pair, mix, render
from sitwell.pipeline.job import Progress
from sitwell.pipeline.result import MixResult, Outputs
from sitwell.pipeline.reverb import find_reverb, fit_reverb, render_reverb, reverb_to_json

__all__ = [
    "MixResult", "Outputs", "Progress", "Source", "analyze", "extract", "find_reverb", "fit_reverb", "load_pair", "mix",
    "render", "render_reverb", "reverb_to_json",
]  # fmt: skip
