"""The reverb a model asks for: figures in the plan with their source, in words, by hand, and with what is there."""

import math
from pathlib import Path

import numpy as np
import pytest

from sitwell import pipeline
from sitwell.analysis import measure_track, without_tails
from sitwell.audio import Audio
from sitwell.cli.models import card_lines
from sitwell.effects import Reverb, apply, named_reverbs
from sitwell.errors import ModelError, PlanError
from sitwell.models import Bundle
from sitwell.plan import MixPlan
from sitwell.report import explain
from sitwell.value import Json
from sitwell.wishes import Wishes
from tests.decide.deciding import decided
from tests.models.bundles import extraction_task, figure_task, linear_graph, write_bundle
from tests.songs import song, voice

SEEN = ("backing_presence_db", "vocal_register_octaves")


def log_task(task: str, middle: float, **more: object) -> Json:
    """Describe a figure of 80 % between half and three halves of its middle, on the scale of logarithms."""
    ends = {"low": math.log(0.5), "high": math.log(1.5)}
    return figure_task(math.log(middle), (), kind="constant", name=task, **ends, **more) | {"figure": "log"}  # type: ignore[arg-type]


def house(folder: Path, **heard: float) -> Path:
    """Write a bundle of professional constants, which listens to takes where `heard` says what it hears."""
    tasks: dict[str, Json] = {
        "decay": log_task("decay", 2.2), "brightness": log_task("brightness", 0.5),
        "predelay": log_task("predelay", 40.0),
        "return": figure_task(-11.0, (), kind="constant", name="return", low=-5.0, high=4.0),
    }  # fmt: skip
    graphs = {}
    if heard:
        tasks["extraction"], graphs["extraction.onnx"] = extraction_task(**heard)
    return write_bundle(folder, tasks, graphs)


def plan_of(folder: Path, **wishes: object) -> MixPlan:
    return decided(*song(8.0), folder, **wishes).plan  # type: ignore[arg-type]


def test_the_plan_has_the_reverb_of_the_professionals(tmp_path: Path) -> None:
    plan = plan_of(house(tmp_path / "b"))
    room, targets = plan.reverb, plan.targets
    assert (room.decay_mid_s, room.decay_high_s, room.predelay_ms) == pytest.approx((2.2, 1.1, 40.0), abs=0.01)
    assert [target.source for target in (targets.decay_s, targets.brightness, targets.predelay_ms)] == ["prior"] * 3
    assert (targets.decay_s.low, targets.decay_s.asked, targets.decay_s.high) == pytest.approx((1.1, 2.2, 3.3))
    assert (targets.return_db.low, targets.return_db.asked, targets.return_db.high) == pytest.approx((-16, -11, -7))


def test_the_mix_gets_what_is_asked_and_says_so(tmp_path: Path) -> None:
    result = pipeline.mix(*song(12.0), wishes=Wishes(model=str(house(tmp_path / "b"))))
    targets = result.plan.targets
    assert targets.decay_s.got == pytest.approx(2.2, abs=0.01)  # s
    assert targets.brightness.got == pytest.approx(0.5, abs=0.01)
    assert targets.return_db.got == pytest.approx(-11.0, abs=0.1)  # dB
    named = (targets.decay_s, targets.brightness, targets.predelay_ms, targets.return_db)
    assert [target.status for target in named] == ["met"] * 4


def test_reasons_and_explanation_name_the_professionals_and_never_a_model(tmp_path: Path) -> None:
    result = pipeline.mix(*song(12.0), wishes=Wishes(model=str(house(tmp_path / "b"))))
    reason = result.plan.reason("reverb")
    assert reason is not None
    assert reason.text.startswith(
        "professional vocals ring for 2.2 s (80 % between 1.1 and 3.3; prior): a plate of 2.2 s"
    )
    assert "model small" not in reason.text
    text = " ".join(explain(result.plan).split())
    assert "decay of the reverb: asked 2.2 s, got 2.2 s (met); 80 % of what this model learned from" in text
    assert "lie between 20 and 60 ms (prior)" in text


