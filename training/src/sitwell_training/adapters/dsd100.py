"""DSD100: `Mixtures/{Dev,Test}/NNN - Artist - Title/mixture.wav` and `Sources/.../{bass,drums,other,vocals}.wav`.

Layout as read by https://github.com/faroit/dsdtools.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from sitwell_training.adapters.found import Found, Part, Skipped, artist_of, missing_file

_SPLITS = {"Dev": "train", "Test": "test"}
_NUMBER = re.compile(r"^\d+ - ")


def find(folder: Path) -> Iterator[Found | Skipped]:
    """Find songs in the folder that holds `Mixtures` and `Sources`."""
    for subset, split in _SPLITS.items():
        for song in sorted(path for path in (folder / "Sources" / subset).glob("*") if path.is_dir()):
            id_ = f"dsd100_{song.name}"
            stems = {name: song / f"{name}.wav" for name in ("vocals", "bass", "drums", "other")}
            mixture = folder / "Mixtures" / subset / song.name / "mixture.wav"
            yield missing_file(id_, [*stems.values(), mixture]) or Found(
                id=id_,
                artist=artist_of(_NUMBER.sub("", song.name)),
                vocal=(Part(stems["vocals"]),),
                backing=tuple(Part(stems[name]) for name in ("bass", "drums", "other")),
                mixture=Part(mixture),
                split=split,
                licence="DSD100: educational use (Mixing Secrets Free Multitrack Library)",
                source="DSD100",
                kind="professional-stems",
            )
