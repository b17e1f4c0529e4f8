"""Wishes: what a person asks for is checked before any work and set by hand last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitwell.errors import PlanError
from sitwell.plan import MixPlan
from sitwell.wishes import STAGES, Wishes


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
