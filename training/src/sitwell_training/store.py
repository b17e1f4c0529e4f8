"""Measured songs as .npz files without pickle: tracks, labels and extras, found again by content."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell.analysis import BandFrames, Defects, Loudness, Stereo, Tempo, Track
from sitwell.io.disk import output_errors, replacing
from sitwell.version import __version__
from sitwell_training.extras import EXTRAS
from sitwell_training.labels import LABELS_VERSION, Labels

Arrays = Mapping[str, npt.NDArray[Any]]
_PARTS: dict[str, type] = {"loudness": Loudness, "stereo": Stereo, "defects": Defects, "tempo": Tempo}
_PLAIN = ("name", "sample_rate", "seconds", "crest_db")
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
    shape = [[field.name for field in fields(part)] for part in (Track, BandFrames, *_PARTS.values(), Labels)]
    told = [vocal_sha256, backing_sha256, __version__, LABELS_VERSION, measured, shape]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def write_entry(path: Path, measured: Measured) -> None:
    """Write what was measured, whole or not at all; raises OutputError."""
    told = {
        "labels": measured.labels.to_dict(),
        "vocal": _figures(measured.vocal),
        "backing": _figures(measured.backing),
    }
    arrays = {f"extra.{name}": array for name, array in measured.extras.items()}
    for part, track in (("vocal", measured.vocal), ("backing", measured.backing)):
        arrays |= {
            f"{part}.energies": track.energies,
            f"{part}.third_octave": track.spectrum.third_octave,
            f"{part}.bark": track.spectrum.bark,
        }
    with replacing(path) as temporary, output_errors(path), temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, figures=np.array(json.dumps(told)), **arrays)


def read_entry(path: Path) -> Measured | None:
    """Read what was measured; None when there is nothing, or something damaged."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        told = json.loads(str(arrays["figures"][()]))
        return Measured(
            vocal=_track("vocal", told, arrays),
            backing=_track("backing", told, arrays),
            labels=Labels.from_dict(told["labels"]),
            extras={name: arrays[f"extra.{name}"] for name in EXTRAS},
        )
    except DAMAGE:
        return None


def _figures(track: Track) -> dict[str, Any]:
    parts = {name: asdict(getattr(track, name)) for name in _PARTS}
    return {
        **{name: getattr(track, name) for name in _PLAIN},
        **parts,
        "frame_rate_hz": track.spectrum.frame_rate_hz,
    }


def _track(part: str, told: dict[str, Any], arrays: Arrays) -> Track:
    figures = told[part]
    spectrum = BandFrames(figures["frame_rate_hz"], arrays[f"{part}.third_octave"], arrays[f"{part}.bark"])
    made = {name: kind(**figures[name]) for name, kind in _PARTS.items()}
    plain = {name: figures[name] for name in _PLAIN}
    return Track(energies=arrays[f"{part}.energies"], spectrum=spectrum, **plain, **made)
