"""Gains in decibels are the same float32 in Python and in the core, for every step of every knob."""

import numpy as np

from sitwell.core import _core
from sitwell.plan import MixPlan
from sitwell.units import db_to_gain


def test_every_step_of_every_gain_is_the_same_float() -> None:
    paths = [path for path, knob in MixPlan.knobs().items() if knob is not None and knob.unit == "dB"]
    assert {"vocal.gain_db", "backing.gain_db", "reverb.return_db", "master.gain_db"} <= set(paths)
    db = np.arange(-8000, 8001) / 100.0
    python = np.array([db_to_gain(value) for value in db], dtype=np.float32)
    core = _core.elementary("db_to_gain", db).astype(np.float32)
    assert np.array_equal(python, core)
