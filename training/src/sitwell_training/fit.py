"""Training of a bundle from songs: measure, fit each task, write; what is done is kept and never done twice."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sitwell import models
from sitwell.analysis import FEATURES_VERSION
from sitwell.errors import InputError
from sitwell.io.disk import make_folder, replacing
from sitwell.models import Bundle
from sitwell.models.prediction import LOG
from sitwell.songs import Song
from sitwell.value import Json
from sitwell_training.bundle import Kept, TaskResult, data_hash, write_bundle
from sitwell_training.equalizer.voices import Voice, voices_of
from sitwell_training.extraction.examples import VERSIONS, WET_TAKES, Sources, content_of
from sitwell_training.prepare import Prepared, prepare
from sitwell_training.progress import Progress, no_progress
from sitwell_training.reverb import ears_of, fit_reverb_tasks, hash_of
from sitwell_training.targets import LEVEL, RANGE, Target
from sitwell_training.targets.estimators import Recipe
from sitwell_training.targets.prepared import examples_of, refuse_test_songs
from sitwell_training.targets.rows import TAKES
from sitwell_training.targets.task import fit_target

TASKS = ("level", "range", "equalizer", "extraction", "reverb")
EXTRACTION, REVERB = "extraction", "reverb"
_TARGETS: dict[str, Target] = {"level": LEVEL, "range": RANGE}
_VERSION = 2  # of what training does with the same songs: raise it and nothing kept is used again
_BACKINGS = 8  # that leak into wet takes


@dataclass(frozen=True)
class Effort:
    """How hard to try; the defaults are what a real bundle is made with, tests take less.

    `recipes` are the estimators to choose from (None: all), `takes` the made-up takes of each song,
    `wet_takes` those that extraction learns from.
    """

    recipes: tuple[Recipe, ...] | None = None
    takes: int = TAKES
    wet_takes: int = WET_TAKES


@dataclass(frozen=True)
class Voices:
    """What is learned from besides the songs.

    For the equalizer more vocals, and `presets`, the settings that turn dry ones into mixed; for extraction dry
    `singers`, impulse `responses`, and the decays of the same presets, which the choice of reverb leans on too.
    """

    more: tuple[Voice, ...] = ()
    presets: Path | None = None
    singers: tuple[Voice, ...] = ()
    responses: tuple[Voice, ...] = ()


@dataclass(frozen=True, eq=False)
class Fit:
    """What was trained: results by task, the songs behind them and the hash of what was measured of them.

    `voices` are vocals without a backing; `left_out` are tasks with the reason, `skipped` are songs and voices
    as (id, code, reason).
    """

    tasks: dict[str, TaskResult]
    songs: tuple[Song, ...]
    voices: tuple[Voice, ...]
    sha256: str
    left_out: dict[str, str]
    skipped: tuple[tuple[str, str, str], ...]
    seconds: float

    def to_dict(self) -> Json:
        """Turn into plain JSON types: what is the same in every run."""
        return {
            "songs": len(self.songs),
            "artists": len({song.artist for song in self.songs}),
            "voices": len(self.voices),
            "tasks": {task: result.figures for task, result in self.tasks.items()},
            "left_out": self.left_out,
            "skipped": [{"song": song, "code": code, "reason": reason} for song, code, reason in self.skipped],
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
    voices: Voices | None = None,
    stage: Stage = no_stage,
    effort: Effort | None = None,
    workers: int | None = None,
    ears: Bundle | None = None,
) -> Fit:
    """Train tasks on songs, all of the split train; finished songs and tasks are read from `cache`.

    The same songs, seed and effort give the same bytes. A task for which there are too few artists is left
    out. `ears` is a bundle that hears the reverb of vocals where that is not trained here; without it the one that
    comes along does. Raises InputError `fit.test_song`, `fit.no_songs`, and `fit.too_few` when no task is left.
    """
    started_s = time.monotonic()
    refuse_test_songs(songs)
    work = _Work(seed, cache, voices or Voices(), effort or Effort(), stage, workers, _backings(songs), ears)
    only_voices = tuple(tasks) == (EXTRACTION,)  # which looks at no song, but for the backings that leak
    looked_at = () if only_voices else songs
    prepared = prepare(looked_at, cache=cache, progress=stage("measuring"), workers=workers)
    if not prepared.songs and tuple(tasks) not in ((EXTRACTION,), (REVERB,)):
        raise InputError("fit.no_songs", "no song could be measured; `sitwell-train dataset check` says why")
    found, left_out, skipped = dict[str, TaskResult](), dict[str, str](), list(prepared.skipped)
    for task in tasks:
        try:
            found |= _once(task, prepared, work, skipped, found)
        except InputError as error:
            if error.code != "fit.too_few" or (task == tasks[-1] and not found):
                raise
            left_out[task] = error.message
    used = tuple(item.song for item in prepared.songs)
    more = work.voices.more if "equalizer" in found else ()
    if EXTRACTION in found:
        known = {voice.vocal for voice in more}
        heard = (*work.voices.singers, *work.voices.responses)
        more += tuple(voice for voice in heard if voice.split == "train" and voice.vocal not in known)
    sha256 = _hash([prepared.sha256, *(_content(voice.vocal) for voice in more)]) if more else prepared.sha256
    return Fit(found, used, more, sha256, left_out, tuple(skipped), time.monotonic() - started_s)


def write_fit(fit: Fit, out: Path, *, name: str, version: str, onto: Path | None = None) -> None:
    """Write what was trained as a bundle with report.json and report.md beside it.

    `onto` is a bundle whose other tasks are taken over as they are. Raises ModelError where it does not fit.
    """
    kept = None if onto is None else Kept.read(onto)
    told, words = fit.to_dict(), f"# {name} {version}\n\n{report(fit)}\n"
    if kept is not None:
        told = {**kept.report, "tasks": {**kept.report.get("tasks", {}), **told["tasks"]}}
        words = f"{kept.text.rstrip()}\n\n# Added\n\n{report(fit)}\n"
    write_bundle(
        out, name=name, version=version, tasks=fit.tasks, songs=fit.songs, voices=fit.voices,
        data_sha256=fit.sha256,
        extra={
            "report.json": json.dumps(told, indent=1, ensure_ascii=False) + "\n",
            "report.md": words,
        },
        kept=kept,
    )  # fmt: skip


def report(fit: Fit) -> str:
    """Say in Markdown what was trained and what it is worth."""
    artists = len({song.artist for song in fit.songs})
    learned_from = [f"{len(fit.songs)} songs by {artists} artists"] if fit.songs else []
    if fit.voices:
        learned_from.append(f"{len(fit.voices)} vocals alone and responses")
    lines = [f"Trained on {' and on '.join(learned_from) or 'nothing that was mixed'}."]
    for task, result in fit.tasks.items():
        figures = result.figures
        lines += ["", f"## {task}", ""]
        if "verdict" in figures:
            lines.append(f"{figures['verdict'][0].upper()}{figures['verdict'][1:]}.")
        if "interval" in figures:
            lines.append(_told(result))
        if "table" in figures:
            lines += ["", figures["table"]]
        if "told" in figures:
            lines += ["", figures["told"]]
    if fit.skipped:
        lines += ["", "## Songs left out", "", *(f"- {song}: {reason} [{code}]" for song, code, reason in fit.skipped)]
    lines += [f"\n{task}: left out, {reason}" for task, reason in fit.left_out.items()]
    return "\n".join(lines)


def _told(result: TaskResult) -> str:
    """Say what a figure's aim is, and the interval around it."""
    config, figures = result.config, result.figures
    unit, interval = figures["unit"], figures["interval"]
    middle, low, high = config["constant"], config["low"], config["high"]
    if config.get("figure") == LOG:
        text = (
            f"constant {math.exp(middle):.3g} {unit}; 80 % interval {math.exp(low):.2f} to {math.exp(high):.2f} times"
        )
    else:
        text = f"constant {middle:.1f} {unit}; 80 % interval {low:+.1f} to {high:+.1f} {unit} around"
    share = f", {interval['coverage']:.0%} of songs by artists left out lie in it" if "coverage" in interval else ""
    share += f", {interval['of_labels']:.0%} of labels lie in it" if "of_labels" in interval else ""
    songs = f"{figures['songs']} songs by {figures['artists']} artists"
    return f"Aim: {figures['chosen']}; {text} the aim{share}. {songs}."


