"""Training of a bundle from songs: measure, fit each task, write; what is done is kept and never done twice."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sitwell.errors import InputError
from sitwell.io.disk import make_folder, replacing
from sitwell.songs import Song
from sitwell.value import Json
from sitwell_training.bundle import TaskResult, data_hash, write_bundle
from sitwell_training.prepare import Prepared, prepare
from sitwell_training.progress import Progress, no_progress
from sitwell_training.targets import LEVEL, RANGE, Target
from sitwell_training.targets.estimators import Recipe
from sitwell_training.targets.prepared import examples_of, refuse_test_songs
from sitwell_training.targets.rows import TAKES
from sitwell_training.targets.task import fit_target

TASKS = ("level", "range", "equalizer")
_TARGETS: dict[str, Target] = {"level": LEVEL, "range": RANGE}
_VERSION = 1  # of what training does with the same songs: raise it and nothing kept is used again


@dataclass(frozen=True)
class Effort:
    """How hard to try; the defaults are what a real bundle is made with, tests take less.

    `recipes` are the estimators to choose from (None: all), `takes` the made-up takes of each song,
    `equalizer` further settings of the equalizer's training.
    """

    recipes: tuple[Recipe, ...] | None = None
    takes: int = TAKES
    equalizer: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Fit:
    """What was trained: results by task, the songs behind them, tasks left out with the reason, seconds."""

    tasks: dict[str, TaskResult]
    songs: tuple[Song, ...]
    left_out: dict[str, str]
    seconds: float

    def to_dict(self) -> Json:
        """Turn into plain JSON types: what is the same in every run."""
        return {
            "songs": len(self.songs),
            "artists": len({song.artist for song in self.songs}),
            "tasks": {task: result.figures for task, result in self.tasks.items()},
            "left_out": self.left_out,
        }


Stage = Callable[[str], Progress]  # names a stage of work and gives its progress


def no_stage(_name: str) -> Progress:
    """Show nothing."""
    return no_progress


def fit_tasks(
    songs: Sequence[Song],
    *,
    tasks: Sequence[str] = TASKS,
    seed: int = 0,
    cache: Path,
    stage: Stage = no_stage,
    effort: Effort | None = None,
    workers: int | None = None,
) -> Fit:
    """Train tasks on songs, all of the split train; finished songs and tasks are read from `cache`.

    The same songs, seed and effort give the same bytes. Raises InputError `fit.test_song`, `fit.no_songs`
    or `fit.too_few`.
    """
    started_s = time.monotonic()
    effort = effort or Effort()
    refuse_test_songs(songs)
    prepared = prepare(songs, cache=cache, progress=stage("measuring"), workers=workers)
    if not prepared.songs:
        raise InputError("fit.no_songs", "no song could be measured; `sitwell-train dataset check` says why")
    found, left_out = {}, {}
    for task in tasks:
        key = _key(task, prepared, seed, effort)
        kept = _kept(cache, task, key)
        if kept is not None:
            found[task] = kept
            continue
        try:
            result = _fit(task, prepared, seed=seed, cache=cache, progress=stage(task), effort=effort)
        except _NotHereError as error:
            left_out[task] = str(error)
            continue
        _keep(cache, task, key, result)
        found[task] = result
    used = tuple(item.song for item in prepared.songs)
    return Fit(found, used, left_out, time.monotonic() - started_s)


def write_fit(fit: Fit, out: Path, *, name: str, version: str) -> None:
    """Write what was trained as a bundle with report.json and report.md beside it."""
    write_bundle(
        out, name=name, version=version, tasks=fit.tasks, songs=fit.songs,
        extra={
            "report.json": json.dumps(fit.to_dict(), indent=1, ensure_ascii=False) + "\n",
            "report.md": f"# {name} {version}\n\n{report(fit)}\n",
        },
    )  # fmt: skip


def report(fit: Fit) -> str:
    """Say in Markdown what was trained and what it is worth."""
    artists = len({song.artist for song in fit.songs})
    lines = [f"Trained on {len(fit.songs)} songs by {artists} artists."]
    for task, result in fit.tasks.items():
        figures = result.figures
        lines += ["", f"## {task}", ""]
        if "verdict" in figures:
            lines.append(f"{figures['verdict'][0].upper()}{figures['verdict'][1:]}.")
        if task in _TARGETS:
            interval = figures["interval"]
            lines.append(
                f"Aim: {figures['chosen']}; constant {result.config['constant']:.1f} LU; 80 % interval "
                f"{interval['low']:+.1f} to {interval['high']:+.1f} LU around the aim, {interval['coverage']:.0%} of "
                f"songs by artists left out lie in it. {figures['songs']} songs by {figures['artists']} artists."
            )
        if "table" in figures:
            lines += ["", figures["table"]]
    lines += [f"\n{task}: left out, {reason}" for task, reason in fit.left_out.items()]
    return "\n".join(lines)


class _NotHereError(Exception):
    """A task cannot be trained by this installation."""


def _fit(task: str, prepared: Prepared, *, seed: int, cache: Path, progress: Progress, effort: Effort) -> TaskResult:
    if task in _TARGETS:
        return fit_target(
            examples_of(prepared.songs), _TARGETS[task], seed=seed, choices=effort.recipes, takes=effort.takes,
            progress=lambda _what, share: progress(share, 1.0),
        )  # fmt: skip
    try:
        from sitwell_training.equalizer import fit_equalizer_task
    except ImportError as error:
        raise _NotHereError(
            f"it needs a library that is not here ({error}); install sitwell-training[networks]"
        ) from None
    result: TaskResult = fit_equalizer_task(
        prepared, seed=seed, progress=progress, cache=cache, **dict(effort.equalizer)
    )
    return result


def _key(task: str, prepared: Prepared, seed: int, effort: Effort) -> str:
    """Hash all that a task's result follows from."""
    what = [_VERSION, task, seed, repr(effort), prepared.sha256, data_hash([item.song for item in prepared.songs])]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]


def _kept(cache: Path, task: str, key: str) -> TaskResult | None:
    folder = cache / "tasks"
    described, graph = folder / f"{task}-{key}.json", folder / f"{task}-{key}.onnx"
    if not described.is_file():
        return None
    found = json.loads(described.read_text(encoding="utf-8"))
    if found["graph"] and not graph.is_file():
        return None
    return TaskResult(found["config"], graph.read_bytes() if found["graph"] else None, found["figures"])


def _keep(cache: Path, task: str, key: str, result: TaskResult) -> None:
    make_folder(cache / "tasks")
    if result.onnx is not None:
        with replacing(cache / "tasks" / f"{task}-{key}.onnx") as temporary:
            temporary.write_bytes(result.onnx)
    described = {"config": result.config, "figures": result.figures, "graph": result.onnx is not None}
    with replacing(cache / "tasks" / f"{task}-{key}.json") as temporary:
        temporary.write_text(json.dumps(described), encoding="utf-8")
