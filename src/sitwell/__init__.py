"""Sitwell makes a vocal sit well in its backing track, with parameters a person can read and change."""

from sitwell.api import analyze, explain, extract_reverb, fit_reverb, mix, plan, read, render, render_reverb
from sitwell.audio import Audio
from sitwell.errors import CodecError, InputError, ModelError, Notice, OutputError, PlanError, SitwellError
from sitwell.plan import MixPlan
from sitwell.version import __version__
from sitwell.wishes import Wishes

__all__ = [
    "Audio", "CodecError", "InputError", "MixPlan", "ModelError", "Notice", "OutputError", "PlanError",
    "SitwellError", "Wishes", "__version__", "analyze", "explain", "extract_reverb", "fit_reverb", "mix", "plan",
    "read", "render", "render_reverb",
]  # fmt: skip
