"""Which methods take part: unknown ones are refused, missing ones are told, and a model's constants are used."""

from types import SimpleNamespace
from typing import Any

import pytest

from sitwell.errors import ModelError, PlanError
from sitwell.evaluate import contestants
from sitwell.evaluate.contestants import choose_methods
from sitwell.evaluate.settings import STAGES


def bundle(**tasks: dict[str, Any]) -> SimpleNamespace:
    """Stand in for a model that has some tasks."""
    return SimpleNamespace(
        label="model toy 1",
        config={"tasks": tasks},
        has=lambda task: task in tasks,
        shows_skill=lambda task: task in tasks and tasks[task]["kind"] == "model",
    )


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(contestants, "OFFERED", ("rules", "learned"))
    return monkeypatch


def test_methods_keep_their_order_and_come_once() -> None:
    assert choose_methods([" rules", "rules", ""], None).methods == ("rules",)


@pytest.mark.parametrize("names", [["magic"], [], [" "]])
def test_unknown_and_no_methods_are_refused(names: list[str]) -> None:
    with pytest.raises(PlanError, match="evaluate.method"):
        choose_methods(names, None)


def test_a_stage_that_no_damage_test_has_is_refused() -> None:
    chosen = choose_methods(["rules"], None)
    assert chosen.settings(seed=0, excerpt_s=9.0, stages=[""]).stages == STAGES
    assert chosen.settings(seed=0, excerpt_s=9.0, stages=["level "]).stages == ("level",)
    with pytest.raises(PlanError, match="wish.stage"):
        chosen.settings(seed=0, excerpt_s=9.0, stages=["reverb"])


def test_without_a_learned_method_the_rest_goes_on_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contestants, "OFFERED", ("rules",))
    found = choose_methods(["rules", "learned"], None)
    assert found.methods == ("rules",)
    assert "learned method is not available" in found.notes[0]
    with pytest.raises(PlanError, match="nothing to evaluate"):
        choose_methods(["learned"], None)


def test_constants_are_those_of_the_model_and_lack_of_skill_is_told(offered: pytest.MonkeyPatch) -> None:
    toy = bundle(level={"kind": "model", "constant": -3.1}, range={"kind": "constant", "constant": 8.0})
    offered.setattr(contestants, "default_bundle", lambda: toy)
    found = choose_methods(["learned", "rules"], None)
    assert (found.methods, found.label, found.model) == (("learned", "rules"), "model toy 1", None)
    assert (found.constant_vbr_lu, found.constant_range_lu) == (-3.1, 8.0)
    assert found.notes == (
        "model toy 1 shows no skill at the loudness range and asks for its constant.",
        "model toy 1 shows no skill at the equalizer and does as the rules do.",
    )


def test_a_missing_default_model_is_told_and_a_broken_one_is_an_error(offered: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModelError("model.not_found", "no model comes with this installation")

    def broken() -> None:
        raise ModelError("model.hash", "level.onnx was changed")

    offered.setattr(contestants, "default_bundle", missing)
    assert choose_methods(["rules", "learned"], None).notes[0].startswith("Without the learned method: no model comes")
    offered.setattr(contestants, "default_bundle", broken)
    with pytest.raises(ModelError, match="model.hash"):
        choose_methods(["rules", "learned"], None)
