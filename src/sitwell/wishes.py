"""What a person asks for besides the two files: how much, how loud, which stages, targets and knobs by hand."""

from dataclasses import dataclass

from sitwell.errors import PlanError
from sitwell.knob import knob
from sitwell.plan import MixPlan
from sitwell.value import Value

STAGES = ("equalizer", "compressor", "level", "masking", "reverb")
LEARNED, RULES = "learned", "rules"
METHODS = (LEARNED, RULES)
DEFAULT_METHOD = LEARNED


@dataclass(frozen=True)
class _TargetKind:
    """A figure a person may name: its range, its stage, and the knobs that would settle it already."""

    low: float
    high: float
    unit: str
    stage: str
    knobs: tuple[str, ...]


TARGETS = {
    "vbr": _TargetKind(-24.0, 24.0, "LU", "level", ("vocal.gain_db",)),
    "vmr": _TargetKind(-24.0, -0.1, "dB", "level", ("vocal.gain_db",)),
    "range": _TargetKind(
        1.0, 30.0, "LU", "compressor", ("vocal.compressor.threshold_db", "vocal.compressor.enabled")
    ),
    "return": _TargetKind(-60.0, 6.0, "dB", "reverb", ("reverb.return_db", "reverb.enabled")),
}  # fmt: skip


@dataclass(frozen=True)
class Wishes(Value):
    """Wishes that scale, offset or replace what a decider would do.

    `method` is "learned" or "rules"; left empty, a `model` (the folder of a bundle) is used where one is named.
    `targets` such as "vbr=-2" name a figure instead of what the method would ask for.
    """

    method: str = ""
    model: str | None = None
    amount: float = knob(
        100.0, 0.0, 150.0, unit="%", step=1.0, doc="scales every move towards neutral; 0 is the plain sum"
    )
    vocal_level_lu: float = knob(0.0, -24.0, 24.0, unit="LU", doc="vocal above or below what is aimed at")
    vocal_tone_db: float = knob(
        0.0, -6.0, 6.0, unit="dB", step=0.1, doc="vocal darker (-) or brighter (+): treble against bass"
    )
    reverb_level_db: float = knob(0.0, -12.0, 12.0, unit="dB", step=0.1, doc="vocal drier (-) or wetter (+)")
    loudness_lufs: float | None = -14.0
    ceiling_dbtp: float = knob(-1.0, -12.0, 0.0, unit="dBTP", doc="highest true peak of the mix")
    only: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.method:
            object.__setattr__(self, "method", DEFAULT_METHOD if self.model is None else LEARNED)
        if self.method not in METHODS:
            raise PlanError("wish.method", f"unknown method {self.method!r}; known: {', '.join(METHODS)}")
        if self.model is not None and self.method != LEARNED:
            raise PlanError("wish.model", f"method {self.method} asks no model; leave out the model or the method")
        for stage in self.only:
            if stage not in STAGES:
                raise PlanError("wish.stage", f"unknown stage {stage!r}; known: {', '.join(STAGES)}")
        if self.loudness_lufs is not None and not -40.0 <= self.loudness_lufs <= -5.0:
            raise PlanError(
                "wish.loudness", f"loudness {self.loudness_lufs:g} LUFS; allowed are -40 to -5 LUFS, or off"
            )
        self.apply(MixPlan())  # a wrong setting is told before any work
        self._check_targets()

    def wants(self, stage: str) -> bool:
        """Tell whether a stage may act; with `only` all others, and the master, are off."""
        return not self.only or stage in self.only

    @property
    def locked(self) -> frozenset[str]:
        """Paths of the knobs set by hand."""
        return frozenset(setting.partition("=")[0].strip() for setting in self.settings)

    def target(self, name: str) -> float | None:
        """Give the figure named for `vbr`, `vmr`, `range` or `return`, None where a decider has the say."""
        return self._targets.get(name)

    @property
    def _targets(self) -> dict[str, float]:
        pairs = (target.partition("=") for target in self.targets)
        return {name.strip(): _number(name.strip(), value) for name, _, value in pairs}

    def _check_targets(self) -> None:
        named = self._targets
        for name, value in named.items():
            kind = TARGETS[name]
            if not kind.low <= value <= kind.high:  # also catches NaN
                ends = f"{kind.low:g} to {kind.high:g} {kind.unit}"
                raise PlanError("wish.target", f"target {name} is {value:g}; allowed are {ends}")
            if not self.wants(kind.stage):
                raise PlanError(
                    "wish.target", f"target {name} needs the stage {kind.stage}, which --only switches off; add it"
                )
            for knob_path in self.locked.intersection(kind.knobs):
                raise PlanError(
                    "wish.target", f"target {name} cannot be solved for while {knob_path} is set; leave one of them out"
                )
        if len(named) < len(self.targets) or {"vbr", "vmr"} <= named.keys():
            raise PlanError("wish.target", "a target is named twice; vbr and vmr both say how loud the vocal is")

    def apply(self, plan: MixPlan) -> MixPlan:
        """Set the knobs asked for by hand; raises PlanError `plan.path`, `plan.type` or `plan.range`."""
        for setting in self.settings:
            path, equals, value = setting.partition("=")
            if not equals:
                raise PlanError("plan.path", f"--set takes PATH=VALUE, got {setting!r}")
            plan = plan.set(path.strip(), value.strip())
        return plan


def _number(name: str, text: str) -> float:
    if name not in TARGETS:
        raise PlanError("wish.target", f"unknown target {name!r}; known: {', '.join(TARGETS)}")
    try:
        return float(text)
    except ValueError:
        raise PlanError("wish.target", f"target {name} takes a number, such as {name}=-2, got {text!r}") from None