@dataclass(frozen=True)
class _Work:
    """How tasks are trained, the same for all of them."""

    seed: int
    cache: Path
    voices: Voices
    effort: Effort
    stage: Stage
    workers: int | None
    backings: tuple[str, ...]
    ears: Bundle | None


def _backings(songs: Sequence[Song]) -> tuple[str, ...]:
    """Name the backings that leak into wet takes."""
    return tuple(sorted(song.backing for song in songs)[:_BACKINGS])


def _once(
    task: str,
    prepared: Prepared,
    work: _Work,
    skipped: list[tuple[str, str, str]],
    found: Mapping[str, TaskResult],
) -> dict[str, TaskResult]:
    """Train a task, or read what was trained before from the same; reverb is several tasks of a bundle."""
    ears = ears_of(found.get(EXTRACTION), work.ears) if task == REVERB else None
    key = _key(task, prepared, work, ears)
    names = models.REVERB if task == REVERB else (task,)
    kept = {name: result for name in names if (result := _kept(work.cache, name, key)) is not None}
    if len(kept) < len(names):
        kept = _trained(task, prepared, work, skipped, ears)
        for name, result in kept.items():
            _keep(work.cache, name, key, result)
    return kept


def _trained(
    task: str, prepared: Prepared, work: _Work, skipped: list[tuple[str, str, str]], ears: Bundle | None
) -> dict[str, TaskResult]:
    progress = work.stage(task)
    if task == REVERB:
        return fit_reverb_tasks(
            prepared.songs, ears, voices=work.voices.more, skipped=skipped, presets=work.voices.presets, seed=work.seed,
            choices=work.effort.recipes, takes=work.effort.takes, progress=lambda _what, share: progress(share, 1.0),
        )  # fmt: skip
    if task in _TARGETS:
        result = fit_target(
            examples_of(prepared.songs), _TARGETS[task], seed=work.seed, choices=work.effort.recipes,
            takes=work.effort.takes, progress=lambda _what, share: progress(share, 1.0),
        )  # fmt: skip
    elif task == EXTRACTION:
        result = _extraction(work)
    else:
        result = _equalizer(prepared, work, skipped, progress)
    return {task: result}


