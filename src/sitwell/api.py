"""The Python door: `sitwell.read, plan, render, mix, analyze, explain`; thin words over the pipeline."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from sitwell import io, pipeline
from sitwell.analysis import Track
from sitwell.audio import Audio
from sitwell.pipeline import MixResult, Outputs, Progress, Source
from sitwell.plan import MixPlan
from sitwell.wishes import Wishes

__all__ = ["analyze", "explain", "mix", "plan", "read", "render"]

Where = str | os.PathLike[str] | None
Settings = Mapping[str, float | bool | str]
Named = Mapping[str, float]


def read(path: str | os.PathLike[str], *, sample_rate: int | None = None) -> Audio:
    """Read a sound file as stereo float32 at its own rate, or resampled to `sample_rate` in Hz.

    Raises InputError or CodecError with a code such as `audio.unreadable`.
    """
    return io.read(path, sample_rate=sample_rate)


def analyze(source: Source) -> Track:
    """Measure loudness, dynamics, spectra, stereo image, tempo and defects of one sound."""
    return pipeline.analyze(source)


def explain(plan: MixPlan) -> str:
    """Say in words what a plan does and why."""
    from sitwell.report import explain as in_words  # here, since most mixes are not put into words

    return in_words(plan)


def plan(
    vocal: Source,
    backing: Source,
    *,
    method: str | None = None,
    model: Where = None,
    amount: float = 100.0,
    vocal_level_lu: float = 0.0,
    vocal_tone_db: float = 0.0,
    reverb_level_db: float = 0.0,
    loudness_lufs: float | None = -14.0,
    ceiling_dbtp: float = -1.0,
    only: Iterable[str] = (),
    targets: Named | None = None,
    settings: Settings | None = None,
) -> MixPlan:
    """Decide a mix and measure what it gets, writing nothing. Arguments as in `mix`."""
    wishes = _wishes(
        method=method, model=model, amount=amount, vocal_level_lu=vocal_level_lu, vocal_tone_db=vocal_tone_db,
        reverb_level_db=reverb_level_db, loudness_lufs=loudness_lufs, ceiling_dbtp=ceiling_dbtp, only=only,
        targets=targets, settings=settings,
    )  # fmt: skip
    return pipeline.mix(vocal, backing, wishes=wishes).plan


def render(plan: MixPlan, vocal: Source, backing: Source, output: Where = None, *, stems: Where = None) -> MixResult:
    """Render a plan; the sound is in `result.audio`, and in the file `output` if that is given."""
    outputs = Outputs(mix=_path(output), stems=_path(stems))
    return pipeline.render(plan, vocal, backing, outputs=outputs, keep_audio=output is None)


def mix(
    vocal: Source,
    backing: Source,
    output: Where = None,
    *,
    method: str | None = None,
    model: Where = None,
    amount: float = 100.0,
    vocal_level_lu: float = 0.0,
    vocal_tone_db: float = 0.0,
    reverb_level_db: float = 0.0,
    loudness_lufs: float | None = -14.0,
    ceiling_dbtp: float = -1.0,
    only: Iterable[str] = (),
    targets: Named | None = None,
    settings: Settings | None = None,
    plan_out: Where = None,
    report: Where = None,
    stems: Where = None,
    bit_depth: str | None = None,
    progress: Progress | None = None,
) -> MixResult:
    """Mix a vocal into its backing; the sound is in the file `output`, or in `result.audio` without one.

    `method` is "learned" or "rules", `model` the folder of a bundle of your own. `amount` (0 to 150 %) scales
    every move; `vocal_level_lu` puts the vocal above or below its target, `vocal_tone_db` makes it brighter or
    darker, `reverb_level_db` wetter or drier; `loudness_lufs` None keeps the loudness of the sum; `only` names the
    stages that may act; `targets` maps `vbr`, `vmr`, `range` and `return` to figures to reach; `settings` maps
    knobs such as "vocal.compressor.ratio" to values. Raises InputError, PlanError, ModelError or OutputError.
    """
    wishes = _wishes(
        method=method, model=model, amount=amount, vocal_level_lu=vocal_level_lu, vocal_tone_db=vocal_tone_db,
        reverb_level_db=reverb_level_db, loudness_lufs=loudness_lufs, ceiling_dbtp=ceiling_dbtp, only=only,
        targets=targets, settings=settings,
    )  # fmt: skip
    return pipeline.mix(
        vocal,
        backing,
        wishes=wishes,
        outputs=Outputs(_path(output), _path(plan_out), _path(report), _path(stems), bit_depth),
        keep_audio=output is None,
        progress=progress or (lambda _stage, _share: None),
    )


def _wishes(
    *,
    method: str | None,
    model: Where,
    amount: float,
    vocal_level_lu: float,
    vocal_tone_db: float,
    reverb_level_db: float,
    loudness_lufs: float | None,
    ceiling_dbtp: float,
    only: Iterable[str],
    targets: Named | None,
    settings: Settings | None,
) -> Wishes:
    return Wishes(
        method=method or "",
        model=None if model is None else os.fspath(model),
        amount=amount,
        vocal_level_lu=vocal_level_lu,
        vocal_tone_db=vocal_tone_db,
        reverb_level_db=reverb_level_db,
        loudness_lufs=loudness_lufs,
        ceiling_dbtp=ceiling_dbtp,
        only=tuple(only),
        targets=tuple(f"{name}={value}" for name, value in (targets or {}).items()),
        settings=tuple(f"{path}={_text(value)}" for path, value in (settings or {}).items()),
    )


def _text(value: float | bool | str) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _path(where: Where) -> Path | None:
    return None if where is None else Path(where)