def test_a_model_of_the_decay_is_called_one(tmp_path: Path) -> None:
    task = figure_task(0.5, SEEN, name="decay") | {"figure": "log"}
    folder = write_bundle(tmp_path / "b", {"decay": task}, {"decay.onnx": linear_graph([0.0, 0.0], math.log(1.6))})
    plan = plan_of(folder)
    assert plan.targets.decay_s.source == "model small 7"
    assert plan.targets.decay_s.asked == pytest.approx(1.6, abs=0.01)  # s
    assert plan.reason("reverb").text.startswith("vocals over backing tracks like this ring for 1.6 s")  # type: ignore[union-attr]
    assert plan.targets.return_db.source == "rules"


def test_without_the_tasks_the_tempo_decides(tmp_path: Path) -> None:
    level = figure_task(-3.0, (), kind="constant")
    plan = plan_of(write_bundle(tmp_path / "b", {"level": level}, {}))
    rules = pipeline.mix(*song(8.0), wishes=Wishes(method="rules")).plan
    assert plan.targets.decay_s.source == "rules"
    assert plan.reverb.decay_mid_s == rules.reverb.decay_mid_s


def test_a_wet_take_gets_what_it_lacks_of_what_the_model_asks(tmp_path: Path) -> None:
    plan = plan_of(house(tmp_path / "b", level_db=-14.0))
    # 10 log10(10^-1.1 - 10^-1.4): half the energy is there
    assert plan.targets.return_db.asked == pytest.approx(-14.02, abs=0.02)
    assert plan.targets.return_db.low is None  # the interval is of all reverb together
    assert plan.targets.decay_s.asked == pytest.approx(2.2)


# --- By hand


@pytest.mark.parametrize(
    ("target", "field", "value"), [("decay=0.9", "decay_s", 0.9), ("brightness=0.8", "brightness", 0.8),
                                   ("predelay=12", "predelay_ms", 12.0)],
)  # fmt: skip
def test_a_figure_named_by_hand_is_exact(tmp_path: Path, target: str, field: str, value: float) -> None:
    result = pipeline.mix(*song(8.0), wishes=Wishes(model=str(house(tmp_path / "b")), targets=(target,)))
    found = getattr(result.plan.targets, field)
    assert (found.source, found.status, found.low) == ("by hand", "met", None)
    assert found.got == pytest.approx(value, abs=0.02)


def test_a_decay_by_hand_is_told_as_such(tmp_path: Path) -> None:
    reason = plan_of(house(tmp_path / "b"), targets=("decay=0.9",)).reason("reverb")
    assert reason is not None
    assert reason.text.startswith("0.9 s of decay were asked for by hand: a plate of 0.9 s")


def test_a_decay_by_hand_of_a_reverb_that_is_not_added_is_told(tmp_path: Path) -> None:
    plan = plan_of(house(tmp_path / "b", level_db=-5.0), targets=("decay=0.9",))
    assert not plan.reverb.enabled
    assert (plan.targets.decay_s.source, plan.targets.decay_s.status) == ("by hand", "no reverb is added")
    assert plan.targets.predelay_ms.asked is None


def test_a_knob_set_by_hand_takes_the_targets_place(tmp_path: Path) -> None:
    plan = plan_of(house(tmp_path / "b"), settings=("reverb.decay_mid_s=3",))
    assert plan.reverb.decay_mid_s == 3.0
    assert plan.targets.decay_s.status == "set by hand"


@pytest.mark.parametrize("target", ["decay=0.1", "decay=11", "brightness=2", "predelay=-1", "predelay=nan"])
def test_a_figure_out_of_range_is_refused(target: str) -> None:
    with pytest.raises(PlanError, match=r"allowed are.*wish.target"):
        Wishes(targets=(target,))


def test_a_named_reverb_has_a_decay_of_its_own() -> None:
    with pytest.raises(PlanError, match=r"target decay cannot be solved for while a reverb is named.*wish.target"):
        Wishes(targets=("decay=2",), reverb=named_reverbs()["plate"].reverb)


