"""The files of a bundle, read whole and compared with their hashes; knows nothing of what they mean."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from sitwell.errors import ModelError
from sitwell.value import Json

CARD, CONFIG = "card.json", "config.json"
_MOST_TEXT_BYTES = 4 * 2**20
_MOST_GRAPH_BYTES = 256 * 2**20


def read_card(folder: Path) -> Json:
    """Read the card; raises ModelError `model.not_found`, `model.unreadable` or `model.json`."""
    if not folder.is_dir():
        raise ModelError("model.not_found", f"{folder}: there is no such folder; a model is a folder with {CARD}")
    return _json(_read(folder / CARD, _MOST_TEXT_BYTES), folder / CARD)


def read_config(folder: Path, card: Json) -> Json:
    """Read the configuration that the card vouches for; raises also ModelError `model.hash`."""
    return _json(read_hashed(folder, CONFIG, card), folder / CONFIG)


def read_hashed(folder: Path, name: str, card: Json) -> bytes:
    """Read a file whose hash the card names; raises ModelError `model.not_found` or `model.hash`."""
    hashes = card.get("sha256")
    expected = hashes.get(name) if isinstance(hashes, dict) else None
    if not isinstance(expected, str):
        raise ModelError("model.hash", f"{folder}: its card names no hash of {name}; train the model anew")
    content = _read(folder / name, _MOST_TEXT_BYTES if name == CONFIG else _MOST_GRAPH_BYTES)
    if hashlib.sha256(content).hexdigest() != expected.lower():
        raise ModelError(
            "model.hash", f"{folder / name} is not the file its card was written for: cut off or changed; copy it anew"
        )
    return content


def _read(path: Path, most_bytes: int) -> bytes:
    if not path.is_file():
        raise ModelError("model.not_found", f"{path} is missing; a model is a folder with {CARD} and {CONFIG}")
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise ModelError("model.unreadable", f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > most_bytes:
        raise ModelError("model.unreadable", f"{path} is larger than the {most_bytes // 2**20} MB allowed")
    return content


def _json(content: bytes, path: Path) -> Json:
    try:
        value = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ModelError("model.json", f"{path} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ModelError("model.json", f"{path} must hold an object")
    if not _finite(value):
        raise ModelError("model.json", f"{path} holds a number that is too large")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_finite(inner) for inner in value.values())
    if isinstance(value, list):
        return all(_finite(inner) for inner in value)
    return not isinstance(value, float) or math.isfinite(value)
