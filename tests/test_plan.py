"""Plans: every knob can be read, set, stored and described; a damaged plan is refused by code."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitwell.errors import PlanError
from sitwell.knob import Knob
from sitwell.plan import SCHEMA_VERSION, MixPlan, Target, plan_schema
from tests.strategies import settings_of

KNOBS = MixPlan.knobs()
NUMBERS: dict[str, Knob] = {path: knob for path, knob in KNOBS.items() if knob is not None}
SWITCHES = [path for path, knob in KNOBS.items() if knob is None]
UNITS = {
    "db": "dB", "dbtp": "dBTP", "lu": "LU", "lufs": "LUFS", "hz": "Hz", "ms": "ms", "s": "s",
}  # fmt: skip
UNITLESS = {"q", "size", "diffusion", "width"}
SCHEMA = plan_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_the_chain_reads_in_the_order_of_the_signal() -> None:
    stages = list(dict.fromkeys(path.rpartition(".")[0] for path in KNOBS))
    parts = ("vocal.highpass", "vocal.equalizer", "vocal.compressor", "backing.equalizer", "reverb", "master")
    first = [next(i for i, stage in enumerate(stages) if stage.startswith(part)) for part in parts]
    assert first == sorted(first)


@pytest.mark.parametrize("path", NUMBERS)
def test_every_knob_says_what_it_does_and_in_which_unit(path: str) -> None:
    declared, name = NUMBERS[path], path.rpartition(".")[2]
    assert len(declared.doc.split()) >= 1
    assert not declared.doc.endswith(".")
    if name == "ratio":
        assert declared.unit == ":1"
    elif name in UNITLESS:
        assert declared.unit == ""
    else:
        assert declared.unit == UNITS[name.rpartition("_")[2]]


@pytest.mark.parametrize("path", NUMBERS)
def test_a_step_is_small_against_the_range(path: str) -> None:
    declared = NUMBERS[path]
    assert 0 < declared.step <= (declared.high - declared.low) / 40


@pytest.mark.parametrize("path", NUMBERS)
def test_every_knob_can_be_set_and_read_within_its_range_only(path: str) -> None:
    declared = NUMBERS[path]
    for value in (declared.low, declared.from_unit(0.37), declared.high):
        assert MixPlan().set(path, repr(value)).get(path) == value
        assert MixPlan().set(path, value).get(path) == value
    for outside in (declared.low - 0.001, declared.high + 0.001):
        with pytest.raises(PlanError, match=rf"{path} is .*\[plan\.range\]"):
            MixPlan().set(path, outside)


@pytest.mark.parametrize("path", NUMBERS)
def test_setting_one_knob_changes_nothing_else(path: str) -> None:
    plan = MixPlan()
    changed = plan.set(path, NUMBERS[path].low if plan.get(path) != NUMBERS[path].low else NUMBERS[path].high)
    assert [other for other in KNOBS if changed.get(other) != plan.get(other)] == [path]
    assert changed.set(path, plan.get(path)) == plan


@pytest.mark.parametrize("path", SWITCHES)
def test_every_switch_can_be_turned(path: str) -> None:
    assert MixPlan().set(path, "on").get(path) is True
    assert MixPlan().set(path, "off").get(path) is False


@pytest.mark.parametrize("path", KNOBS)
def test_no_knob_takes_a_word(path: str) -> None:
    with pytest.raises(PlanError, match=rf"{path} .*\[plan\.type\]"):
        MixPlan().set(path, "loud")


@pytest.mark.parametrize("path", ["vocal.compresor.ratio", "vocal", "reasons", "engine", "targets.vmr_db.asked"])
def test_a_wrong_path_is_refused(path: str) -> None:
    with pytest.raises(PlanError, match=r"plan\.path"):
        MixPlan().set(path, 1.0)


@given(settings_of(MixPlan))
def test_any_plan_comes_back_from_its_text(plan: MixPlan) -> None:
    assert MixPlan.from_json(plan.to_json()) == plan


@given(settings_of(MixPlan))
def test_any_plan_obeys_the_published_schema(plan: MixPlan) -> None:
    assert list(VALIDATOR.iter_errors(plan.to_dict())) == []


@given(settings_of(MixPlan))
def test_a_rounded_plan_is_stable_and_close(plan: MixPlan) -> None:
    rounded = plan.rounded()
    assert rounded.rounded() == rounded
    for path, declared in NUMBERS.items():
        assert abs(float(rounded.get(path)) - float(plan.get(path))) <= declared.step / 2 * (1 + 1e-6), path


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", NUMBERS)
def test_schema_and_validation_refuse_the_same_numbers(path: str) -> None:
    data = MixPlan().to_dict()
    *folders, name = path.split(".")
    part = data
    for folder in folders:
        part = part[folder]
    part[name] = NUMBERS[path].high * 1.01 + 0.01
    with pytest.raises(jsonschema.ValidationError, match="maximum"):
        VALIDATOR.validate(data)
    with pytest.raises(PlanError, match=path):
        MixPlan.from_dict(data)


@pytest.mark.parametrize(
    "change",
    [{"colour": "red"}, {"schema_version": 2}, {"vocal": {"gain": 1}}, {"reasons": [{"stage": "level"}]}],
)
def test_schema_and_validation_refuse_the_same_shapes(change: dict[str, Any]) -> None:
    data = MixPlan().to_dict() | change
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(data)
    with pytest.raises(PlanError):
        MixPlan.from_json(json.dumps(data))


def test_targets_reasons_and_unicode_survive() -> None:
    plan = MixPlan().aim(vbr_lu=Target(asked=0.0, got=-0.04, source="règle"))
    plan = plan.because("level", "Stimme −3 dB zur Mischung", "De Man 2014")
    assert MixPlan.from_json(plan.to_json()) == plan
    assert "Stimme −3 dB" in plan.to_json()


def test_a_stage_has_one_reason_the_latest() -> None:
    plan = MixPlan().because("level", "first", "a").because("reverb", "other", "b").because("level", "second", "c")
    assert [reason.stage for reason in plan.reasons] == ["reverb", "level"]
    found = plan.reason("level")
    assert found is not None
    assert found.text == "second"
    assert plan.reason("master") is None


def test_a_plan_written_by_hand_may_leave_things_out() -> None:
    plan = MixPlan.from_json('{"schema_version": 1, "vocal": {"compressor": {"ratio": 4}}}')
    assert plan.vocal.compressor.ratio == 4.0
    assert plan.reverb == MixPlan().reverb


def test_a_plan_of_another_version_is_refused() -> None:
    with pytest.raises(PlanError, match=rf"reads {SCHEMA_VERSION}.*plan\.version"):
        MixPlan.from_json('{"schema_version": 99, "unknown": 1}')


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"vocal": NaN}', '{"vocal": {"gain_db": Infinity}}', b"\xff\xfe\x00", "[" * 100_000],
    ids=["empty", "cut", "nan", "infinity", "not utf-8", "deep"],
)
def test_text_that_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(PlanError, match=r"plan\.json"):
        MixPlan.from_json(text)


@given(st.sampled_from(["vocal", "reverb", "targets", "reasons", "model", "schema_version"]), JSON_VALUES)
def test_whatever_stands_in_a_plan_is_read_or_refused_by_code(name: str, junk: object) -> None:
    text = json.dumps({name: junk})
    code = _refusal(text)
    if code is None:
        plan = MixPlan.from_json(text)
        assert MixPlan.from_json(plan.to_json()) == plan
    else:
        assert code.startswith("plan.")


def _refusal(text: str) -> str | None:
    try:
        MixPlan.from_json(text)
    except PlanError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("confidence", "word"), [(None, ""), (1.0, "high"), (0.9, "high"), (0.8, "medium"), (0.74, "low"), (0.0, "low")]
)
def test_a_confidence_has_a_word(confidence: float | None, word: str) -> None:
    assert Target(confidence=confidence).sureness == word


def test_plans_without_confidence_and_tone_still_read() -> None:
    old = MixPlan().to_dict()
    del old["targets"]["equalizer_db"]
    for target in old["targets"].values():
        del target["confidence"]
    assert MixPlan.from_dict(old) == MixPlan()
