"""The five calls every door makes: load, analyze, mix, render; the order of work and nothing else."""

import os
from pathlib import Path

from sitwell import io
from sitwell.analysis import Track, measure_track
from sitwell.audio import Audio
from sitwell.catalogue import Entry
from sitwell.decide import Stem, decide, load_model, require_singing
from sitwell.errors import Notice
from sitwell.extraction import ReverbEstimate, estimate_reverb, synthesize_response
from sitwell.models import Bundle, default_bundle
from sitwell.pipeline.job import Job, Progress, Timing
from sitwell.pipeline.result import MixResult, Outputs
from sitwell.pipeline.stems import Backing, Foreign, Source, common_rate, load, load_pair, measure_pair, silent
from sitwell.plan import MixPlan
from sitwell.version import __version__
from sitwell.wishes import Wishes


def analyze(source: Source, *, max_seconds: float = io.MAX_SECONDS, progress: Progress = silent) -> Track:
    """Read a sound and measure all there is to measure of it."""
    audio = load(source, common_rate(source), max_seconds, lambda share: progress("read", share))
    return measure_track(audio, progress=lambda share: progress("analyze", share))


def extract(
    source: Source,
    *,
    model: str | os.PathLike[str] | None = None,
    output: Path | None = None,
    singing: bool = False,
    max_seconds: float = io.MAX_SECONDS,
    progress: Progress = silent,
) -> tuple[Track, ReverbEstimate]:
    """Measure a sound and estimate the reverb it carries; write that as a smooth response where `output` is given.

    With `singing` silence is an error, otherwise its reverb is unknown. Raises what `analyze` raises, ModelError, and
    InputError `vocal.not_found`, or `reverb.unknown` when there is nothing to write.
    """
    if output is not None and not isinstance(source, Audio):
        io.refuse_overwriting_inputs([output], [Path(source)])
    bundle = default_bundle() if model is None else Bundle.load(os.fspath(model))
    audio = load(source, common_rate(source), max_seconds, lambda share: progress("read", share))
    track = measure_track(audio, progress=lambda share: progress("analyze", share))
    if singing:
        require_singing(track)
    estimate = estimate_reverb(audio, track, bundle)
    if output is not None:
        response = synthesize_response(estimate, sample_rate=audio.sample_rate)
        depth = "32f" if output.suffix.lower() == ".wav" else None
        with io.open_writer(output, sample_rate=response.sample_rate, bit_depth=depth) as writer:
            for block in response.blocks():
                writer.write(block)
    return track, estimate


def mix(
    vocal: Source | Foreign,
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
    job = Job(*pair, stems, outputs, keep_audio, notices, timing, progress, decision.energies, decision.room)
    return job.run(decision.plan.replace(engine=f"sitwell {__version__}"), refine="master.gain_db" not in wishes.locked)


def render(
    plan: MixPlan,
    vocal: Source | Foreign,
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


def _check_outputs(outputs: Outputs, vocal: Source | Foreign, backing: Backing) -> None:
    if outputs.mix is not None:
        io.format_of(outputs.mix, outputs.bit_depth)  # a wrong one is refused before any work
    io.refuse_overwriting_inputs(outputs.all_files, [*_files(vocal), *_files(backing)])


def _files(source: Backing) -> list[Path]:
    match source:
        case Audio() | Stem():
            return []
        case Entry():
            return [source.path()]
        case Foreign():
            return [source.path]
        case _:
            return [Path(source)]
