"""Reverbs by name, each fitted to the response of a real plate or room; `reverbs.json` beside this file holds them.

`python tools/fit-reverbs DATA` makes that file anew.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sitwell.effects.reverb import Reverb
from sitwell.value import Value


@dataclass(frozen=True)
class NamedReverb(Value):
    """A starting point: what it is, the response it was fitted to with its licence, and the knobs."""

    name: str
    text: str
    source: str
    licence: str
    reverb: Reverb


@cache
def named_reverbs() -> dict[str, NamedReverb]:
    """Read the starting points, by name."""
    text = resources.files("sitwell.effects").joinpath("reverbs.json").read_text(encoding="utf-8")
    return {item["name"]: NamedReverb.from_dict(item) for item in json.loads(text)}
