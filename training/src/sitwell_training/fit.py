"""Training of a bundle from songs: measure, fit each task, write; what is done is kept and never done twice."""

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sitwell.errors import InputError
from sitwell.models import Bundle
from sitwell.models.prediction import LOG
from sitwell.songs import Song
from sitwell.value import Json
from sitwell_training.bundle import Kept, TaskResult, write_bundle
from sitwell_training.equalizer.voices import Voice
from sitwell_training.kept import content, hashed
from sitwell_training.prepare import prepare
from sitwell_training.targets.prepared import refuse_test_songs
from sitwell_training.work import (
    EXTRACTION,
    REVERB,
    TASKS,
    Effort,
    Stage,
    Voices,
    Work,
    backings_of,
    no_stage,
    train,
)


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
    work = Work(seed, cache, voices or Voices(), effort or Effort(), stage, workers, backings_of(songs), ears)
    only_voices = tuple(tasks) == (EXTRACTION,)  # which looks at no song, but for the backings that leak
    looked_at = () if only_voices else songs
    prepared = prepare(looked_at, cache=cache, progress=stage("measuring"), workers=workers)
    if not prepared.songs and tuple(tasks) not in ((EXTRACTION,), (REVERB,)):
        raise InputError("fit.no_songs", "no song could be measured; `sitwell-train dataset check` says why")
    found, left_out, skipped = dict[str, TaskResult](), dict[str, str](), list(prepared.skipped)
    for task in tasks:
        try:
            found |= train(task, prepared, work, skipped, found)
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
    sha256 = hashed([prepared.sha256, *(content(voice.vocal) for voice in more)]) if more else prepared.sha256
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
