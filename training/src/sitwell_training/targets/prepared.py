"""From measured songs to examples: who may be learned from, and which of their labels mean something."""

from collections.abc import Iterable, Sequence

from sitwell.errors import InputError
from sitwell.songs import Song
from sitwell_training.prepare import PreparedSong
from sitwell_training.targets.examples import Example


def refuse_test_songs(songs: Iterable[Song]) -> None:
    """Raise InputError `fit.test_song` when a song is kept for testing: it would praise what it judges."""
    kept = [song.id for song in songs if song.split != "train"]
    if kept:
        raise InputError(
            "fit.test_song",
            f"{len(kept)} songs are kept for testing, {kept[0]!r} for one; only the split train is learned from",
        )


def examples_of(prepared: Sequence[PreparedSong], *, split: str = "train") -> list[Example]:
    """Make examples of one split; labels are those of the whole song.

    Raises InputError `fit.test_song` when a song kept for testing is among those to learn from.
    """
    if split == "train":
        refuse_test_songs(item.song for item in prepared)
    return [
        Example(
            id=item.song.id,
            artist=item.song.artist,
            vocal=item.vocal,
            backing=item.backing,
            vbr_lu=item.vbr_lu,
            loudness_range_lu=item.labels.loudness_range_lu,
        )
        for item in prepared
        if item.song.split == split
    ]
