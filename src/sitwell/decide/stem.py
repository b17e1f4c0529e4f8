"""`Stem`: a sound and what was measured of it, as deciders take it."""

from dataclasses import dataclass

from sitwell.analysis import Track
from sitwell.audio import Audio


@dataclass(frozen=True)
class Stem:
    """A sound and what was measured of it."""

    audio: Audio
    track: Track
