"""Plans that take every knob to its ends, switch on one stage after the other, or are what a mix is like."""

import numpy as np

from sitwell.audio import Audio
from sitwell.effects import Compressor, Dips, Equalizer, HighPass, Master, Reverb
from sitwell.knob import Knob
from sitwell.plan import Backing, MixPlan, Vocal
from sitwell.render import render_blocks

_LEVELS = {"vocal.gain_db": 3.0, "backing.gain_db": -2.0, "reverb.return_db": -6.0, "master.gain_db": 9.0}
_PLAIN = MixPlan(
    vocal=Vocal(highpass=HighPass(enabled=False), equalizer=Equalizer(enabled=False)),
    backing=Backing(equalizer=Dips(enabled=False)),
    reverb=Reverb(enabled=False),
    master=Master(enabled=False),
)
_SHAPED = (
    MixPlan()
    .set("vocal.equalizer.low_shelf.gain_db", -4.0)
    .set("vocal.equalizer.bell_2.gain_db", -3.0)
    .set("vocal.equalizer.bell_4.gain_db", 2.5)
    .set("vocal.equalizer.high_shelf.gain_db", 3.0)
    .set("backing.equalizer.bell_2.gain_db", -2.0)
    .set("vocal.offset_ms", -37.4)
    .set("vocal.gain_db", 4.3)
    .set("master.gain_db", 8.0)
)
REALISTIC = {
    "as it comes": MixPlan(),
    "shaped": _SHAPED.replace(
        vocal=_SHAPED.vocal.replace(compressor=Compressor(threshold_db=-32.0, ratio=4.0, makeup_db=6.0))
    ),
}


def stages() -> dict[str, MixPlan]:
    """Switch on one stage at a time, the rest being wires."""
    return {
        "wire": _PLAIN,
        "offset": _PLAIN.set("vocal.offset_ms", 123.4),
        "high-pass": _PLAIN.set("vocal.highpass.enabled", True),
        "equalizer": _PLAIN.replace(vocal=_PLAIN.vocal.replace(equalizer=_SHAPED.vocal.equalizer)),
        "compressor": _PLAIN.replace(vocal=_PLAIN.vocal.replace(compressor=REALISTIC["shaped"].vocal.compressor)),
        "gain": _PLAIN.set("vocal.gain_db", -7.77),
        "reverb": _PLAIN.set("reverb.enabled", True),
        "dips": _PLAIN.replace(backing=_SHAPED.backing),
        "backing gain": _PLAIN.set("backing.gain_db", -3.21),
        "master": _PLAIN.replace(master=Master(gain_db=14.0)),
    }


def extremes(seed: int) -> dict[str, MixPlan]:
    """Put every knob to one of its ends, and then all to the other; once with levels that leave everything audible."""
    rng = np.random.default_rng(seed)
    knobs = {path: knob for path, knob in MixPlan.knobs().items() if knob is not None}
    ends = {path: bool(rng.integers(2)) for path in knobs}
    found = {}
    for name, flip in (("ends", False), ("other ends", True)):
        values = {path: _end(knob, ends[path] != flip) for path, knob in knobs.items()}
        values["vocal.offset_ms"] /= 10.0  # half a second: the sounds last but a few
        found[f"{name} {seed}"] = _set(values)
        found[f"{name} {seed}, audible"] = _set(values | _LEVELS)
    return found


def anywhere(seed: int) -> dict[str, MixPlan]:
    """Put every knob anywhere and every switch on or off."""
    rng = np.random.default_rng(seed)
    values = {
        path: rng.random() < 0.8 if knob is None else knob.from_unit(rng.random())
        for path, knob in MixPlan.knobs().items()
    }
    values["vocal.offset_ms"] = float(rng.uniform(-500, 500))
    return {f"anywhere {seed}": _set(values | _LEVELS)}


def exported(plan: MixPlan, vocal: Audio, backing: Audio) -> np.ndarray:
    """Render as an export does, (2, n)."""
    return np.concatenate([mix for _, mix, _ in render_blocks(plan, vocal, backing)], axis=1)


def _end(knob: Knob, high: bool) -> float:
    return knob.high if high else knob.low


def _set(values: dict[str, float | bool]) -> MixPlan:
    plan = MixPlan().set("vocal.compressor.enabled", True)
    for path, value in values.items():
        plan = plan.set(path, value)
    return plan
