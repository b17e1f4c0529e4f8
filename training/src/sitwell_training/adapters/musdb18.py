"""MUSDB18: `train|test/Artist - Title.stem.mp4` with five sound streams; needs the extra for mp4.

Layout as read by https://github.com/sigsep/sigsep-mus-db (musdb/configs/mus.yaml).
"""

from collections.abc import Iterator
from pathlib import Path

from sitwell_training.adapters.found import Found, Part, Skipped, artist_of

MIXTURE, DRUMS, BASS, OTHER, VOCALS = range(5)  # stem_ids of mus.yaml
_ENDING = ".stem.mp4"
LICENCE = "MUSDB18: non-commercial, academic use; licences by song at sigsep.github.io/datasets/musdb.html"


def find(folder: Path) -> Iterator[Found | Skipped]:
    """Find songs in the folder that holds `train` and `test`."""
    for split in ("train", "test"):
        for path in sorted((folder / split).glob(f"*{_ENDING}")):
            if path.name.startswith("."):
                continue
            name = path.name.removesuffix(_ENDING)
            yield Found(
                id=f"musdb18_{name}",
                artist=artist_of(name),
                vocal=(Part(path, VOCALS),),
                backing=(Part(path, DRUMS), Part(path, BASS), Part(path, OTHER)),
                mixture=Part(path, MIXTURE),
                split=split,
                licence=LICENCE,
                source="MUSDB18",
                kind="professional-stems",
            )
