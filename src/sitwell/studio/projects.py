"""Projects as folders: two sound files as they came, `project.json`, and exports; knows nothing of sound.

A folder can be moved, copied and opened again. Everything is written whole or not at all.
"""

import json
import re
import secrets
import shutil
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from sitwell import io
from sitwell.errors import InputError, OutputError, PlanError
from sitwell.value import Json

PARTS = ("vocal", "backing")
FORMAT = 1
_STATE = "project.json"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")
_MOST_NAME = 200
_LOCK = threading.Lock()  # of the state files; writing one takes milliseconds


@dataclass(frozen=True)
class Project:
    """One project: the folder is its identity, `state` its JSON as last read."""

    folder: Path
    state: Json

    @property
    def id(self) -> str:
        """The name of the folder."""
        return self.folder.name

    def part(self, part: str) -> Path | None:
        """Give the sound file of `vocal` or `backing`, None while it is missing."""
        entry = self.state["parts"].get(part)
        return None if entry is None else self.folder / entry["file"]

    def to_dict(self) -> Json:
        """Turn into what the page is told."""
        return {"id": self.id, **self.state}


class Projects:
    """All projects of one person: the folders of `home` that hold a `project.json`."""

    def __init__(self, home: Path) -> None:
        self.home = io.make_folder(home)

    def all(self) -> list[Json]:
        """List projects, the one changed last first."""
        found = []
        for file in self.home.glob(f"*/{_STATE}"):
            try:
                project = self.open(file.parent.name)
            except (InputError, PlanError):
                continue  # not ours, or damaged: opening it by name says so
            if not project.state["parts"]:
                continue  # its first file was refused, or never came
            entry = {"id": project.id, "name": project.state["name"], "complete": len(project.state["parts"]) == 2}
            found.append((file.stat().st_mtime, entry))
        return [entry for _, entry in sorted(found, key=lambda pair: -pair[0])]

    def create(self, name: str) -> Project:
        """Make an empty project with a folder named after `name`."""
        name = clean_name(name)
        ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^A-Za-z0-9]+", "-", ascii_name).strip("-")[:48] or "song"
        folder = io.make_folder(self.home / f"{slug}-{secrets.token_hex(3)}")
        return self._write(Project(folder, {"format": FORMAT, "name": name, "parts": {}, "revision": 0, "doc": None}))

    def open(self, project_id: str) -> Project:
        """Read a project; raises InputError `project.not_found` or `project.unreadable`."""
        if not _ID.fullmatch(project_id) or not (self.home / project_id / _STATE).is_file():
            raise InputError("project.not_found", f"there is no project {project_id[:80]!r}; it may have been moved")
        folder = self.home / project_id
        try:
            state = json.loads(io.read_text(folder / _STATE))
            usable = state["format"] == FORMAT and isinstance(state["name"], str) and isinstance(state["revision"], int)
            parts = {part: _entry(state["parts"][part]) for part in PARTS if part in state["parts"]}
        except (ValueError, KeyError, TypeError, RecursionError):
            usable = False
        if not usable:
            raise InputError("project.unreadable", f"{folder / _STATE} is not a project of this Sitwell")
        return Project(folder, {**state, "parts": parts})

    def place(self, project: Project, part: str, name: str) -> Path:
        """Give the file that `part` named `name` will be; the name's ending is kept, nothing else of it."""
        suffix = Path(name).suffix.lower()
        return project.folder / f"{part}{suffix if _SUFFIX.fullmatch(suffix) else ''}"

    def adopt(self, project_id: str, part: str, file: Path, name: str) -> Project:
        """Make a file that is in its place a part of the project; the one it replaces is removed."""
        with _LOCK:
            project = self.open(project_id)
            old = project.part(part)
            entry = {"file": file.name, "name": clean_name(name)}
            parts = {**project.state["parts"], part: entry}
            changed = {**project.state, "parts": parts, "doc": None, "revision": project.state["revision"] + 1}
            project = self._write(Project(project.folder, changed))
        if old is not None and old != file:
            old.unlink(missing_ok=True)
        return project

    def save(self, project_id: str, doc: Json, revision: int) -> Project:
        """Keep what the page knows; raises PlanError `project.changed` when another page was faster."""
        with _LOCK:
            project = self.open(project_id)
            if project.state["revision"] != revision:
                raise PlanError("project.changed", "this project was changed in another window")
            return self._write(Project(project.folder, {**project.state, "doc": doc, "revision": revision + 1}))

    def remove(self, project_id: str) -> None:
        """Delete a project with all its files."""
        project = self.open(project_id)
        try:
            shutil.rmtree(project.folder)
        except OSError as error:
            raise OutputError("output.not_writable", f"{project.folder}: cannot be removed: {error.strerror}") from None

    def _write(self, project: Project) -> Project:
        io.write_text_atomic(project.folder / _STATE, json.dumps(project.state, ensure_ascii=False) + "\n")
        return project


def clean_name(name: str) -> str:
    """Make a name of any language safe to show and to write: no path, no control characters."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return clean[:_MOST_NAME] or "song"


def _entry(entry: Json) -> Json:
    """Check that a part names a file within its folder, whoever wrote the state."""
    name = entry["file"]
    if not isinstance(name, str) or Path(name).name != name or not re.fullmatch(r"(vocal|backing)(\.[a-z0-9]+)?", name):
        raise ValueError(name)
    return {"file": name, "name": clean_name(str(entry["name"]))}
