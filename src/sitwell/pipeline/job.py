"""One rendering with all that listens to it: meters, files, report; nothing stays when it fails."""

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sitwell import io
from sitwell.audio import Audio, Samples
from sitwell.decide import Stem, equalizer_strength_db, refine_master
from sitwell.effects import Reverb
from sitwell.errors import Notice
from sitwell.pipeline.result import MixResult, Outputs, finite
from sitwell.plan import MixPlan, Target
from sitwell.render import Energies, KeptRoom, MasterStage, Measured, MixMeter, mix_length, stem_blocks

if TYPE_CHECKING:
    from sitwell.report import Recorder

Progress = Callable[[str, float], None]  # stage, share of it done
Sink = Callable[[Samples], None]
REFINEMENTS = 3
_SAME_DB = 0.02
_TOLERANCES = {
    "vmr_db": 0.2, "vbr_lu": 0.2, "loudness_range_lu": 0.5, "decay_s": 0.02, "brightness": 0.05, "predelay_ms": 0.1,
    "return_db": 0.2, "integrated_lufs": 0.1,
}  # fmt: skip


class Timing:
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


@dataclass(eq=False)
class Job:
    """Two sounds, where the results go, and who wants to know; `run` renders a plan, once."""

    vocal: Audio
    backing: Audio
    stems: tuple[Stem, Stem] | None  # analysed, for a report
    outputs: Outputs
    keep_audio: bool
    notices: tuple[Notice, ...]
    timing: Timing
    progress: Progress
    energies: Energies | None = None  # of the parts, where a decision has measured them
    room: KeptRoom | None = None  # the reverb, likewise; the sum of all parts takes its place
    kept: list[Samples] = field(default_factory=list)
    clipped: int = 0

    def run(self, plan: MixPlan, *, refine: bool) -> MixResult:
        """Render into temporary files, which take their names only when everything went well.

        With `refine` the sum of the parts is kept, and the master tried with more gain while its limiter takes
        more loudness than is allowed; only the last master is written, since encoding costs more than trying.
        """
        meter = MixMeter(self.vocal.sample_rate, self.energies)
        recorder = self._recorder(plan)
        with self.timing("render"), contextlib.ExitStack() as files:
            sums = self._sums(plan, meter, recorder, files)
            if refine:
                whole = self._gathered(plan, sums)
                plan, measured = self._refined(plan, whole, meter)
                self._master(plan, whole.blocks(), self._sinks(recorder, files))
            else:
                self._master(plan, sums, self._sinks(recorder, files), meter)
                measured = meter.finish()
        return self._finish(
            with_got(plan, measured, sample_rate=self.vocal.sample_rate, decided=self.energies is not None),
            measured,
            recorder,
        )

    def _recorder(self, plan: MixPlan) -> "Recorder | None":
        if self.stems is None or not self.outputs.wants_recording:
            return None
        from sitwell.report import Recorder  # here, since most mixes draw nothing

        return Recorder(plan, *self.stems)

    def _draw(self, plan: MixPlan, measured: Measured, notices: tuple[Notice, ...], recorder: "Recorder") -> None:
        from sitwell.report import write_picture, write_report

        if self.outputs.report is not None:
            io.write_text_atomic(self.outputs.report, write_report(plan, measured, notices, recorder))
        if self.outputs.picture is not None:
            io.write_text_atomic(self.outputs.picture, write_picture(plan, recorder))

    def _sums(
        self, plan: MixPlan, meter: MixMeter, recorder: "Recorder | None", files: contextlib.ExitStack
    ) -> Iterator[Samples]:
        """Render the parts, show them to who listens, and yield their sums."""
        if self.outputs.stems is not None:
            io.make_folder(self.outputs.stems)
        rate = self.vocal.sample_rate
        writers = {  # 32-bit float, so that they sum to the mix before the master
            path.stem: files.enter_context(io.open_writer(path, sample_rate=rate, bit_depth="32f"))
            for path in self.outputs.stem_files
        }
        done, length = 0, max(mix_length(plan, self.vocal, self.backing), 1)
        for parts in stem_blocks(plan, self.vocal, self.backing, room=self.room):
            meter.process_parts(parts)
            if recorder is not None:
                recorder.process_parts(parts)
            for name, writer in writers.items():
                writer.write(getattr(parts, name))
            done += parts.vocal.shape[1]
            self.progress("render", done / length)
            yield parts.sum()

    def _gathered(self, plan: MixPlan, sums: Iterable[Samples]) -> Audio:
        """Keep the mix before the master, in place of the reverb that is in it, or in a temporary file when long."""
        if self.room is not None:
            samples, done = self.room.samples, 0
            for block in sums:
                samples[:, done : done + block.shape[1]] = block
                done += block.shape[1]
            return Audio(samples, self.vocal.sample_rate, "mix")
        store = io.Spool(2, mix_length(plan, self.vocal, self.backing))
        for block in sums:
            store.append(block)
        samples, release = store.finish()
        return Audio(samples, self.vocal.sample_rate, "mix", release=release)

    def _refined(self, plan: MixPlan, whole: Audio, meter: MixMeter) -> tuple[MixPlan, Measured]:
        """Measure what the master does to the sum, and raise its gain while that is too quiet."""
        for left in range(REFINEMENTS, -1, -1):
            meter.restart_mix()
            self._master(plan, whole.blocks(), [], meter)
            measured = meter.finish()
            better = refine_master(plan, measured) if left else None
            if better is None:
                break
            plan = better
        return plan, measured

    def _master(self, plan: MixPlan, sums: Iterable[Samples], sinks: list[Sink], meter: MixMeter | None = None) -> None:
        """Send the sums through the master to all who want the mix."""
        master = MasterStage(plan, self.vocal.sample_rate)
        if not sinks and meter is None:
            return
        for block in _through(master, sums):
            if meter is not None:
                meter.process_mix(block, master.reduction_db)
            for sink in sinks:
                sink(block)

    def _sinks(self, recorder: "Recorder | None", files: contextlib.ExitStack) -> list[Sink]:
        sinks: list[Sink] = [self.kept.append] if self.keep_audio else []
        if recorder is not None:
            sinks.append(recorder.process_mix)
        if self.outputs.mix is not None:
            rate, depth = self.vocal.sample_rate, self.outputs.bit_depth
            writer = files.enter_context(io.open_writer(self.outputs.mix, sample_rate=rate, bit_depth=depth))
            files.callback(self._note, writer)
            sinks.append(writer.write)
        return sinks

    def _note(self, writer: io.Writer) -> None:
        self.clipped, self.notices = writer.clipped_samples, (*self.notices, *writer.notices)

    def _finish(self, plan: MixPlan, measured: Measured, recorder: "Recorder | None") -> MixResult:
        notices = self.notices
        if self.clipped:
            message = f"{self.outputs.mix}: {self.clipped} samples were clipped; lower the level or use the master"
            notices = (*notices, Notice("output.clipped", message))
        loudness = plan.targets.integrated_lufs
        if loudness.status == "limit reached":
            message = f"the mix is at {loudness.got} LUFS, {loudness.asked} were asked; its peaks allow no more"
            notices = (*notices, Notice("master.limit_reached", message))
        with self.timing("write"):
            if self.outputs.plan is not None:
                io.write_text_atomic(self.outputs.plan, plan.to_json())
            if recorder is not None:
                self._draw(plan, measured, notices, recorder)
        audio = None
        if self.keep_audio:
            samples = np.concatenate(self.kept, axis=1) if self.kept else np.zeros((2, 0), dtype=np.float32)
            audio = Audio(samples, self.vocal.sample_rate, "mix")
        return MixResult(plan, measured, notices, self.outputs.named, self.timing.seconds, audio)


