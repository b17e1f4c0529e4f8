"""The joiner: read, analyze, decide, render, measure, write; every door calls this and nothing else.

Knows no rule and no format; owns the order of work, progress, timing and what is cleaned up.
"""

from sitwell.pipeline.calls import analyze, extract, mix, render
from sitwell.pipeline.job import Progress
from sitwell.pipeline.result import MixResult, Outputs, measured_to_dict
from sitwell.pipeline.reverb import find_reverb, fit_reverb, render_reverb, reverb_to_json
from sitwell.pipeline.session import Heard, Session
from sitwell.pipeline.stems import Backing, Foreign, Source, common_rate, load_backing, load_pair

__all__ = [
    "Backing", "Foreign", "Heard", "MixResult", "Outputs", "Progress", "Session", "Source", "analyze", "common_rate",
    "extract", "find_reverb", "fit_reverb", "load_backing", "load_pair", "measured_to_dict", "mix", "render",
    "render_reverb", "reverb_to_json",
]  # fmt: skip
