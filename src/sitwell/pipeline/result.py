"""What a mix writes and what comes back: places for results, and the result with its JSON."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from sitwell.audio import Audio
from sitwell.errors import Notice
from sitwell.plan import MixPlan
from sitwell.render import Measured
from sitwell.value import Json


@dataclass(frozen=True)
class Outputs:
    """Where results go; nothing is written for what is None."""

    mix: Path | None = None
    plan: Path | None = None
    report: Path | None = None
    stems: Path | None = None
    bit_depth: str | None = None
    picture: Path | None = None

    @property
    def stem_files(self) -> list[Path]:
        """The files that `stems` will hold, in the order vocal, reverb, backing."""
        return [] if self.stems is None else [self.stems / f"{name}.wav" for name in ("vocal", "reverb", "backing")]

    @property
    def wants_recording(self) -> bool:
        """Whether something is to be drawn."""
        return self.report is not None or self.picture is not None

    @property
    def all_files(self) -> list[Path]:
        """Every file that will be written."""
        return [path for path in (self.mix, self.plan, self.report, self.picture, *self.stem_files) if path is not None]

    @property
    def named(self) -> dict[str, str]:
        """What was asked for, by name, as text."""
        places = {
            "mix": self.mix, "plan": self.plan, "report": self.report, "picture": self.picture, "stems": self.stems,
        }  # fmt: skip
        return {name: str(path) for name, path in places.items() if path is not None}


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
        "vmr_db": finite(measured.vmr_db),
        "vbr_lu": finite(measured.vbr_lu),
        "return_db": finite(measured.return_db),
        "vocal_loudness_range_lu": finite(measured.vocal_loudness_range_lu),
        "reduction_db": finite(measured.reduction_db),
        "limiter_reduction_db": finite(measured.limiter_reduction_db),
        "mix": {
            "integrated_lufs": finite(mix.integrated_lufs),
            "loudness_range_lu": finite(mix.loudness_range_lu),
            "true_peak_dbtp": finite(mix.true_peak_dbtp),
            "max_short_term_lufs": finite(mix.max_short_term_lufs),
            "max_momentary_lufs": finite(mix.max_momentary_lufs),
        },
    }


def finite(value: float) -> float | None:
    """Round for people; None where there is no value."""
    return round(value, 4) if math.isfinite(value) else None