def with_got(plan: MixPlan, measured: Measured, *, sample_rate: int, decided: bool) -> MixPlan:
    """Fill in what each target got and whether that is what was asked.

    A target missed by a plan that was just `decided` met a limit; one missed by a plan that was edited was
    moved by hand.
    """
    got = {
        "vmr_db": measured.vmr_db,
        "vbr_lu": measured.vbr_lu,
        "loudness_range_lu": measured.vocal_loudness_range_lu,
        **_of_reverb(plan.reverb),
        "return_db": measured.return_db,
        "integrated_lufs": measured.mix.integrated_lufs,
    }
    missed = "limit reached" if decided else "not met"
    judged = {
        name: _judged(getattr(plan.targets, name), finite(value), _TOLERANCES[name], missed)
        for name, value in got.items()
    }
    return plan.aim(**judged, equalizer_db=_judged_tone(plan, sample_rate))


def _of_reverb(reverb: Reverb) -> dict[str, float]:
    """Give decay, brightness and pre-delay, which the knobs of the reverb say exactly; NaN where it is off."""
    on = 1.0 if reverb.enabled else math.nan
    return {
        "decay_s": on * reverb.decay_mid_s,
        "brightness": on * reverb.decay_high_s / reverb.decay_mid_s,
        "predelay_ms": on * reverb.predelay_ms,
    }


def _judged_tone(plan: MixPlan, sample_rate: int) -> Target:
    """Measure what the equalizer does now; one that was edited is no longer what was solved for."""
    target = plan.targets.equalizer_db
    if target == Target():
        return target
    got = equalizer_strength_db(plan.vocal.equalizer, sample_rate)
    edited = target.asked is not None and target.got is not None and abs(got - target.got) > _SAME_DB
    return target.replace(got=got, status="not met" if edited else target.status)


def _judged(target: Target, got: float | None, tolerance: float, missed: str) -> Target:
    if target.asked is None:
        return target.replace(got=got)
    if target.status == "bypass" and got is not None and got <= target.asked + tolerance:
        return target.replace(got=got)  # at most was asked, and less is there
    met = got is not None and abs(got - target.asked) <= tolerance
    return target.replace(got=got, status="met" if met else missed)


def _through(master: MasterStage, sums: Iterable[Samples]) -> Iterator[Samples]:
    for block in sums:
        yield master.process(block)
    yield master.finish()
