"""MUSDB18-HQ: `train|test/Artist - Title/{mixture,drums,bass,other,vocals}.wav`.

Layout as read by https://github.com/sigsep/sigsep-mus-db with `is_wav=True`.
"""

from collections.abc import Iterator
from pathlib import Path

from sitwell_training.adapters.found import Found, Part, Skipped, artist_of, missing_file
from sitwell_training.adapters.musdb18 import LICENCE


def find(folder: Path) -> Iterator[Found | Skipped]:
    """Find songs in the folder that holds `train` and `test`."""
    for split in ("train", "test"):
        for song in sorted(path for path in (folder / split).glob("*") if path.is_dir()):
            id_ = f"musdb18hq_{song.name}"
            stems = {name: song / f"{name}.wav" for name in ("vocals", "drums", "bass", "other", "mixture")}
            yield missing_file(id_, list(stems.values())) or Found(
                id=id_,
                artist=artist_of(song.name),
                vocal=(Part(stems["vocals"]),),
                backing=tuple(Part(stems[name]) for name in ("drums", "bass", "other")),
                mixture=Part(stems["mixture"]),
                split=split,
                licence=LICENCE,
                source="MUSDB18-HQ",
                kind="professional-stems",
            )
