"""Measured songs as .npz files without pickle: tracks, labels and extras, found again by content."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell.analysis import Track, outline, put_together, take_apart
from sitwell.io.disk import output_errors, replacing
from sitwell.value import Json
from sitwell.version import __version__
from sitwell_training.extras import EXTRAS
from sitwell_training.labels import LABELS_VERSION, Labels

Arrays = Mapping[str, npt.NDArray[Any]]
DAMAGE = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Measured:
    """What is kept of one song."""

    vocal: Track
    backing: Track
    labels: Labels
    extras: dict[str, npt.NDArray[Any]]


def entry_key(vocal_sha256: str, backing_sha256: str) -> str:
    """Name what is measured of two files: their content, what is measured, and the version that measures."""
    measured = sorted((name, extra.version) for name, extra in EXTRAS.items())
    shape = [outline(Track), outline(Labels)]
    told = [vocal_sha256, backing_sha256, __version__, LABELS_VERSION, measured, shape]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def write_entry(path: Path, measured: Measured) -> None:
    """Write what was measured, whole or not at all; raises OutputError."""
    told: Json = {"labels": measured.labels.to_dict()}
    arrays = {f"extra.{name}": array for name, array in measured.extras.items()}
    for part, track in (("vocal", measured.vocal), ("backing", measured.backing)):
        told[part], found = take_apart(track, f"{part}.")
        arrays |= found
    with replacing(path) as temporary, output_errors(path), temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, figures=np.array(json.dumps(told)), **arrays)


def read_entry(path: Path) -> Measured | None:
    """Read what was measured; None when there is nothing, or something damaged."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        told = json.loads(str(arrays["figures"][()]))
        return Measured(
            vocal=put_together(Track, told["vocal"], arrays, "vocal."),
            backing=put_together(Track, told["backing"], arrays, "backing."),
            labels=Labels.from_dict(told["labels"]),
            extras={name: arrays[f"extra.{name}"] for name in EXTRAS},
        )
    except DAMAGE:
        return None
