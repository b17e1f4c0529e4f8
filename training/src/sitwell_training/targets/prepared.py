"""From measured songs to examples: who may be learned from, and which of their labels mean something."""

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

from sitwell.analysis import Track, measure_balance
from sitwell.errors import InputError
from sitwell.songs import Song
from sitwell_training.targets.examples import Example


class Measured(Protocol):
    """A song with both parts measured."""

    @property
    def song(self) -> Song: ...
    @property
    def vocal(self) -> Track: ...
    @property
    def backing(self) -> Track: ...


def refuse_test_songs(songs: Iterable[Song]) -> None:
    """Raise InputError `fit.test_song` when a song is kept for testing: it would praise what it judges."""
    kept = [song.id for song in songs if song.split != "train"]
    if kept:
        raise InputError(
            "fit.test_song",
            f"{len(kept)} songs are kept for testing, {kept[0]!r} for one; only the split train is learned from",
        )


def examples_of(measured: Sequence[Measured], *, split: str = "train") -> list[Example]:
    """Make examples of one split; labels come from the whole of each song.

    A song whose parts do not add up to a released balance gets no level label. Raises InputError
    `fit.test_song` when a song of another split is among them.
    """
    if split == "train":
        refuse_test_songs(item.song for item in measured)
    return [_example(item) for item in measured if item.song.split == split]


def _example(item: Measured) -> Example:
    vbr_lu = measure_balance(item.vocal.energies, item.backing.energies).vbr_lu
    range_lu = item.vocal.loudness.loudness_range_lu
    return Example(
        id=item.song.id,
        artist=item.song.artist,
        vocal=item.vocal,
        backing=item.backing,
        vbr_lu=vbr_lu if item.song.level_label and math.isfinite(vbr_lu) else None,
        loudness_range_lu=range_lu if math.isfinite(vbr_lu) else None,  # nothing sings otherwise
    )
