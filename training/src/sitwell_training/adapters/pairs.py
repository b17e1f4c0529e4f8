"""The pairs that come with this project: `pairs/<id>/{vocals,backing}.ogg` and `MANIFEST.csv` beside or above them."""

import csv
from collections.abc import Iterator
from pathlib import Path

from sitwell_training.adapters.found import Found, Part, Skipped, sound_files

_UNMIXED = "stems-unmixed-levels"  # of kind: their sum is not the released balance
_ARTISTS = (  # longest beginning first
    ("sep_us_jonathan_coulton_", "jonathan_coulton"),
    ("sep_us_fairy_bot_orchestra_", "fairy_bot"),
    ("sep_jam_de_bonne_humeur", "jam_bonne"),
    ("sep_jam_te_amo", "jam_te_amo"),
    ("musdb_music_delta_", "MusicDelta"),
    ("stempeg_falcon69", "falcon69"),
    ("evr_", "evr"),
)


def find(folder: Path) -> Iterator[Found | Skipped]:
    """Find songs in `pairs` or in the folder above it."""
    place = folder / "pairs" if (folder / "pairs").is_dir() else folder
    rows = _manifest(place) or _manifest(place.parent)
    for song in sorted(path for path in place.iterdir() if path.is_dir()):
        files = {path.stem: path for path in sound_files(song)}
        row = rows.get(song.name, {})
        if not {"vocals", "backing"} <= files.keys():
            yield Skipped(song.name, "dataset.missing_file", f"{song}: needs vocals.* and backing.*")
            continue
        yield Found(
            id=song.name,
            artist=pair_artist(song.name),
            vocal=(Part(files["vocals"]),),
            backing=(Part(files["backing"]),),
            licence=row.get("licence", ""),
            source=row.get("source", ""),
            kind=row.get("kind", ""),
            level_label=row.get("kind") != _UNMIXED and not song.name.startswith("evr_"),
        )


def pair_artist(name: str) -> str:
    """Name the artist of a pair: the first word after `sep_`, with the exceptions of its README."""
    for beginning, artist in _ARTISTS:
        if name.startswith(beginning):
            return artist
    return name.removeprefix("sep_").split("_")[0] if name.startswith("sep_") else name


def _manifest(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / "MANIFEST.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}
