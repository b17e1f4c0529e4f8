"""A plan as text: every stage, every knob, nothing a terminal would obey."""

import hypothesis
import pytest

from sitwell.knob import Knob
from sitwell.plan import MixPlan, Reason, Target
from sitwell.report import explain
from sitwell.report.numbers import exact
from sitwell.report.stages import describe
from tests.report.stands import worked_plan
from tests.strategies import settings_of

_NUMBERS = [path for path, knob in MixPlan.knobs().items() if knob is not None]
_TITLES = ("High-pass", "Equalizer", "Compressor", "Level", "Room in the backing", "Reverb", "Master")


def _elsewhere(path: str) -> tuple[float, Knob]:
    """Give a value inside the range of a knob that is not its default."""
    knob = MixPlan.knobs()[path]
    assert knob is not None
    fresh = float(MixPlan().get(path))
    value = knob.clamp(knob.from_unit(0.37))
    return (value if value != fresh else knob.clamp(knob.from_unit(0.61))), knob


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_stages_come_in_the_order_of_the_chain() -> None:
    text = explain(worked_plan())
    places = [text.index(f"\n{title}\n") for title in _TITLES]
    assert places == sorted(places)


@pytest.mark.parametrize("path", _NUMBERS)
def test_every_knob_that_was_turned_is_told(path: str) -> None:
    value, knob = _elsewhere(path)
    plan = MixPlan().set(path, value)
    assert exact(value, knob.unit) in _flat(explain(plan))


def test_every_knob_belongs_to_exactly_one_stage() -> None:
    told = [setting.path for stage in describe(MixPlan().set("vocal.offset_ms", 5.0)) for setting in stage.settings]
    assert sorted(told) == sorted(_NUMBERS)


@pytest.mark.parametrize(
    ("switch", "title"),
    [
        ("vocal.highpass.enabled", "High-pass"),
        ("vocal.equalizer.enabled", "Equalizer"),
        ("vocal.compressor.enabled", "Compressor"),
        ("backing.equalizer.enabled", "Room in the backing"),
        ("reverb.enabled", "Reverb"),
        ("master.enabled", "Master"),
    ],
)
def test_a_stage_that_is_off_is_said_to_be_off(switch: str, title: str) -> None:
    plan = worked_plan()
    assert f"{title} (off)" not in explain(plan)
    assert f"\n{title} (off)\n" in explain(plan.set(switch, "off"))


def test_a_knob_of_a_stage_that_is_off_is_said_to_do_nothing() -> None:
    text = _flat(explain(MixPlan().set("vocal.compressor.ratio", 7.0)))
    assert "set, but without effect while it is off: ratio 7:1" in text


def test_asked_and_got_are_told() -> None:
    text = explain(worked_plan())
    assert "vocal against the mix: asked -3.1 dB, got -3.2 dB" in text
    assert "loudness range of the vocal: asked at most 14.0 LU, got 11.7 LU (met)" in text


def test_an_interval_is_told_with_its_source() -> None:
    target = Target(asked=-1.0, got=-1.0, low=-5.1, high=1.9, source="learned")
    text = _flat(explain(MixPlan().aim(vbr_lu=target)))
    assert "engineers land between -5.1 and +1.9 LU (learned)" in text


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(1.0, ", confidence high"), (0.8, ", confidence medium"), (0.3, ", confidence low"), (None, "")],
)
def test_a_model_says_how_sure_it_is(confidence: float | None, word: str) -> None:
    target = Target(asked=-3.1, got=-3.1, low=-5.4, high=-0.9, source="model default 1", confidence=confidence)
    text = _flat(explain(MixPlan().aim(vbr_lu=target)))
    assert f"80 % of engineers land between -5.4 and -0.9 LU (model default 1{word})" in text


def test_a_prior_claims_neither_a_model_nor_to_be_sure() -> None:
    target = Target(asked=-2.8, got=-2.8, low=-4.6, high=1.6, source="prior", confidence=1.0)
    text = _flat(explain(MixPlan().aim(vbr_lu=target)))
    assert "80 % of what this model learned from lie between -4.6 and +1.6 LU (prior)" in text
    assert "confidence" not in text
    assert "engineers" not in text


def test_a_loudness_range_has_no_sign() -> None:
    target = Target(asked=5.1, got=4.2, low=2.1, high=15.4, source="model default 1", status="bypass")
    text = _flat(explain(MixPlan().aim(loudness_range_lu=target)))
    assert "asked at most 5.1 LU, got 4.2 LU (bypass); 80 % of engineers land between 2.1 and 15.4 LU" in text


def test_the_correction_of_the_tone_is_told_as_a_target() -> None:
    target = Target(asked=1.4, got=1.2, source="model default 1", confidence=0.95, status="met")
    text = _flat(explain(MixPlan().aim(equalizer_db=target)))
    told = "correction of the tone, rms: asked 1.4 dB, got 1.2 dB (met); model default 1, confidence high"
    assert told in text


def test_what_a_person_asked_is_told_as_theirs() -> None:
    target = Target(asked=-2.0, got=-2.0, source="by hand", status="met")
    assert "asked -2.0 LU, got -2.0 LU (met); by hand" in _flat(explain(MixPlan().aim(vbr_lu=target)))


def test_control_characters_of_a_plan_do_not_reach_the_terminal() -> None:
    plan = MixPlan(engine="\x1b[2Jsitwell", reasons=(Reason("level", "\x1b]0;owned\x07\r why", "\x9b1m"),))
    assert all(letter.isprintable() or letter == "\n" for letter in explain(plan))


def test_reasons_of_unknown_stages_do_no_harm() -> None:
    assert explain(MixPlan(reasons=(Reason("deesser", "not here yet", ""),))) == explain(MixPlan())


@hypothesis.given(settings_of(MixPlan))
@hypothesis.settings(max_examples=25)
def test_any_valid_plan_can_be_explained(plan: MixPlan) -> None:
    text = explain(plan)
    assert all(title in text for title in _TITLES)
    assert all(len(line) <= 96 for line in text.splitlines())
