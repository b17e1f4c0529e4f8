"""The joiner: read, analyze, decide, render, measure, write; every door calls this and nothing else.

Knows no rule and no format; owns the order of work, progress, timing and what is cleaned up.
"""

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sitwell import io
from sitwell.analysis import Track, measure_track
from sitwell.audio import Audio, Samples
from sitwell.decide import Stem, decide, refine_master
from sitwell.errors import Notice
from sitwell.plan import MixPlan
from sitwell.render import Measured, MixMeter, StemBlock, mix_length, render_blocks
from sitwell.report import Recorder, write_report
from sitwell.value import Json
from sitwell.version import __version__
from sitwell.wishes import Wishes

Source = str | os.PathLike[str] | Audio
Progress = Callable[[str, float], None]  # stage, share of it done
Sink = Callable[[StemBlock | None, Samples], None]

_REFINEMENTS = 2


def _silent(_stage: str, _share: float) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class Outputs:
    """Where results go; nothing is written for what is None."""

    mix: Path | None = None
    plan: Path | None = None
    report: Path | None = None
    stems: Path | None = None
    bit_depth: str | None = None


@dataclass(frozen=True, eq=False)
class MixResult:
    """A mix: the plan with what it got, what was measured, what to know, where the files are."""

    plan: MixPlan
    measured: Measured
    warnings: tuple[Notice, ...]
    outputs: dict[str, str]
    timing_s: dict[str, float]
    audio: Audio | None = field(default=None, repr=False)

    @property
    def targets(self) -> Json:
        """What was asked and got, by name."""
        return self.plan.targets.to_dict()

    def to_dict(self) -> Json:
        """Turn into plain JSON types: the object that `--json` prints."""
        return {
            "plan": self.plan.to_dict(),
            "measured": measured_to_dict(self.measured),
            "targets": self.targets,
            "warnings": [{"code": notice.code, "message": notice.message} for notice in self.warnings],
            "outputs": self.outputs,
            "timing_s": {stage: round(seconds, 3) for stage, seconds in self.timing_s.items()},
        }


def measured_to_dict(measured: Measured) -> Json:
    """Turn measured figures into plain JSON types; what has no value is None."""
    mix = measured.mix
    return {
        "vmr_db": _finite(measured.vmr_db),
        "vbr_lu": _finite(measured.vbr_lu),
        "return_db": _finite(measured.return_db),
        "vocal_loudness_range_lu": _finite(measured.vocal_loudness_range_lu),
        "reduction_db": _finite(measured.reduction_db),
        "limiter_reduction_db": _finite(measured.limiter_reduction_db),
        "mix": {
            "integrated_lufs": _finite(mix.integrated_lufs),
            "loudness_range_lu": _finite(mix.loudness_range_lu),
            "true_peak_dbtp": _finite(mix.true_peak_dbtp),
            "max_short_term_lufs": _finite(mix.max_short_term_lufs),
            "max_momentary_lufs": _finite(mix.max_momentary_lufs),
        },
    }


def load_pair(
    vocal: Source, backing: Source, *, max_seconds: float = io.MAX_SECONDS, progress: Progress = _silent
) -> tuple[Audio, Audio]:
    """Read both sounds at one rate, the higher of the two, so that nothing is lost."""
    rate = max(_rate(vocal), _rate(backing))
    return (
        _load(vocal, rate, max_seconds, lambda share: progress("read", 0.5 * share)),
        _load(backing, rate, max_seconds, lambda share: progress("read", 0.5 + 0.5 * share)),
    )


def analyze(source: Source, *, max_seconds: float = io.MAX_SECONDS, progress: Progress = _silent) -> Track:
    """Read a sound and measure all there is to measure of it."""
    audio = _load(source, _rate(source), max_seconds, lambda share: progress("read", share))
    return measure_track(audio, progress=lambda share: progress("analyze", share))


