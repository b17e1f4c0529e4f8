"""The training of one task: what it needs, who does it, and the key under which its result is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sitwell import models
from sitwell.analysis import FEATURES_VERSION
from sitwell.models import Bundle
from sitwell.songs import Song
from sitwell_training.bundle import TaskResult, data_hash
from sitwell_training.equalizer.voices import Voice, voices_of
from sitwell_training.extraction.examples import VERSIONS, WET_TAKES, Sources, content_of
from sitwell_training.kept import content, hashed, keep, kept
from sitwell_training.prepare import Prepared
from sitwell_training.progress import Progress, no_progress
from sitwell_training.reverb import ears_of, fit_reverb_tasks, hash_of
from sitwell_training.targets import LEVEL, RANGE, Target
from sitwell_training.targets.estimators import Recipe
from sitwell_training.targets.prepared import examples_of
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


Stage = Callable[[str], Progress]  # names a stage of work and gives its progress


def no_stage(_name: str) -> Progress:
    """Show nothing."""
    return no_progress


@dataclass(frozen=True)
class Work:
    """How tasks are trained, the same for all of them."""

    seed: int
    cache: Path
    voices: Voices
    effort: Effort
    stage: Stage
    workers: int | None
    backings: tuple[str, ...]
    ears: Bundle | None


def backings_of(songs: Sequence[Song]) -> tuple[str, ...]:
    """Name the backings that leak into wet takes."""
    return tuple(sorted(song.backing for song in songs)[:_BACKINGS])


def train(
    task: str,
    prepared: Prepared,
    work: Work,
    skipped: list[tuple[str, str, str]],
    found: Mapping[str, TaskResult],
) -> dict[str, TaskResult]:
    """Train a task, or read what was trained before from the same; reverb is several tasks of a bundle."""
    ears = ears_of(found.get(EXTRACTION), work.ears) if task == REVERB else None
    key = _key(task, prepared, work, ears)
    names = models.REVERB if task == REVERB else (task,)
    results = {name: result for name in names if (result := kept(work.cache, name, key)) is not None}
    if len(results) < len(names):
        results = _trained(task, prepared, work, skipped, ears)
        for name, result in results.items():
            keep(work.cache, name, key, result)
    return results


def _trained(
    task: str, prepared: Prepared, work: Work, skipped: list[tuple[str, str, str]], ears: Bundle | None
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


def _equalizer(prepared: Prepared, work: Work, skipped: list[tuple[str, str, str]], progress: Progress) -> TaskResult:
    from sitwell_training.equalizer import fit_equalizer_task
    from sitwell_training.equalizer.library import measure_voices

    voices = (*voices_of([item.song for item in prepared.songs]), *work.voices.more)
    library = measure_voices(voices, cache=work.cache / "voices", workers=work.workers, progress=work.stage("voices"))
    skipped += library.skipped
    return fit_equalizer_task(
        library.voices, seed=work.seed, presets=work.voices.presets,
        progress=lambda _what, share: progress(share, 1.0),
    )  # fmt: skip


def _extraction(work: Work) -> TaskResult:
    from sitwell_training.extraction import fit_extraction_task

    return fit_extraction_task(
        _sources(work), seed=work.seed, cache=work.cache / "takes", takes=work.effort.wet_takes,
        workers=work.workers, stage=work.stage,
    )  # fmt: skip


def _sources(work: Work) -> Sources:
    """Gather what wet takes are made of."""
    voices = work.voices
    return Sources.of(voices.singers, voices.responses, str(voices.presets or ""), work.backings)


def _key(task: str, prepared: Prepared, work: Work, ears: Bundle | None = None) -> str:
    """Hash all that a task's result follows from; `ears` is what heard the labels."""
    songs = data_hash([item.song for item in prepared.songs])
    what: list[object] = [_VERSION, FEATURES_VERSION, task, work.seed, prepared.sha256, songs]
    if task in _TARGETS:
        what.append(repr((work.effort.recipes, work.effort.takes)))
    elif task == REVERB:
        mixed = [[voice.artist, content(voice.vocal)] for voice in work.voices.more if not voice.dry]
        what += [repr((work.effort.recipes, work.effort.takes)), hash_of(ears), __preset_content(work.voices), mixed]
    elif task == EXTRACTION:
        what += [content_of(_sources(work)), work.effort.wet_takes, VERSIONS]
    else:
        more = [[voice.id, voice.artist, voice.dry, content(voice.vocal)] for voice in work.voices.more]
        what += [more, __preset_content(work.voices)]
    return hashed(what)[:16]


def __preset_content(voices: Voices) -> str | None:
    return content(voices.presets) if voices.presets is not None else None
