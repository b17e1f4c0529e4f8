"""Which methods take part: those asked for that this installation and this model can offer; decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sitwell.errors import ModelError, PlanError
from sitwell.evaluate.published import CONSTANT_RANGE_LU, CONSTANT_VBR_LU
from sitwell.evaluate.settings import LEARNED, METHODS, STAGES, Settings
from sitwell.models import Bundle, default_bundle
from sitwell.wishes import METHODS as OFFERED


@dataclass(frozen=True)
class Contestants:
    """Methods that take part, the model's folder and name, its constants, and what a reader must know."""

    methods: tuple[str, ...]
    model: str | None = None
    label: str | None = None
    constant_vbr_lu: float = CONSTANT_VBR_LU
    constant_range_lu: float = CONSTANT_RANGE_LU
    notes: tuple[str, ...] = ()

    def settings(self, *, seed: int, excerpt_s: float, stages: Iterable[str] = ()) -> Settings:
        """Make the settings of a run; raises PlanError `wish.stage` for a stage no damage test has."""
        named = tuple(stage.strip() for stage in stages if stage.strip())
        for stage in named:
            if stage not in STAGES:
                raise PlanError("wish.stage", f"no stage {stage!r} in the damage test; known: {', '.join(STAGES)}")
        return Settings(
            methods=self.methods,
            model=self.model,
            seed=seed,
            excerpt_s=excerpt_s,
            constant_vbr_lu=self.constant_vbr_lu,
            constant_range_lu=self.constant_range_lu,
            stages=named or STAGES,
        )


def choose_methods(names: Iterable[str], model: Path | None) -> Contestants:
    """Check methods and load the model once, so that a wrong one is told before any work.

    Raises PlanError `evaluate.method`, and ModelError for a bundle that cannot be trusted.
    """
    wanted = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    unknown = [name for name in wanted if name not in METHODS]
    if unknown or not wanted:
        got = repr(unknown[0]) if unknown else "none"
        raise PlanError("evaluate.method", f"unknown method {got}; known: {', '.join(METHODS)}")
    if LEARNED not in wanted:
        return Contestants(wanted)
    if LEARNED not in OFFERED:
        return _without(wanted, "the learned method is not available in this installation")
    try:
        bundle = default_bundle() if model is None else Bundle.load(model)
    except ModelError as error:
        if model is not None or error.code != "model.not_found":
            raise
        return _without(wanted, error.message)
    return Contestants(
        wanted,
        model=None if model is None else str(model.absolute()),
        label=bundle.label,
        constant_vbr_lu=_constant(bundle, "level", CONSTANT_VBR_LU),
        constant_range_lu=_constant(bundle, "range", CONSTANT_RANGE_LU),
        notes=tuple(_skill(bundle, task) for task in _TASKS if not bundle.shows_skill(task)),
    )


def _without(wanted: tuple[str, ...], reason: str) -> Contestants:
    left = tuple(name for name in wanted if name != LEARNED)
    if not left:
        raise PlanError("evaluate.method", f"nothing to evaluate: {reason}")
    return Contestants(left, notes=(f"Without the learned method: {reason}.",))


def _constant(bundle: Bundle, task: str, otherwise: float) -> float:
    return float(bundle.config["tasks"][task]["constant"]) if bundle.has(task) else otherwise


def _skill(bundle: Bundle, task: str) -> str:
    """Say what a model that shows no skill at a task does instead."""
    instead = "asks for its constant" if bundle.has(task) else "does as the rules do"
    return f"{bundle.label} shows no skill at {_TASKS[task]} and {instead}."


_TASKS = {"level": "the balance", "range": "the loudness range", "equalizer": "the equalizer"}
