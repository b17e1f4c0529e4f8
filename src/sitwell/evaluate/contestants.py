"""Which methods take part: those asked for that this installation and this model can offer; decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sitwell.errors import PlanError
from sitwell.evaluate.published import CONSTANT_RANGE_LU, CONSTANT_VBR_LU
from sitwell.evaluate.settings import LEARNED, METHODS, Settings
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

    def settings(self, *, seed: int, excerpt_s: float) -> Settings:
        """Make the settings of a run."""
        return Settings(
            methods=self.methods,
            model=self.model,
            seed=seed,
            excerpt_s=excerpt_s,
            constant_vbr_lu=self.constant_vbr_lu,
            constant_range_lu=self.constant_range_lu,
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
        missing = "The learned method is not available in this installation; its column is missing."
        return Contestants(tuple(name for name in wanted if name != LEARNED), notes=(missing,))
    return Contestants(wanted, model=None if model is None else str(model))
