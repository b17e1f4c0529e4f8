"""`MixPlan`: one frozen, versioned JSON value that says everything about a mix; makes no sound.

The chain is fixed and typed, so that a person can read a plan from top to bottom.
"""

import dataclasses
import json
from dataclasses import dataclass

from sitwell.effects import Compressor, Dips, Equalizer, HighPass, Master, Reverb
from sitwell.errors import PlanError
from sitwell.knob import knob
from sitwell.value import Json, Value

SCHEMA_VERSION = 1
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Vocal(Value):
    """What happens to the vocal, in this order."""

    offset_ms: float = knob(
        0.0, -5000.0, 5000.0, unit="ms", step=0.1, doc="moves the vocal later (positive) or earlier"
    )
    highpass: HighPass = HighPass()
    equalizer: Equalizer = Equalizer()
    compressor: Compressor = Compressor(enabled=False)
    gain_db: float = knob(0.0, -80.0, 80.0, unit="dB", doc="level of the vocal in the mix")


@dataclass(frozen=True)
class Backing(Value):
    """What happens to the backing: a finished track, so at most gentle dips."""

    equalizer: Dips = Dips()
    gain_db: float = knob(0.0, -60.0, 20.0, unit="dB", doc="level of the backing; rules leave it alone")


@dataclass(frozen=True)
class Target(Value):
    """What was asked for, what was got, the interval engineers land in (80 %), and how sure that is (null: unknown).

    The source is `rules`, `prior` (the middle of many songs), `model NAME VERSION` or `by hand`.
    """

    asked: float | None = None
    got: float | None = None
    low: float | None = None
    high: float | None = None
    source: str = "rules"
    confidence: float | None = None
    status: str = ""

    @property
    def sureness(self) -> str:
        """Put the confidence into a word, high, medium or low; nothing where it is unknown.

        Of what was learned from 19 in 20 songs are at 1; noise, speech and instruments stay below 0.75.
        """
        if self.confidence is None:
            return ""
        return "high" if self.confidence >= 0.9 else "medium" if self.confidence >= 0.75 else "low"


@dataclass(frozen=True)
class Targets(Value):
    """The figures a mix was solved for; `brightness` is the reverb's decay at 8 kHz over that at 1 kHz, `decay_s`."""

    vmr_db: Target = Target()
    vbr_lu: Target = Target()
    loudness_range_lu: Target = Target()
    equalizer_db: Target = Target()
    decay_s: Target = Target()
    brightness: Target = Target()
    predelay_ms: Target = Target()
    return_db: Target = Target()
    integrated_lufs: Target = Target()


@dataclass(frozen=True)
class Reason(Value):
    """Why a stage is as it is, in one sentence with the numbers that were seen."""

    stage: str
    text: str
    source: str


@dataclass(frozen=True)
class MixPlan(Value):
    """Everything that turns a vocal and a backing into a mix, and why."""

    schema_version: int = SCHEMA_VERSION
    engine: str = "sitwell"
    method: str = "rules"
    model: str | None = None
    vocal: Vocal = Vocal()
    backing: Backing = Backing()
    reverb: Reverb = Reverb()
    master: Master = Master()
    targets: Targets = Targets()
    reasons: tuple[Reason, ...] = ()

    def to_json(self) -> str:
        """Write as indented JSON text, the same text for the same plan."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "MixPlan":
        """Read JSON text; raises PlanError `plan.json`, `plan.version` or what validation finds."""
        try:
            data = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise PlanError("plan.json", f"the plan is not JSON: {error}") from None
        version = data.get("schema_version") if isinstance(data, dict) else None
        if isinstance(version, int) and version != SCHEMA_VERSION:
            raise PlanError(
                "plan.version",
                f"the plan has schema version {version}; this Sitwell reads {SCHEMA_VERSION}. Make it anew",
            )
        return cls.from_dict(data)

    def reason(self, stage: str) -> Reason | None:
        """Find the reason of a stage."""
        return next((reason for reason in self.reasons if reason.stage == stage), None)

    def because(self, stage: str, text: str, source: str) -> "MixPlan":
        """Make a new plan with this stage's reason set."""
        others = tuple(reason for reason in self.reasons if reason.stage != stage)
        return self.replace(reasons=(*others, Reason(stage, text, source)))

    def aim(self, **changes: Target) -> "MixPlan":
        """Make a new plan with some targets set."""
        return self.replace(targets=dataclasses.replace(self.targets, **changes))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def plan_schema() -> Json:
    """Describe a plan as JSON Schema, draft 2020-12, with unit, scale and step of every knob."""
    schema = MixPlan.schema()
    schema["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return {"$schema": _DIALECT, "title": "Sitwell mix plan"} | schema | {"default": MixPlan().to_dict()}
