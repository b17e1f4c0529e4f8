"""Further arrays that are measured of every song while its sound is read, and cached with it.

To add one: a line in EXTRAS. Its function must live in a module (processes look it up by name) and be pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from sitwell.audio import Audio


@dataclass(frozen=True)
class Extra:
    """An array measured of a vocal and its backing; raise `version` when it is measured in another way."""

    version: int
    measure: Callable[[Audio, Audio], npt.NDArray[Any]]


EXTRAS: dict[str, Extra] = {}