def mix(
    vocal: Source,
    backing: Source,
    *,
    wishes: Wishes | None = None,
    outputs: Outputs | None = None,
    keep_audio: bool = False,
    max_seconds: float = io.MAX_SECONDS,
    progress: Progress = _silent,
) -> MixResult:
    """Make a mix from two sounds: decide, render, measure, and write what is asked for."""
    wishes, outputs, timing = wishes or Wishes(), outputs or Outputs(), _Timing()
    _check_outputs(outputs, vocal, backing)
    with timing("read"):
        pair = load_pair(vocal, backing, max_seconds=max_seconds, progress=progress)
    with timing("analyze"):
        stems = _analyzed(*pair, progress)
    with timing("decide"):
        decision = decide(*stems, wishes, progress=lambda share: progress("decide", share))
    plan = decision.plan.replace(engine=f"sitwell {__version__}")
    job = _Job(*pair, stems, outputs, keep_audio, _found(stems) + decision.notices, timing, progress)
    for _ in range(_REFINEMENTS):
        try:
            return job.run(plan, refine="master.gain_db" not in wishes.locked)
        except _Refined as refined:
            plan = refined.plan
    return job.run(plan, refine=False)


def render(
    plan: MixPlan,
    vocal: Source,
    backing: Source,
    *,
    outputs: Outputs | None = None,
    keep_audio: bool = False,
    max_seconds: float = io.MAX_SECONDS,
    progress: Progress = _silent,
) -> MixResult:
    """Render a plan as it is; nothing is decided again."""
    outputs, timing = outputs or Outputs(), _Timing()
    _check_outputs(outputs, vocal, backing)
    with timing("read"):
        pair = load_pair(vocal, backing, max_seconds=max_seconds, progress=progress)
    stems: tuple[Stem, Stem] | None = None
    if outputs.report is not None:
        with timing("analyze"):
            stems = _analyzed(*pair, progress)
    notices = _found(stems) if stems else tuple(notice for audio in pair for notice in audio.notices)
    return _Job(*pair, stems, outputs, keep_audio, notices, timing, progress).run(plan, refine=False)


class _Refined(Exception):  # noqa: N818 - not an error: the rendering is to be done again with a better plan
    def __init__(self, plan: MixPlan) -> None:
        super().__init__()
        self.plan = plan


@dataclass(eq=False)
class _Job:
    """One rendering with all that listens to it."""

    vocal: Audio
    backing: Audio
    stems: tuple[Stem, Stem] | None
    outputs: Outputs
    keep_audio: bool
    notices: tuple[Notice, ...]
    timing: "_Timing"
    progress: Progress

    def run(self, plan: MixPlan, *, refine: bool) -> MixResult:
        """Render into temporary files, which take their names only when everything went well.

        Raises _Refined, leaving nothing behind, when the limiter took more loudness than is allowed.
        """
        rate, kept = self.vocal.sample_rate, list[Samples]()
        meter = MixMeter(rate)
        recorder = self._recorder(plan)
        with contextlib.ExitStack() as files, self.timing("render"):
            sinks, writers = self._open(files, rate)
            done, length = 0, max(mix_length(plan, self.vocal, self.backing), 1)
            for parts, block, limiter_db in render_blocks(plan, self.vocal, self.backing):
                meter.process(parts, block, limiter_db)
                for sink in sinks:
                    sink(parts, block)
                if recorder is not None:
                    recorder.process(parts, block)
                if self.keep_audio:
                    kept.append(block)
                done += block.shape[1]
                self.progress("render", done / length)
            measured, _ = meter.finish()
            better = refine_master(plan, measured) if refine else None
            if better is not None:
                raise _Refined(better)
            clipped = {path: writer.clipped_samples for path, writer in writers.items()}
        return self._finish(_with_got(plan, measured), measured, recorder, kept, clipped)

    def _recorder(self, plan: MixPlan) -> Recorder | None:
        if self.outputs.report is None or self.stems is None:
            return None
        return Recorder(plan, self.stems[0], self.stems[1])

    def _open(self, files: contextlib.ExitStack, rate: int) -> tuple[list[Sink], dict[str, io.Writer]]:
        writers: dict[str, io.Writer] = {}
        sinks: list[Sink] = []

        def opened(path: Path, bit_depth: str | None) -> io.Writer:
            writer = files.enter_context(io.open_writer(path, sample_rate=rate, bit_depth=bit_depth))
            writers[str(path)] = writer
            return writer

        if self.outputs.mix is not None:
            mix_writer = opened(self.outputs.mix, self.outputs.bit_depth)
            sinks.append(lambda _, block: mix_writer.write(block))
        if self.outputs.stems is not None:
            io.make_folder(self.outputs.stems)
            sinks += [_stem_sink(opened(path, "32f"), path.stem) for path in _stem_paths(self.outputs.stems)]
        return sinks, writers

    def _finish(
        self,
        plan: MixPlan,
        measured: Measured,
        recorder: Recorder | None,
        kept: list[Samples],
        clipped: dict[str, int],
    ) -> MixResult:
        notices = self.notices + tuple(
            Notice("output.clipped", f"{path}: {count} samples were clipped; lower the level or use a limiter")
            for path, count in clipped.items()
            if count
        )
        outputs = {"mix": self.outputs.mix, "plan": self.outputs.plan, "stems": self.outputs.stems,
                   "report": self.outputs.report}  # fmt: skip
        written = {name: str(path) for name, path in outputs.items() if path is not None}
        with self.timing("write"):
            if self.outputs.plan is not None:
                io.write_text_atomic(self.outputs.plan, plan.to_json())
            if recorder is not None and self.outputs.report is not None:
                text = write_report(plan, measured, notices, recorder)
                io.write_text_atomic(self.outputs.report, text)
        audio = None
        if self.keep_audio:
            samples = np.concatenate(kept, axis=1) if kept else np.zeros((2, 0), dtype=np.float32)
            audio = Audio(samples, self.vocal.sample_rate, "mix")
        return MixResult(plan, measured, notices, written, self.timing.seconds, audio)


