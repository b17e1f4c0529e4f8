"""Writing a model bundle: configuration, graphs, and a card that says where they come from."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import sitwell
from sitwell.analysis import FEATURES, FEATURES_VERSION
from sitwell.errors import OutputError
from sitwell.knob import Knob
from sitwell.models import Bundle
from sitwell.models.checks import KNOBS, SCHEMA
from sitwell.models.folder import read_hashed
from sitwell.plan import MixPlan
from sitwell.songs import Song
from sitwell.value import Json

_OURS = "card.json"


class Sourced(Protocol):
    """What was learned from and belongs to somebody."""

    @property
    def source(self) -> str: ...
    @property
    def licence(self) -> str: ...


@dataclass(frozen=True, eq=False)
class TaskResult:
    """One trained task: what inference must know, the graph (None for a constant), and its figures."""

    config: Json
    onnx: bytes | None
    figures: Json


@dataclass(frozen=True, eq=False)
class Kept:
    """The tasks of a bundle that are taken over as they are, what its card says of their data, and its reports."""

    identity: str
    tasks: Mapping[str, TaskResult]
    data: Json
    report: Json
    text: str

    @classmethod
    def read(cls, folder: Path) -> "Kept":
        """Read a bundle that fits this Sitwell; raises ModelError."""
        bundle = Bundle.load(folder)
        figures, tasks = bundle.card.get("figures", {}), dict[str, TaskResult]()
        for name, config in bundle.config["tasks"].items():
            onnx = read_hashed(folder, config["file"], bundle.card) if config["kind"] == "model" else None
            tasks[name] = TaskResult(config, onnx, figures.get(name, {}))
        report, text = (folder / "report.json", folder / "report.md")
        return cls(
            bundle.identity, tasks, bundle.card["data"],
            json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {},
            text.read_text(encoding="utf-8") if text.is_file() else "",
        )  # fmt: skip

    def with_data(self, data: Json) -> Json:
        """Add what new tasks were made from to what the kept ones were."""
        known = {(each["source"], each["licence"]) for each in self.data["sources"]}
        more = [each for each in data["sources"] if (each["source"], each["licence"]) not in known]
        together = json.dumps([self.data["sha256"], data["sha256"]])
        return {
            "sha256": hashlib.sha256(together.encode()).hexdigest(),
            **{count: max(self.data.get(count, 0), data[count]) for count in ("songs", "artists", "voices")},
            "sources": [*self.data["sources"], *more],
        }


def write_bundle(
    folder: Path,
    *,
    name: str,
    version: str,
    tasks: Mapping[str, TaskResult],
    songs: Sequence[Song],
    voices: Sequence[Sourced] = (),
    figures: Json | None = None,
    data_sha256: str | None = None,
    extra: Mapping[str, str] | None = None,
    kept: Kept | None = None,
) -> None:
    """Write a bundle, whole or not at all; a bundle that was there is replaced.

    `songs` and `voices` (vocals alone) are those that were learned from, `data_sha256` is the hash of what
    was measured of them, `extra` are further text files by name (reports), which no hash guards; `kept` are tasks
    taken over where they are not among `tasks`. Raises OutputError `output.not_a_bundle` when the folder holds
    something else.
    """
    _refuse_other(folder)
    data = _described(songs, voices, data_sha256)
    if kept is not None:
        tasks, data = {**kept.tasks, **tasks}, kept.with_data(data)
    folder.parent.mkdir(parents=True, exist_ok=True)
    config = {
        "schema": SCHEMA, "name": name, "version": version, "features_version": FEATURES_VERSION,
        "tasks": {task: result.config for task, result in tasks.items()},
    }  # fmt: skip
    files = {"config.json": _json(config)}
    files |= {f"{task}.onnx": result.onnx for task, result in tasks.items() if result.onnx is not None}
    card = {
        "schema": SCHEMA, "name": name, "version": version, "commit": _commit(),
        "created_with": {"sitwell": sitwell.__version__, "features_version": FEATURES_VERSION},
        "knobs": knob_ranges(), "features": list(FEATURES),
        "data": data,
        "figures": {task: result.figures for task, result in tasks.items()} | dict(figures or {}),
        "sha256": {file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
    }  # fmt: skip
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for file, content in (files | {_OURS: _json(card)}).items():
            (staging / file).write_bytes(content)
        for file, text in (extra or {}).items():
            (staging / file).write_text(text, encoding="utf-8")
        staging.chmod(0o755)
        _replace(folder, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def knob_ranges() -> dict[str, list[float]]:
    """List the ranges of the knobs a model's answer becomes, by path: [low, high]."""
    return {
        path: [knob.low, knob.high]
        for path, knob in MixPlan.knobs().items()
        if isinstance(knob, Knob) and path.startswith(KNOBS)
    }


def data_hash(songs: Sequence[Song]) -> str:
    """Hash what a catalogue says of songs, whatever their order and wherever they lie."""
    lines = sorted(json.dumps([song.id, song.artist, song.source, song.kind, song.level_label]) for song in songs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _described(songs: Sequence[Song], voices: Sequence[Sourced], sha256: str | None) -> Json:
    everything: tuple[Sourced, ...] = (*songs, *voices)
    counted = Counter((each.source, each.licence) for each in everything)
    return {
        "sha256": sha256 if sha256 is not None else data_hash(songs),
        "songs": len(songs),
        "artists": len({song.artist for song in songs}),
        "voices": len(voices),
        "sources": [
            {"source": source, "licence": licence, "songs": count}
            for (source, licence), count in sorted(counted.items())
        ],
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def _commit() -> str | None:
    """Name the commit of the code, where it is a clone and git is there."""
    try:
        command = ["git", "rev-parse", "HEAD"]
        here = Path(__file__).parent
        run = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip() or None


def _refuse_other(folder: Path) -> None:
    if folder.exists() and not (folder / _OURS).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(
            "output.not_a_bundle", f"{folder} exists and is no model bundle; name a new folder, or one to replace"
        )


def _replace(folder: Path, staging: Path) -> None:
    if not folder.exists():
        staging.rename(folder)
        return
    old = staging.with_name(f"{staging.name}.old")
    folder.rename(old)
    staging.rename(folder)
    shutil.rmtree(old)
