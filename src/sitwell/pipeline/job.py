"""One rendering with all that listens to it: meters, files, report; nothing stays when it fails."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitwell import io
from sitwell.audio import Audio, Samples
from sitwell.decide import Stem, refine_master
from sitwell.errors import Notice
from sitwell.pipeline.result import MixResult, Outputs, finite
from sitwell.plan import MixPlan
from sitwell.render import Energies, Measured, MixMeter, StemBlock, mix_length, render_blocks
from sitwell.report import Recorder, write_report

Progress = Callable[[str, float], None]  # stage, share of it done
Sink = Callable[[StemBlock | None, Samples], None]


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


class Refined(Exception):  # noqa: N818 - no error: the rendering is to be done again with a better plan
    """Carries the better plan."""

    def __init__(self, plan: MixPlan) -> None:
        super().__init__()
        self.plan = plan


@dataclass(eq=False)
class Job:
    """Two sounds, where the results go, and who wants to know; `run` renders a plan."""

    vocal: Audio
    backing: Audio
    stems: tuple[Stem, Stem] | None  # analysed, for a report
    outputs: Outputs
    keep_audio: bool
    notices: tuple[Notice, ...]
    timing: Timing
    progress: Progress
    energies: Energies | None = None  # of the parts, where a decision has measured them

    def run(self, plan: MixPlan, *, refine: bool) -> MixResult:
        """Render into temporary files, which take their names only when everything went well.

        Raises Refined, leaving nothing behind, when the limiter took more loudness than is allowed.
        """
        meter, kept = MixMeter(self.vocal.sample_rate, self.energies), list[Samples]()
        recorder = Recorder(plan, *self.stems) if self.stems and self.outputs.report else None
        with contextlib.ExitStack() as files, self.timing("render"):
            writers = self._open(files)
            sinks = self._sinks(writers, recorder, kept)
            done, length = 0, max(mix_length(plan, self.vocal, self.backing), 1)
            for parts, block, limiter_db in render_blocks(plan, self.vocal, self.backing):
                meter.process(parts, block, limiter_db)
                for sink in sinks:
                    sink(parts, block)
                done += block.shape[1]
                self.progress("render", done / length)
            measured = meter.finish()
            better = refine_master(plan, measured) if refine else None
            if better is not None:
                raise Refined(better)
            clipped = {path: writer.clipped_samples for path, writer in writers.items()}
        return self._finish(with_got(plan, measured), measured, recorder, kept, clipped)

    def _open(self, files: contextlib.ExitStack) -> dict[Path, io.Writer]:
        """Open a writer for each sound file asked for; the stems are 32-bit float, so that they sum exactly."""
        depths = dict.fromkeys(self.outputs.stem_files, "32f")
        if self.outputs.stems is not None:
            io.make_folder(self.outputs.stems)
        wanted = ({} if self.outputs.mix is None else {self.outputs.mix: self.outputs.bit_depth}) | depths
        rate = self.vocal.sample_rate
        return {
            path: files.enter_context(io.open_writer(path, sample_rate=rate, bit_depth=depth))
            for path, depth in wanted.items()
        }

    def _sinks(self, writers: dict[Path, io.Writer], recorder: Recorder | None, kept: list[Samples]) -> list[Sink]:
        sinks = [_part_sink(writers[path], path.stem) for path in self.outputs.stem_files]
        mix_writer = None if self.outputs.mix is None else writers[self.outputs.mix]
        if mix_writer is not None:
            sinks.append(lambda _, block: mix_writer.write(block))
        if recorder is not None:
            sinks.append(recorder.process)
        if self.keep_audio:
            sinks.append(lambda _, block: kept.append(block))
        return sinks

    def _finish(
        self,
        plan: MixPlan,
        measured: Measured,
        recorder: Recorder | None,
        kept: list[Samples],
        clipped: dict[Path, int],
    ) -> MixResult:
        notices = self.notices + tuple(
            Notice("output.clipped", f"{path}: {count} samples were clipped; lower the level or use the master")
            for path, count in clipped.items()
            if count
        )
        with self.timing("write"):
            if self.outputs.plan is not None:
                io.write_text_atomic(self.outputs.plan, plan.to_json())
            if self.outputs.report is not None and recorder is not None:
                io.write_text_atomic(self.outputs.report, write_report(plan, measured, notices, recorder))
        audio = None
        if self.keep_audio:
            samples = np.concatenate(kept, axis=1) if kept else np.zeros((2, 0), dtype=np.float32)
            audio = Audio(samples, self.vocal.sample_rate, "mix")
        return MixResult(plan, measured, notices, self.outputs.named, self.timing.seconds, audio)


def with_got(plan: MixPlan, measured: Measured) -> MixPlan:
    """Fill in what each target got."""
    targets = plan.targets
    return plan.aim(
        vmr_db=targets.vmr_db.replace(got=finite(measured.vmr_db)),
        vbr_lu=targets.vbr_lu.replace(got=finite(measured.vbr_lu)),
        loudness_range_lu=targets.loudness_range_lu.replace(got=finite(measured.vocal_loudness_range_lu)),
        return_db=targets.return_db.replace(got=finite(measured.return_db)),
        integrated_lufs=targets.integrated_lufs.replace(got=finite(measured.mix.integrated_lufs)),
    )


def _part_sink(writer: io.Writer, name: str) -> Sink:
    def sink(parts: StemBlock | None, _: Samples) -> None:
        if parts is not None:
            writer.write(getattr(parts, name))

    return sink
