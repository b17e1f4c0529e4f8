"""What is no singing, too short or silent: a valid plan, and a model that says how unsure it is."""

import numpy as np
import pytest

from sitwell.audio import Audio
from sitwell.decide import Decision
from sitwell.errors import InputError
from sitwell.models import Bundle
from sitwell.plan import MixPlan, Target
from tests.decide.deciding import ODD, careful_bundle, decided, model_that_comes_along, odd_vocal
from tests.songs import band, song, voice


@pytest.fixture(scope="module")
def careful(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Give a bundle that knows what songs with a voice look like, for all tasks."""
    return Bundle.load(careful_bundle(tmp_path_factory.mktemp("models") / "careful"))


def by_model(decision: Decision) -> dict[str, Target]:
    targets = decision.plan.targets
    named = {"level": targets.vbr_lu, "range": targets.loudness_range_lu, "equalizer": targets.equalizer_db}
    return {name: target for name, target in named.items() if target.source.startswith("model ")}


def sure(target: Target) -> float:
    assert target.confidence is not None
    return target.confidence


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_singing_gets_a_valid_plan_near_the_constants(careful: Bundle, kind: str) -> None:
    decision = decided(odd_vocal(kind), band(16.0, 44100), careful)
    targets = by_model(decision)
    assert MixPlan.from_json(decision.plan.to_json()) == decision.plan
    assert sorted(targets) == ["equalizer", "level", "range"]
    assert all(sure(target) < 0.5 for target in targets.values())
    assert abs((targets["level"].asked or 0.0) + 3.0) < 1.0  # LU, the constant; a song it knows gets -5
    assert (targets["equalizer"].asked or 0.0) < 1.5  # dB; a voice it knows gets 3
    assert "model.unsure" in [notice.code for notice in decision.notices]


def test_a_song_like_those_learned_from_gets_what_the_model_says(careful: Bundle) -> None:
    decision = decided(voice(16.0, 44100, seed=2), band(16.0, 44100, seed=11), careful)
    targets = by_model(decision)
    assert [sure(target) for target in targets.values()] == pytest.approx([1.0] * 3, abs=1e-5)
    assert targets["level"].asked == pytest.approx(-5.0, abs=0.01)  # LU
    assert (targets["equalizer"].asked or 0.0) > 2.0  # dB
    assert "model.unsure" not in [notice.code for notice in decision.notices]


@pytest.mark.parametrize("kind", ODD)
def test_the_model_that_comes_along_is_less_sure_of_what_is_no_singing(kind: str) -> None:
    model, backing = model_that_comes_along(), band(16.0, 44100)
    odd, sung = (decided(vocal, backing, model) for vocal in (odd_vocal(kind), voice(16.0, 44100, seed=2)))
    assert MixPlan.from_json(odd.plan.to_json()) == odd.plan
    unsure, usual = by_model(odd), by_model(sung)
    assert unsure.keys() == usual.keys() >= {"range", "equalizer"}
    for name, target in unsure.items():
        assert sure(target) < sure(usual[name]), name
        assert target.sureness == "low", name
    assert "model.unsure" in [notice.code for notice in odd.notices]


def test_a_vocal_in_which_too_little_is_sung_has_its_tone_left_alone(careful: Bundle) -> None:
    plan = decided(voice(0.6, 44100), band(4.0, 44100), careful).plan
    reason = plan.reason("equalizer")
    if plan.targets.equalizer_db.confidence == 0.0:
        assert reason is not None
        assert "too little is sung" in reason.text
        assert plan.targets.equalizer_db.got == pytest.approx(0.0, abs=0.05)  # dB


def test_silence_is_no_vocal(careful: Bundle) -> None:
    _, backing = song(5.0)
    with pytest.raises(InputError, match="vocal.not_found"):
        decided(Audio.of(np.zeros((2, backing.length)), 44100), backing, careful)


def test_short_and_silent_inputs_get_a_valid_plan(careful: Bundle) -> None:
    for vocal, backing in (
        (voice(1.4, 44100), band(4.0, 44100)),
        (voice(5.0, 44100), Audio.of(np.zeros(220500), 44100)),
    ):
        plan = decided(vocal, backing, careful).plan
        assert MixPlan.from_json(plan.to_json()) == plan
