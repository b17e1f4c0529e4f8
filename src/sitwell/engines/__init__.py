"""Engines run work on many items, here or on a Ray cluster; they know no sound. The only home of Ray."""

from sitwell.engines.choose import ENGINES, check_engine, choose_engine
from sitwell.engines.cluster import Cluster
from sitwell.engines.local import Local
from sitwell.engines.on_ray import OnRay
from sitwell.engines.work import Engine, Failure, Pace, Plain, Work, guarded, words

__all__ = [
    "ENGINES", "Cluster", "Engine", "Failure", "Local", "OnRay", "Pace", "Plain", "Work", "check_engine",
    "choose_engine", "guarded", "words",
]  # fmt: skip
