"""A plan told stage by stage in the order of the chain: what happens in plain words, and with which knobs.

Every knob of a plan belongs to exactly one stage here; both the text and the page are made from this.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from sitwell.effects import Bell, Dips, Equalizer, Shelf
from sitwell.knob import Knob
from sitwell.plan import MixPlan, Target
from sitwell.report.numbers import number, signed

_SILENT_DB = 0.005  # a band with less gain does nothing


@dataclass(frozen=True)
class Setting:
    """One knob of a stage: its path in the plan, the words for it, its value, and whether it was turned."""

    path: str
    label: str
    value: float
    knob: Knob
    turned: bool


@dataclass(frozen=True)
class Aim:
    """One figure a stage was solved for; a loudness range is asked for as a limit."""

    label: str
    unit: str
    target: Target

    @property
    def is_limit(self) -> bool:
        """Tell whether less than what was asked is as good."""
        return self.label.startswith("loudness range")

    @property
    def asked(self) -> str:
        """Write what was asked."""
        limit = "at most " if self.is_limit and self.target.asked is not None else ""
        return limit + number(self.target.asked, self.unit)

    @property
    def interval(self) -> str:
        """Write the interval in which 80 % lie, nothing where it is unknown."""
        low, high = self._ends
        return f"{low} to {high}" if low else ""

    @property
    def landing(self) -> str:
        """Say of what 80 % lie in the interval: a prior knows songs, but nothing of this one; nothing if unknown."""
        low, high = self._ends
        who = "of what this model learned from lie" if self.target.source == "prior" else "of engineers land"
        return f"80 % {who} between {low} and {high}" if low else ""

    @property
    def _ends(self) -> tuple[str, str]:
        low, high = self.target.low, self.target.high
        write = signed if self.unit in ("dB", "LU") and not self.is_limit else number
        return (
            (write(low, self.unit).removesuffix(f" {self.unit}"), write(high, self.unit))
            if low is not None and high is not None
            else ("", "")
        )

    @property
    def asker(self) -> str:
        """Say who asks, and how sure a model is; a prior is the same for every song and never called a model."""
        sure = self.target.sureness if self.target.source.startswith("model ") else ""
        return self.target.source + (f", confidence {sure}" if sure else "")


@dataclass(frozen=True)
class Stage:
    """One stage of the chain: does it act, what it does, with what, why, and what came of it."""

    key: str
    title: str
    on: bool
    summary: str
    settings: tuple[Setting, ...]
    reason: str
    source: str
    aims: tuple[Aim, ...]


@dataclass(frozen=True)
class _Part:
    """Where a stage lives in the plan, and the words for it."""

    key: str
    title: str
    paths: tuple[str, ...]
    tell: Callable[[MixPlan], str | None]
    off: str
    aims: tuple[tuple[str, str, str], ...] = ()


def describe(plan: MixPlan) -> tuple[Stage, ...]:
    """Tell a plan stage by stage, in the order of the chain; timing only when the vocal was moved."""
    return tuple(_stage(plan, part) for part in _PARTS if part.key != "timing" or plan.vocal.offset_ms)


def is_tone_by_rule(plan: MixPlan) -> bool:
    """Tell whether the equalizer followed the rule, whose target can be drawn."""
    return plan.targets.equalizer_db.source == "rules"


def _stage(plan: MixPlan, part: _Part) -> Stage:
    summary, reason = part.tell(plan), plan.reason(part.key)
    aims = tuple(
        Aim(label, unit, target)
        for name, label, unit in part.aims
        if (target := getattr(plan.targets, name)) != Target()
    )
    return Stage(
        key=part.key,
        title=part.title,
        on=summary is not None,
        summary=summary or part.off,
        settings=_settings(plan, part),
        reason=reason.text if reason else "",
        source=reason.source if reason else "",
        aims=aims,
    )


def _settings(plan: MixPlan, part: _Part) -> tuple[Setting, ...]:
    fresh = MixPlan()
    return tuple(
        Setting(path, _label(path, part.paths), float(plan.get(path)), knob, plan.get(path) != fresh.get(path))
        for path, knob in MixPlan.knobs().items()
        if knob is not None and any(path == own or path.startswith(own + ".") for own in part.paths)
    )


def _label(path: str, own: tuple[str, ...]) -> str:
    """Make words of a path: `vocal.equalizer.bell_1.gain_db` is `bell 1 gain`."""
    base = next(prefix for prefix in own if path == prefix or path.startswith(prefix + "."))
    names = path.removeprefix(base + ".").split(".") if path != base else path.split(".")
    stems = [name.rsplit("_", 1)[0] if name.rsplit("_", 1)[-1] in _UNITS else name for name in names]
    words = " ".join(stems).replace("_", " ")
    return _WORDS.get(words, words)


def active_bands(equalizer: Equalizer | Dips) -> tuple[tuple[str, Bell | Shelf], ...]:
    """List the bands that do something with their names in the plan, from low to high."""
    names = (field.name for field in dataclasses.fields(equalizer) if field.name != "enabled")
    bands = [(name, getattr(equalizer, name)) for name in names]
    acting = [(name, band) for name, band in bands if equalizer.enabled and abs(band.gain_db) >= _SILENT_DB]
    return tuple(sorted(acting, key=lambda pair: float(pair[1].frequency_hz)))


def _timing(plan: MixPlan) -> str | None:
    offset_ms = plan.vocal.offset_ms
    way = "later" if offset_ms > 0 else "earlier"
    return f"The vocal is moved {abs(offset_ms):.1f} ms {way}." if offset_ms else None


def _highpass(plan: MixPlan) -> str | None:
    highpass = plan.vocal.highpass
    return f"Rumble below {number(highpass.frequency_hz, 'Hz')} is taken out." if highpass.enabled else None


def _equalizer(plan: MixPlan) -> str | None:
    bands = active_bands(plan.vocal.equalizer)
    return f"The tone of the vocal is shaped: {_places(bands)}." if bands else None


def _compressor(plan: MixPlan) -> str | None:
    stage = plan.vocal.compressor
    if not stage.enabled:
        return None
    makeup = f", then all comes up by {number(stage.makeup_db, 'dB')}" if stage.makeup_db > 0 else ""
    loud = number(stage.threshold_db, "dB")
    return f"Singing louder than {loud} is held back, {number(stage.ratio, ':1')}{makeup}."


def _level(plan: MixPlan) -> str | None:
    vocal = _turned("The vocal", plan.vocal.gain_db)
    backing = f" {_turned('The backing', plan.backing.gain_db)}" if plan.backing.gain_db else ""
    return vocal + backing


def _turned(what: str, gain_db: float) -> str:
    if round(gain_db, 1) == 0:
        return f"{what} stays at its level."
    return f"{what} is turned {'up' if gain_db > 0 else 'down'} by {number(abs(gain_db), 'dB')}."


def _masking(plan: MixPlan) -> str | None:
    bands = active_bands(plan.backing.equalizer)
    return f"The backing makes room for the vocal: {_places(bands)}." if bands else None


def _reverb(plan: MixPlan) -> str | None:
    room = plan.reverb
    if not room.enabled:
        return None
    start = f", beginning {number(room.predelay_ms, 'ms')} after the voice" if room.predelay_ms else ""
    return f"The vocal gets a room that rings for {number(room.decay_mid_s, 's')}{start}."


def _master(plan: MixPlan) -> str | None:
    master = plan.master
    if not master.enabled:
        return None
    peaks = f"no peak passes {number(master.ceiling_dbtp, 'dBTP')}"
    return f"{_turned('The mix', master.gain_db).rstrip('.')}; {peaks}."


def _places(bands: tuple[tuple[str, Bell | Shelf], ...]) -> str:
    return ", ".join(
        f"{signed(band.gain_db, 'dB')} {_SIDE.get(name, 'at')} {number(band.frequency_hz, 'Hz')}"
        for name, band in bands
    )


_SIDE = {"low_shelf": "below", "high_shelf": "above"}
_WORDS = {
    "q": "Q", "predelay": "pre-delay", "lookahead": "look-ahead", "return": "return level",
    "decay low": "decay, lows", "decay mid": "decay, mids", "decay high": "decay, highs",
    "vocal offset": "offset",
}  # fmt: skip
_UNITS = frozenset(("db", "hz", "ms", "s", "dbtp"))
_PARTS = (
    _Part("timing", "Timing", ("vocal.offset_ms",), _timing, "The vocal stays where it is."),
    _Part("highpass", "High-pass", ("vocal.highpass",), _highpass, "Low frequencies pass as they are."),
    _Part(
        "equalizer", "Equalizer", ("vocal.equalizer",), _equalizer, "The tone of the vocal stays.",
        (("equalizer_db", "correction of the tone, rms", "dB"),),
    ),
    _Part(
        "compressor", "Compressor", ("vocal.compressor",), _compressor, "Loud and quiet stay as sung.",
        (("loudness_range_lu", "loudness range of the vocal", "LU"),),
    ),
    _Part(
        "level", "Level", ("vocal.gain_db", "backing.gain_db"), _level, "",
        (("vmr_db", "vocal against the mix", "dB"), ("vbr_lu", "vocal against the backing", "LU")),
    ),
    _Part("masking", "Room in the backing", ("backing.equalizer",), _masking, "The backing stays as it is."),
    _Part(
        "reverb", "Reverb", ("reverb",), _reverb, "No room is added.",
        (
            ("decay_s", "decay of the reverb", "s"), ("brightness", "its decay at 8 kHz against 1 kHz", "times"),
            ("predelay_ms", "pre-delay", "ms"), ("return_db", "reverb against the dry vocal", "dB"),
        ),
    ),
    _Part(
        "master", "Master", ("master",), _master, "The mix is the plain sum of its parts.",
        (("integrated_lufs", "loudness of the mix", "LUFS"),),
    ),
)  # fmt: skip
