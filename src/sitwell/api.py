"""The Python door: `sitwell.read, plan, render, mix, analyze, extract_reverb, explain`; thin words over it."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from sitwell import io, pipeline
from sitwell.analysis import Track
from sitwell.audio import Audio
from sitwell.effects import Reverb
from sitwell.extraction import ReverbEstimate
from sitwell.fit import DEFAULT_EVALUATIONS, Fit, reverb_response
from sitwell.pipeline import MixResult, Outputs, Progress, Source
from sitwell.plan import MixPlan
from sitwell.wishes import Wishes

__all__ = ["analyze", "explain", "extract_reverb", "fit_reverb", "mix", "plan", "read", "render", "render_reverb"]

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


def extract_reverb(source: Source, output: Where = None, *, model: Where = None) -> ReverbEstimate:
    """Estimate the reverb that a vocal carries; with `output`, write it as a smooth impulse response.

    `model` is the folder of a bundle of your own. The verdict is wet, dry or unknown; figures that cannot be heard are
    None. Raises InputError `vocal.not_found` for silence, `reverb.unknown` when there is nothing to write; ModelError.
    """
    return pipeline.extract(source, model=model, output=_path(output), singing=True)[1]


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
    loudness_lufs: float | None = -14.0,
    ceiling_dbtp: float = -1.0,
    only: Iterable[str] = (),
    targets: Named | None = None,
    settings: Settings | None = None,
    reverb: Reverb | str | os.PathLike[str] | None = None,
) -> MixPlan:
    """Decide a mix and measure what it gets, writing nothing. Arguments as in `mix`."""
    wishes = _wishes(
        method=method, model=model, amount=amount, vocal_level_lu=vocal_level_lu, loudness_lufs=loudness_lufs,
        ceiling_dbtp=ceiling_dbtp, only=only, targets=targets, settings=settings, reverb=reverb,
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
    loudness_lufs: float | None = -14.0,
    ceiling_dbtp: float = -1.0,
    only: Iterable[str] = (),
    targets: Named | None = None,
    settings: Settings | None = None,
    reverb: Reverb | str | os.PathLike[str] | None = None,
    plan_out: Where = None,
    report: Where = None,
    stems: Where = None,
    bit_depth: str | None = None,
    progress: Progress | None = None,
) -> MixResult:
    """Mix a vocal into its backing; the sound is in the file `output`, or in `result.audio` without one.

    `method` is "learned" or "rules", `model` the folder of a bundle of your own. `amount` (0 to 150 %) scales
    every move; `vocal_level_lu` puts the vocal above or below its target; `loudness_lufs` None keeps the loudness
    of the sum; `only` names the stages that may act; `targets` maps `vbr`, `vmr`, `range` and `return` to figures
    to reach; `settings` maps knobs such as "vocal.compressor.ratio" to values; `reverb` is a Reverb, the
    name of one or a JSON file, and its level is solved. Raises InputError, PlanError,
    ModelError or OutputError.
    """
    wishes = _wishes(
        method=method, model=model, amount=amount, vocal_level_lu=vocal_level_lu, loudness_lufs=loudness_lufs,
        ceiling_dbtp=ceiling_dbtp, only=only, targets=targets, settings=settings, reverb=reverb,
    )  # fmt: skip
    return pipeline.mix(
        vocal,
        backing,
        wishes=wishes,
        outputs=Outputs(_path(output), _path(plan_out), _path(report), _path(stems), bit_depth),
        keep_audio=output is None,
        progress=progress or (lambda _stage, _share: None),
    )


def fit_reverb(
    response: Source,
    output: Where = None,
    *,
    evaluations: int = DEFAULT_EVALUATIONS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Fit:
    """Fit the reverb to an impulse response, a file or Audio; the knobs are in `fit.reverb` and in the file `output`.

    With 0 evaluations only the analytic seed is made, in about 0.2 s. `Fit` also holds what was measured of the
    response and of the fit. Raises InputError `response.*` when the sound is no impulse response.
    """
    quiet: Progress = lambda _stage, _share: None  # noqa: E731
    return pipeline.fit_reverb(response, _path(output), evaluations=evaluations, seed=seed, progress=progress or quiet)


def render_reverb(
    reverb: Reverb | str | os.PathLike[str], *, sample_rate: int = 48000, seconds: float | None = None
) -> Audio:
    """Render the impulse response of a reverb, the name of one or a JSON file, at its return level."""
    chosen = reverb if isinstance(reverb, Reverb) else pipeline.find_reverb(reverb)
    return reverb_response(chosen, sample_rate, seconds)


def _wishes(
    *,
    method: str | None,
    model: Where,
    amount: float,
    vocal_level_lu: float,
    loudness_lufs: float | None,
    ceiling_dbtp: float,
    only: Iterable[str],
    targets: Named | None,
    settings: Settings | None,
    reverb: Reverb | str | os.PathLike[str] | None,
) -> Wishes:
    return Wishes(
        method=method or "",
        model=None if model is None else os.fspath(model),
        amount=amount,
        vocal_level_lu=vocal_level_lu,
        loudness_lufs=loudness_lufs,
        ceiling_dbtp=ceiling_dbtp,
        only=tuple(only),
        targets=tuple(f"{name}={value}" for name, value in (targets or {}).items()),
        settings=tuple(f"{path}={_text(value)}" for path, value in (settings or {}).items()),
        reverb=pipeline.find_reverb(reverb) if isinstance(reverb, str | os.PathLike) else reverb,
    )


def _text(value: float | bool | str) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _path(where: Where) -> Path | None:
    return None if where is None else Path(where)