def _equalizer(prepared: Prepared, work: _Work, skipped: list[tuple[str, str, str]], progress: Progress) -> TaskResult:
    from sitwell_training.equalizer import fit_equalizer_task
    from sitwell_training.equalizer.library import measure_voices

    voices = (*voices_of([item.song for item in prepared.songs]), *work.voices.more)
    library = measure_voices(voices, cache=work.cache / "voices", workers=work.workers, progress=work.stage("voices"))
    skipped += library.skipped
    return fit_equalizer_task(
        library.voices, seed=work.seed, presets=work.voices.presets,
        progress=lambda _what, share: progress(share, 1.0),
    )  # fmt: skip


def _extraction(work: _Work) -> TaskResult:
    from sitwell_training.extraction import fit_extraction_task

    return fit_extraction_task(
        _sources(work), seed=work.seed, cache=work.cache / "takes", takes=work.effort.wet_takes,
        workers=work.workers, stage=work.stage,
    )  # fmt: skip


def _sources(work: _Work) -> Sources:
    """Gather what wet takes are made of."""
    voices = work.voices
    return Sources.of(voices.singers, voices.responses, str(voices.presets or ""), work.backings)


def _key(task: str, prepared: Prepared, work: _Work, ears: Bundle | None = None) -> str:
    """Hash all that a task's result follows from; `ears` is what heard the labels."""
    songs = data_hash([item.song for item in prepared.songs])
    what: list[object] = [_VERSION, FEATURES_VERSION, task, work.seed, prepared.sha256, songs]
    if task in _TARGETS:
        what.append(repr((work.effort.recipes, work.effort.takes)))
    elif task == REVERB:
        mixed = [[voice.artist, _content(voice.vocal)] for voice in work.voices.more if not voice.dry]
        what += [repr((work.effort.recipes, work.effort.takes)), hash_of(ears), _preset_content(work.voices), mixed]
    elif task == EXTRACTION:
        what += [content_of(_sources(work)), work.effort.wet_takes, VERSIONS]
    else:
        more = [[voice.id, voice.artist, voice.dry, _content(voice.vocal)] for voice in work.voices.more]
        what += [more, _preset_content(work.voices)]
    return _hash(what)[:16]


def _hash(what: list[object]) -> str:
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def _preset_content(voices: Voices) -> str | None:
    return _content(voices.presets) if voices.presets is not None else None


def _content(path: str | Path) -> str:
    """Hash a file; one that is not there is told later, by whoever reads it."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "absent"


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
