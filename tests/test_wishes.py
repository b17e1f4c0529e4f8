"""Wishes: what a person asks for is checked before any work and set by hand last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitwell.errors import PlanError
from sitwell.plan import MixPlan
from sitwell.wishes import DEFAULT_METHOD, STAGES, Wishes


def test_settings_by_hand_are_applied_in_order() -> None:
    wishes = Wishes(settings=("vocal.compressor.ratio=3", "reverb.enabled = off", "vocal.compressor.ratio=4"))
    plan = wishes.apply(MixPlan())
    assert plan.vocal.compressor.ratio == 4.0
    assert plan.reverb.enabled is False
    assert wishes.locked == {"vocal.compressor.ratio", "reverb.enabled"}


def test_no_wishes_change_nothing() -> None:
    assert Wishes().apply(MixPlan()) == MixPlan()
    assert Wishes().locked == frozenset()


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("vocal.compressor.ratio", "plan.path"),
        ("vocal.compressor.rato=3", "plan.path"),
        ("=3", "plan.path"),
        ("vocal.compressor.ratio=", "plan.type"),
        ("vocal.compressor.ratio=three", "plan.type"),
        ("vocal.compressor.ratio=1=2", "plan.type"),
        ("vocal.compressor.ratio=99", "plan.range"),
        ("reverb.enabled=2", "plan.type"),
    ],
)
def test_a_wrong_setting_is_told_when_it_is_wished(setting: str, code: str) -> None:
    with pytest.raises(PlanError) as caught:
        Wishes(settings=(setting,))
    assert caught.value.code == code


def test_without_only_every_stage_may_act() -> None:
    assert all(Wishes().wants(stage) for stage in (*STAGES, "master"))


@given(st.sets(st.sampled_from(STAGES), min_size=1))
def test_only_switches_the_others_and_the_master_off(only: set[str]) -> None:
    wishes = Wishes(only=tuple(only))
    assert {stage for stage in (*STAGES, "master") if wishes.wants(stage)} == only


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("only", ("chorus",), "wish.stage"),
        ("only", ("master",), "wish.stage"),
        ("method", "magic", "wish.method"),
        ("amount", 151.0, "plan.range"),
        ("amount", -1.0, "plan.range"),
        ("amount", "much", "plan.type"),
        ("vocal_level_lu", 25.0, "plan.range"),
        ("ceiling_dbtp", 0.5, "plan.range"),
        ("loudness_lufs", -4.9, "wish.loudness"),
        ("loudness_lufs", -41.0, "wish.loudness"),
        ("loudness_lufs", float("nan"), "wish.loudness"),
        ("loudness_lufs", "loud", "plan.type"),
        ("targets", ("mood=3",), "wish.target"),
        ("targets", ("vbr",), "wish.target"),
        ("targets", ("vbr=loud",), "wish.target"),
        ("targets", ("vbr=nan",), "wish.target"),
        ("targets", ("vbr=-24.1",), "wish.target"),
        ("targets", ("vmr=0",), "wish.target"),
        ("targets", ("range=0.5",), "wish.target"),
        ("targets", ("return=7",), "wish.target"),
        ("targets", ("vbr=-2", "vmr=-4"), "wish.target"),
        ("targets", ("vbr=-2", "vbr=-3"), "wish.target"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(field: str, value: object, code: str) -> None:
    with pytest.raises(PlanError) as caught:
        Wishes(**{field: value})  # type: ignore[arg-type]
    assert caught.value.code == code


def test_loudness_may_be_left_alone() -> None:
    assert Wishes(loudness_lufs=None).loudness_lufs is None


def test_wishes_survive_json() -> None:
    wishes = Wishes(amount=50.0, only=("level",), settings=("reverb.size=1.2",), loudness_lufs=None)
    assert Wishes.from_dict(wishes.to_dict()) == wishes


def test_a_model_is_asked_where_one_is_named_and_no_method() -> None:
    assert Wishes().method == DEFAULT_METHOD
    assert Wishes(model="house").method == "learned"
    assert Wishes(method="learned").model is None


def test_rules_ask_no_model() -> None:
    with pytest.raises(PlanError, match="wish.model"):
        Wishes(method="rules", model="house")


def test_targets_are_numbers_by_name() -> None:
    wishes = Wishes(targets=("vbr = -2", "range=9"))
    assert [wishes.target(name) for name in ("vbr", "vmr", "range", "return")] == [-2.0, None, 9.0, None]


def test_an_unknown_target_lists_those_there_are() -> None:
    with pytest.raises(PlanError, match="vbr, vmr, range, return"):
        Wishes(targets=("level=-2",))


@pytest.mark.parametrize(
    ("target", "stage"), [("vbr=-2", "reverb"), ("vmr=-2", "reverb"), ("range=9", "level"), ("return=-9", "level")]
)
def test_a_target_of_a_stage_that_is_off_is_refused(target: str, stage: str) -> None:
    with pytest.raises(PlanError, match="wish.target"):
        Wishes(targets=(target,), only=(stage,))


@pytest.mark.parametrize(
    ("target", "setting"),
    [
        ("vbr=-2", "vocal.gain_db=3"),
        ("vmr=-2", "vocal.gain_db=3"),
        ("range=9", "vocal.compressor.threshold_db=-30"),
        ("range=9", "vocal.compressor.enabled=on"),
        ("return=-9", "reverb.return_db=-9"),
    ],
)
def test_a_target_that_a_knob_settles_is_refused(target: str, setting: str) -> None:
    with pytest.raises(PlanError, match="wish.target"):
        Wishes(targets=(target,), settings=(setting,))


def test_wishes_with_a_model_and_targets_survive_json() -> None:
    wishes = Wishes(model="house", targets=("vbr=-2", "return=-20"), settings=("vocal.compressor.ratio=3",))
    assert Wishes.from_dict(wishes.to_dict()) == wishes
