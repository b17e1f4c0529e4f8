"""Work for engines that is quick and goes wrong when told, and small takes to mix."""

import json
import os
import time
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from sitwell.audio import Audio
from sitwell.errors import InputError
from sitwell.io import open_writer
from tests.songs import band, voice

RATE = 16000
SECONDS = 2.0


@dataclass(frozen=True)
class Tell:
    """Gives back each item with what it shares; words make it fail. Loads are counted by files in a folder."""

    folder: str

    def key(self, item: str) -> Hashable:
        return item.partition(" ")[0]

    def load(self, item: str) -> str:
        name = item.partition(" ")[0]
        (Path(self.folder) / f"{name} {time.monotonic_ns()} {os.getpid()}").touch()
        if name == "unloadable":
            raise InputError("test.load", "cannot be loaded")
        return name.upper()

    def __call__(self, item: str, shared: str) -> str:
        match item.partition(" ")[2]:
            case "dies":
                os._exit(9)
            case "hangs":
                time.sleep(600)
            case "fails":
                raise InputError("test.fails", "told to")
            case "breaks":
                raise RuntimeError("told to")
        return f"{item}: {shared}"


def write_sounds(folder: Path, *, takes: int, backings: int = 2, seconds: float = SECONDS) -> Path:
    """Write vocals and backings into a folder, and a manifest that pairs them in turns; gives the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(backings):
        _write(folder / f"backing{seed}.wav", band(seconds, RATE, seed=seed + 50))
    lines = []
    for seed in range(takes):
        _write(folder / f"take{seed}.wav", voice(seconds, RATE, seed=seed))
        lines.append({"id": f"t{seed}", "vocal": f"take{seed}.wav", "backing": f"backing{seed % backings}.wav"})
    manifest = folder / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return manifest


def _write(path: Path, audio: Audio) -> None:
    with open_writer(path, sample_rate=RATE, bit_depth="16") as writer:
        for block in audio.blocks():
            writer.write(block)


def outputs(folder: Path) -> dict[str, bytes]:
    """Read every mix by its name, which tells what it was made of."""
    return {path.name: path.read_bytes() for path in (folder / "mixes").rglob("*") if path.is_file()}


def results(folder: Path) -> list[dict[str, object]]:
    """Read the list of results."""
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
