"""The joiner: read, analyze, decide, render, measure, write; every door calls this and nothing else.

Knows no rule and no format; owns the order of work, progress, timing and what is cleaned up.
"""

from sitwell.pipeline.calls import Source, analyze, load_pair, mix, render
from sitwell.pipeline.job import Progress
from sitwell.pipeline.result import MixResult, Outputs, measured_to_dict
from sitwell.pipeline.session import Heard, Session

__all__ = [
    "Heard", "MixResult", "Outputs", "Progress", "Session", "Source", "analyze", "load_pair", "measured_to_dict",
    "mix", "render",
]  # fmt: skip
