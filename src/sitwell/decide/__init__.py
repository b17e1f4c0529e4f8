"""Deciders: from two analysed stems and wishes to a plan; the only place where choices are made."""

from sitwell.decide.rules import Decision, Stem
from sitwell.decide.rules import decide_by_rules as decide
from sitwell.decide.rules.master import refine as refine_master

__all__ = ["Decision", "Stem", "decide", "refine_master"]
