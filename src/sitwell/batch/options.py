"""What may be asked for each take: the words of the command line, from JSON, a table or NAME=VALUE."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sitwell.errors import PlanError
from sitwell.wishes import Wishes

FORMATS = ("wav", "flac", "ogg", "mp3", "m4a", "opus")
_WISHES = {
    "method": "method", "model": "model", "amount": "amount", "vocal_level": "vocal_level_lu",
    "loudness": "loudness_lufs", "ceiling": "ceiling_dbtp", "only": "only", "targets": "targets", "set": "settings",
}  # fmt: skip
_LISTS = ("only", "targets", "set")
OPTIONS = (*_WISHES, "format", "bit_depth")


@dataclass(frozen=True)
class Options:
    """Wishes and the form of the result."""

    wishes: Wishes = Wishes()
    format: str = "wav"
    bit_depth: str | None = None


def read_options(given: Mapping[str, Any]) -> Options:
    """Make options of what was written; numbers may be text, lists may be text with commas.

    Raises PlanError `manifest.option`, `wish...` or `plan...`.
    """
    unknown = [name for name in given if name not in OPTIONS]
    if unknown:
        raise PlanError("manifest.option", f"unknown option {unknown[0]!r}; known: {', '.join(OPTIONS)}")
    kept = {name: value for name, value in given.items() if value is not None and value != ""}
    sound = str(kept.pop("format", "wav")).removeprefix(".").lower()
    if sound not in FORMATS:
        raise PlanError("manifest.option", f"format is {sound!r}; known: {', '.join(FORMATS)}")
    depth = kept.pop("bit_depth", None)
    wishes = Wishes.from_dict({_WISHES[name]: _value(name, value) for name, value in kept.items()}, "options")
    return Options(wishes, sound, None if depth is None else str(depth))


def read_pairs(pairs: list[str]) -> dict[str, str]:
    """Read NAME=VALUE pairs; PlanError `manifest.option`."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise PlanError("manifest.option", f"an option is NAME=VALUE, got {pair!r}")
        found[name.strip()] = value.strip()
    return found


def _value(name: str, value: Any) -> Any:
    if name in _LISTS:
        return _listed(name, value)
    if name in ("method", "model"):
        return str(value)
    if name == "loudness" and str(value).strip().lower() == "off":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise PlanError("manifest.option", f"option {name} takes a number, got {value!r}") from None


def _listed(name: str, value: Any) -> list[str]:
    """Read a list: JSON, text with commas, or an object of names and values."""
    if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
        try:
            value = json.loads(value)
        except ValueError:
            raise PlanError("manifest.option", f"option {name} is neither JSON nor a list: {value!r}") from None
    if isinstance(value, str):
        value = [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(value, Mapping):
        value = [f"{key}={_word(item)}" for key, item in value.items()]
    if not isinstance(value, list | tuple):
        raise PlanError("manifest.option", f"option {name} takes a list, got {value!r}")
    return [str(item) for item in value]


def _word(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
