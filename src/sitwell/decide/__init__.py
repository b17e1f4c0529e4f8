"""Deciders: from two analysed stems and wishes to a plan; the only place where choices are made."""

from sitwell.decide.aims import Aim, Aims, Correction
from sitwell.decide.chain import Decision, require_singing
from sitwell.decide.equalizer import strength_db as equalizer_strength_db
from sitwell.decide.method import aims_of, decide, load_model
from sitwell.decide.rules.master import refine as refine_master
from sitwell.decide.stem import Stem

__all__ = [
    "Aim", "Aims", "Correction", "Decision", "Stem", "aims_of", "decide", "equalizer_strength_db", "load_model",
    "refine_master", "require_singing",
]  # fmt: skip
