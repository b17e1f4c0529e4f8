"""Songs as the models of level and range meet them: two measured sounds and what a person made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis import Track

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RoomLabels:
    """The reverb of a mixed vocal as knobs of ours; brightness is the decay at 8 kHz over `decay_s`, that at 1 kHz."""

    decay_s: float | None = None
    brightness: float | None = None
    predelay_ms: float | None = None
    return_db: float | None = None


@dataclass(frozen=True, eq=False)
class Example:
    """One song: its parts as mixed, and its labels from the whole song; a label that is not known is None."""

    id: str
    artist: str
    vocal: Track
    backing: Track
    vbr_lu: float | None
    loudness_range_lu: float | None
    room: RoomLabels = RoomLabels()


FULL_S = 60.0  # EBU Tech 3342: a range of less is not sure; a balance of less is of one part of a song


def song_weights(artists: Sequence[str], seconds: Sequence[float] | None = None) -> Floats:
    """Weigh songs (n,) so that an artist counts as the square root of the songs; one with one song counts 1.

    Twelve songs by one band say more than one, but not twelve times as much. An excerpt shorter than a
    minute counts as its share of a minute.
    """
    names, counts = np.unique(np.asarray(artists), return_counts=True)
    per_artist = dict(zip(names.tolist(), counts.tolist(), strict=True))
    weights = np.array([1.0 / np.sqrt(per_artist[artist]) for artist in artists])
    if seconds is not None:
        weights = weights * np.minimum(np.asarray(seconds, dtype=np.float64) / FULL_S, 1.0)
    return weights