# --- What must not be heard


def wet(vocal: Audio, decay_s: float) -> Audio:
    room = Reverb(return_db=-8.0, decay_low_s=decay_s, decay_mid_s=decay_s, decay_high_s=decay_s)
    return Audio.of(vocal.samples + apply(room, vocal).samples, vocal.sample_rate)


def asked_decays(folder: Path, features: tuple[str, ...], weights: list[float]) -> list[float]:
    """Ask for the decay of one song whose vocal is dry, and carries short and long reverb."""
    task = figure_task(0.5, features, name="decay") | {"figure": "log"}
    bundle = write_bundle(folder, {"decay": task}, {"decay.onnx": linear_graph(weights, 0.5)})
    vocal, backing = song(12.0)
    takes = (vocal, wet(vocal, 0.4), wet(vocal, 5.0))
    return [float(decided(take, backing, bundle).plan.targets.decay_s.asked or 0.0) for take in takes]


def test_a_reverb_on_the_vocal_hardly_moves_the_decay_asked(tmp_path: Path) -> None:
    dry, *others = asked_decays(tmp_path / "b", SEEN, [0.05, 0.5])
    assert all(abs(each / dry - 1.0) < 0.1 for each in others)


def test_the_check_finds_a_model_that_looks_at_the_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitwell.decide.learned.without_tails", lambda track: track)
    dry, *others = asked_decays(tmp_path / "b", ("vocal_active_share", "vocal_onsets_per_s"), [4.0, 0.3])
    assert max(abs(each / dry - 1.0) for each in others) > 0.1


def test_tails_are_taken_out_and_the_voice_is_left() -> None:
    vocal = voice(12.0, 16000)
    dry, tailed = (without_tails(measure_track(take)) for take in (vocal, wet(vocal, 1.5)))
    loud = dry.energies > 0.1 * dry.energies.max()
    change_db = 10.0 * np.log10(tailed.energies[loud] / dry.energies[loud])
    assert float(np.median(np.abs(change_db))) < 2.0  # dB
    raw = [measure_track(take).energies for take in (vocal, wet(vocal, 1.5))]
    quiet = raw[0] < 1e-4 * raw[0].max()
    assert quiet.any()
    assert tailed.energies[quiet].mean() < 0.1 * raw[1][quiet].mean()


def test_silence_and_nothing_are_left_as_they_are() -> None:
    for seconds in (0.0, 2.0):
        silent = measure_track(Audio.of(np.zeros((2, int(seconds * 16000))), 16000))
        cleaned = without_tails(silent)
        np.testing.assert_array_equal(cleaned.energies, silent.energies)
        np.testing.assert_array_equal(cleaned.spectrum.bark, silent.spectrum.bark)


# --- Bundles


def test_a_card_tells_constants_in_their_units(tmp_path: Path) -> None:
    said = card_lines(Bundle.load(house(tmp_path / "b")))
    told = "prior, since no model showed skill; every song gets"
    assert f"decay of the reverb: {told} 2.2 s (80 % between 1.1 and 3.3)" in said
    assert f"pre-delay: {told} 40.0 ms (80 % between 20.0 and 60.0)" in said
    assert f"level of the reverb: {told} -11.0 dB (80 % between -16.0 and -7.0)" in said


def test_a_figure_on_an_unknown_scale_is_refused(tmp_path: Path) -> None:
    task = log_task("decay", 2.0) | {"figure": "cubic"}
    with pytest.raises(ModelError, match="model.schema"):
        Bundle.load(write_bundle(tmp_path / "b", {"decay": task}, {}))


def test_an_answer_beyond_all_measure_stays_a_number(tmp_path: Path) -> None:
    task = log_task("decay", 2.0) | {"constant": 900.0, "high": 900.0}
    plan = plan_of(write_bundle(tmp_path / "b", {"decay": task}, {}))
    assert plan.reverb.decay_mid_s == 10.0
    assert MixPlan.from_json(plan.to_json()).targets.decay_s.asked is not None
