"""Results of training that are kept by all they follow from, and read again in place of being made again."""

import hashlib
import json
from pathlib import Path

from sitwell.io.disk import make_folder, replacing
from sitwell_training.bundle import TaskResult


def kept(cache: Path, task: str, key: str) -> TaskResult | None:
    """Read a result that was kept under a key; None where there is none."""
    folder = cache / "tasks"
    described, graph = folder / f"{task}-{key}.json", folder / f"{task}-{key}.onnx"
    if not described.is_file():
        return None
    found = json.loads(described.read_text(encoding="utf-8"))
    if found["graph"] and not graph.is_file():
        return None
    return TaskResult(found["config"], graph.read_bytes() if found["graph"] else None, found["figures"])


def keep(cache: Path, task: str, key: str, result: TaskResult) -> None:
    """Keep a result under a key."""
    make_folder(cache / "tasks")
    if result.onnx is not None:
        with replacing(cache / "tasks" / f"{task}-{key}.onnx") as temporary:
            temporary.write_bytes(result.onnx)
    described = {"config": result.config, "figures": result.figures, "graph": result.onnx is not None}
    with replacing(cache / "tasks" / f"{task}-{key}.json") as temporary:
        temporary.write_text(json.dumps(described), encoding="utf-8")


def hashed(what: list[object]) -> str:
    """Hash what a result follows from, as JSON."""
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def content(path: str | Path) -> str:
    """Hash a file; one that is not there is told later, by whoever reads it."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "absent"
