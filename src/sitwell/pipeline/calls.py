"""The five calls every door makes: load, analyze, mix, render; the order of work and nothing else."""

from pathlib import Path

from sitwell import io
from sitwell.analysis import Track, measure_track
from sitwell.audio import Audio
from sitwell.catalogue import Entry
from sitwell.decide import Stem, decide, load_model
from sitwell.errors import Notice
from sitwell.pipeline.job import Job, Progress, Timing
from sitwell.pipeline.result import MixResult, Outputs
from sitwell.pipeline.stems import Backing, Source, common_rate, load, load_pair, measure_pair, silent
from sitwell.plan import MixPlan
from sitwell.version import __version__
from sitwell.wishes import Wishes


def analyze(source: Source, *, max_seconds: float = io.MAX_SECONDS, progress: Progress = silent) -> Track:
    """Read a sound and measure all there is to measure of it."""
    audio = load(source, common_rate(source), max_seconds, lambda share: progress("read", share))
    return measure_track(audio, progress=lambda share: progress("analyze", share))


def mix(
    vocal: Source,
    backing: Backing,
    *,
    wishes: Wishes | None = None,
    outputs: Outputs | None = None,
    keep_audio: bool = False,
    max_seconds: float = io.MAX_SECONDS,
    progress: Progress = silent,
) -> MixResult:
    """Make a mix from two sounds: decide, render, measure, and write what is asked for."""
    wishes, outputs, timing = wishes or Wishes(), outputs or Outputs(), Timing()
    _check_outputs(outputs, vocal, backing)
    with timing("read"):
        bundle = load_model(wishes)  # first, so that one that does not fit is told before any work
        pair = load_pair(vocal, backing, max_seconds=max_seconds, progress=progress)
    with timing("analyze"):
        stems = measure_pair(pair, backing, progress)
    with timing("decide"):
        decision = decide(*stems, wishes, bundle=bundle, progress=lambda share: progress("decide", share))
    notices = _found(stems) + decision.notices
    job = Job(*pair, stems, outputs, keep_audio, notices, timing, progress, decision.energies)
    return job.run(decision.plan.replace(engine=f"sitwell {__version__}"), refine="master.gain_db" not in wishes.locked)


def render(
    plan: MixPlan,
    vocal: Source,
    backing: Backing,
    *,
    outputs: Outputs | None = None,
    keep_audio: bool = False,
    max_seconds: float = io.MAX_SECONDS,
    progress: Progress = silent,
) -> MixResult:
    """Render a plan as it is; nothing is decided again."""
    outputs, timing = outputs or Outputs(), Timing()
    _check_outputs(outputs, vocal, backing)
    with timing("read"):
        pair = load_pair(vocal, backing, max_seconds=max_seconds, progress=progress)
    stems: tuple[Stem, Stem] | None = None
    if outputs.wants_recording:
        with timing("analyze"):
            stems = measure_pair(pair, backing, progress)
    notices = _found(stems) if stems else tuple(notice for audio in pair for notice in audio.notices)
    return Job(*pair, stems, outputs, keep_audio, notices, timing, progress).run(plan, refine=False)


def _found(stems: tuple[Stem, Stem]) -> tuple[Notice, ...]:
    """Collect what was noticed while reading and what the analysis found wrong."""
    return tuple(notice for stem in stems for notice in (*stem.audio.notices, *stem.track.notices))


def _check_outputs(outputs: Outputs, vocal: Source, backing: Backing) -> None:
    io.refuse_overwriting_inputs(outputs.all_files, [*_files(vocal), *_files(backing)])


def _files(source: Backing) -> list[Path]:
    match source:
        case Audio() | Stem():
            return []
        case Entry():
            return [source.path()]
        case _:
            return [Path(source)]
