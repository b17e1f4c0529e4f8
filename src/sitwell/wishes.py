"""What a person asks for besides the two files: how much, how loud, which stages, which knobs by hand."""

from dataclasses import dataclass

from sitwell.errors import PlanError
from sitwell.knob import knob
from sitwell.plan import MixPlan
from sitwell.value import Value

STAGES = ("equalizer", "compressor", "level", "masking", "reverb")
METHODS = ("rules",)


@dataclass(frozen=True)
class Wishes(Value):
    """Wishes that scale, offset or replace what a decider would do."""

    method: str = "rules"
    amount: float = knob(
        100.0, 0.0, 150.0, unit="%", step=1.0, doc="scales every move towards neutral; 0 is the plain sum"
    )
    vocal_level_lu: float = knob(0.0, -24.0, 24.0, unit="LU", doc="vocal above or below what the rule asks")
    loudness_lufs: float | None = -14.0
    ceiling_dbtp: float = knob(-1.0, -12.0, 0.0, unit="dBTP", doc="highest true peak of the mix")
    only: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in METHODS:
            raise PlanError("wish.method", f"unknown method {self.method!r}; known: {', '.join(METHODS)}")
        for stage in self.only:
            if stage not in STAGES:
                raise PlanError("wish.stage", f"unknown stage {stage!r}; known: {', '.join(STAGES)}")
        if self.loudness_lufs is not None and not -40.0 <= self.loudness_lufs <= -5.0:
            raise PlanError(
                "wish.loudness", f"loudness {self.loudness_lufs:g} LUFS; allowed are -40 to -5 LUFS, or off"
            )
        self.apply(MixPlan())  # a wrong setting is told before any work

    def wants(self, stage: str) -> bool:
        """Tell whether a stage may act; with `only` all others, and the master, are off."""
        return not self.only or stage in self.only

    @property
    def locked(self) -> frozenset[str]:
        """Paths of the knobs set by hand."""
        return frozenset(setting.partition("=")[0].strip() for setting in self.settings)

    def apply(self, plan: MixPlan) -> MixPlan:
        """Set the knobs asked for by hand; raises PlanError `plan.path`, `plan.type` or `plan.range`."""
        for setting in self.settings:
            path, equals, value = setting.partition("=")
            if not equals:
                raise PlanError("plan.path", f"--set takes PATH=VALUE, got {setting!r}")
            plan = plan.set(path.strip(), value.strip())
        return plan
