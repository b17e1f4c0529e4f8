"""Presets: what a person likes to start from, one small JSON file each; knows nothing of any song."""

import json
import re
import secrets
from pathlib import Path

from sitwell import io
from sitwell.errors import InputError
from sitwell.studio.projects import clean_name
from sitwell.value import Json

_MOST = 1000
_MOST_NAME = 60


class Presets:
    """The presets in a folder, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Json]:
        """List presets by name, each `{name, preset}`."""
        return sorted((entry for _, entry in self._read()), key=lambda entry: str(entry["name"]).lower())

    def save(self, name: str, preset: Json) -> None:
        """Keep a preset; one of the same name is replaced."""
        name = clean_name(name)[:_MOST_NAME]
        known = self._read()
        file = next((file for file, entry in known if entry["name"] == name), None)
        if file is None:
            if len(known) >= _MOST:
                raise InputError("studio.too_large", f"there are {_MOST} presets already; delete some")
            slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40] or "preset"
            file = io.make_folder(self._folder) / f"{slug}-{secrets.token_hex(3)}.json"
        io.write_text_atomic(file, json.dumps({"name": name, "preset": preset}, ensure_ascii=False, indent=1) + "\n")

    def remove(self, name: str) -> None:
        """Delete a preset, if there is one of this name."""
        for file, entry in self._read():
            if entry["name"] == name:
                file.unlink(missing_ok=True)

    def _read(self) -> list[tuple[Path, Json]]:
        found = []
        for file in sorted(self._folder.glob("*.json")):
            try:
                entry = json.loads(io.read_text(file))
                if isinstance(entry["name"], str) and isinstance(entry["preset"], dict):
                    found.append((file, {"name": entry["name"], "preset": entry["preset"]}))
            except (InputError, ValueError, KeyError, TypeError):
                continue  # not a preset
        return found