class _Timing:
    """Adds up the seconds spent in each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


def _rate(source: Source) -> int:
    return source.sample_rate if isinstance(source, Audio) else io.probe(source).sample_rate


def _load(source: Source, rate: int, max_seconds: float, progress: Callable[[float], None]) -> Audio:
    if isinstance(source, Audio):
        return io.resample(source, rate)
    return io.read(source, sample_rate=rate, max_seconds=max_seconds, progress=progress)


def _analyzed(vocal: Audio, backing: Audio, progress: Progress) -> tuple[Stem, Stem]:
    first = measure_track(vocal, progress=lambda share: progress("analyze", 0.5 * share))
    second = measure_track(backing, progress=lambda share: progress("analyze", 0.5 + 0.5 * share))
    return Stem(vocal, first), Stem(backing, second)


def _found(stems: tuple[Stem, Stem]) -> tuple[Notice, ...]:
    """Collect what was noticed while reading and what the analysis found wrong."""
    return tuple(notice for stem in stems for notice in (*stem.audio.notices, *stem.track.notices))


def _check_outputs(outputs: Outputs, vocal: Source, backing: Source) -> None:
    inside = _stem_paths(outputs.stems) if outputs.stems is not None else []
    targets = [path for path in (outputs.mix, outputs.plan, outputs.report, *inside) if path is not None]
    inputs = [Path(source) for source in (vocal, backing) if not isinstance(source, Audio)]
    io.refuse_overwriting_inputs(targets, inputs)


def _stem_paths(folder: Path) -> list[Path]:
    return [folder / f"{name}.wav" for name in ("vocal", "reverb", "backing")]


def _stem_sink(writer: io.Writer, name: str) -> Sink:
    def sink(parts: StemBlock | None, _: Samples) -> None:
        if parts is not None:
            writer.write(getattr(parts, name))

    return sink


def _with_got(plan: MixPlan, measured: Measured) -> MixPlan:
    """Fill in what each target got."""
    targets = plan.targets
    return plan.aim(
        vmr_db=targets.vmr_db.replace(got=_finite(measured.vmr_db)),
        vbr_lu=targets.vbr_lu.replace(got=_finite(measured.vbr_lu)),
        loudness_range_lu=targets.loudness_range_lu.replace(got=_finite(measured.vocal_loudness_range_lu)),
        return_db=targets.return_db.replace(got=_finite(measured.return_db)),
        integrated_lufs=targets.integrated_lufs.replace(got=_finite(measured.mix.integrated_lufs)),
    )


def _finite(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
