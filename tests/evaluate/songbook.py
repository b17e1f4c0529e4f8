"""A small folder of generated songs, as `sitwell evaluate` takes it."""

import json
from pathlib import Path

import soundfile

from tests.songs import band, scaled, voice

RATE = 22050


def write_songbook(folder: Path, *, seconds: float = 10.0) -> Path:
    """Write two songs by two artists, one that is damaged, and a catalogue of all."""
    lines = []
    for number, (name, artist) in enumerate((("one", "ann"), ("two", "bob"))):
        place = folder / name
        place.mkdir(parents=True)
        vocal, backing = voice(seconds, RATE, swing_db=2.0, seed=number), scaled(band(seconds, RATE, seed=9), -4.0)
        for part, audio in (("vocals", vocal), ("backing", backing)):
            soundfile.write(place / f"{part}.wav", audio.samples.T, RATE, subtype="PCM_16")
        (place / "artist.txt").write_text(artist)
        lines.append({"id": name, "artist": artist, "split": "test" if number else "train"} | _paths(name))
    broken = folder / "three"
    broken.mkdir()
    for part in ("vocals", "backing"):
        (broken / f"{part}.wav").write_bytes(b"no sound")
    lines.append({"id": "three", "artist": "eve", "split": "test"} | _paths("three"))
    (folder / "songs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def _paths(name: str) -> dict[str, str]:
    return {"vocal": f"{name}/vocals.wav", "backing": f"{name}/backing.wav"}
