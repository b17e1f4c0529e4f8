"""The learned method: who asks for what, what a bundle lacks, and how a plan tells it."""

from pathlib import Path

import pytest

from sitwell import pipeline
from sitwell.analysis import measure_track
from sitwell.decide import Stem, decide
from sitwell.errors import ModelError
from sitwell.models import Bundle
from sitwell.wishes import Wishes
from tests.decide.deciding import decided, sensitive_bundle
from tests.models.bundles import figure_task, linear_graph, tone_task, write_bundle
from tests.songs import song, voice


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a bundle with a level model that looks at the song, and a range model that asks for 6 LU."""
    return sensitive_bundle(tmp_path_factory.mktemp("models") / "b")


def test_targets_say_that_the_model_asks_and_how_sure_it_is(folder: Path) -> None:
    plan = decided(*song(20.0, swing_db=10.0), folder).plan
    level, dynamics = plan.targets.vbr_lu, plan.targets.loudness_range_lu
    assert (plan.method, plan.model) == ("learned", "small 7")
    assert (level.source, level.confidence) == ("model small 7", 1.0)
    assert (level.low, level.high) == pytest.approx(((level.asked or 0.0) - 2.0, (level.asked or 0.0) + 1.5))
    assert (dynamics.source, dynamics.asked, dynamics.low, dynamics.high) == ("model small 7", 6.0, 3.0, 10.0)


def test_the_mix_gets_what_the_model_asks(folder: Path) -> None:
    vocal, backing = song(20.0, swing_db=4.0)
    result = pipeline.mix(vocal, backing, wishes=Wishes(model=str(folder)))
    asked = result.plan.targets.vbr_lu.asked
    assert asked is not None
    assert asked != pytest.approx(0.0, abs=0.5)  # the rule's
    assert result.measured.vbr_lu == pytest.approx(asked, abs=0.2)  # LU


def test_a_vocal_within_the_range_asked_is_left_alone(folder: Path) -> None:
    vocal, backing = song(30.0, swing_db=2.0)
    plan = decided(vocal, backing, folder).plan
    assert measure_track(vocal).loudness.loudness_range_lu < 6.0
    assert not plan.vocal.compressor.enabled
    assert plan.targets.loudness_range_lu.status == "bypass"


def test_a_vocal_of_ten_lu_is_compressed_where_the_rules_leave_it(folder: Path) -> None:
    vocal, backing = song(60.0, swing_db=7.0)
    before = measure_track(vocal).loudness.loudness_range_lu
    learned, rules = decided(vocal, backing, folder).plan, decided(vocal, backing, folder, targets=("range=14",)).plan
    assert 7.0 < before < 13.0
    assert learned.vocal.compressor.enabled
    assert not rules.vocal.compressor.enabled
    target = learned.targets.loudness_range_lu
    assert target.got == pytest.approx(6.0, abs=0.5) or target.status == "limit reached"  # LU


def test_a_constant_is_told_as_a_prior_and_never_as_a_model(tmp_path: Path) -> None:
    tasks = {
        "level": figure_task(-3.0, (), kind="constant"),
        "range": figure_task(5.0, (), kind="constant", name="range"),
    }
    plan = decided(*song(20.0, swing_db=8.0), write_bundle(tmp_path / "b", tasks, {})).plan
    targets = (plan.targets.vbr_lu, plan.targets.vmr_db, plan.targets.loudness_range_lu)
    assert [target.source for target in targets] == ["prior"] * 3
    for stage in ("level", "compressor"):
        reason = plan.reason(stage)
        assert reason is not None
        assert "vocals of the songs this model learned from" in reason.text
        assert "like this" not in reason.text
        assert "model small" not in reason.text


def test_what_a_bundle_lacks_is_done_by_the_rules(tmp_path: Path) -> None:
    tasks = {"range": figure_task(5.0, (), kind="constant", name="range")}
    plan = decided(*song(20.0), write_bundle(tmp_path / "b", tasks, {})).plan
    assert plan.targets.vbr_lu.source == "rules"
    assert plan.targets.vbr_lu.asked == pytest.approx(0.0, abs=1e-9)  # LU
    assert plan.targets.equalizer_db.source == "rules"
    assert plan.targets.return_db.source == "rules"


def test_each_task_is_done_by_whom_the_bundle_has_for_it(tmp_path: Path) -> None:
    vocal, backing = song(16.0)
    tone, graph = tone_task([vocal, voice(16.0, 44100, seed=4)], 2.0)
    level = figure_task(-3.0, (), kind="constant")
    folder = write_bundle(tmp_path / "b", {"level": level, "equalizer": tone}, {"equalizer.onnx": graph})
    targets = decided(vocal, backing, folder).plan.targets
    sources = [t.source for t in (targets.vbr_lu, targets.loudness_range_lu, targets.equalizer_db)]
    assert sources == ["prior", "rules", "model small 7"]
    assert targets.equalizer_db.confidence == pytest.approx(1.0)
    assert targets.equalizer_db.asked == pytest.approx(2.0, abs=0.7)  # dB rms, in all bands that are sung


def test_an_equalizer_without_skill_is_left_to_the_rules(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "b", {"equalizer": {"kind": "constant"}}, {})
    vocal, backing = song(16.0)
    learned = decided(vocal, backing, bundle).plan
    rules = pipeline.mix(vocal, backing, wishes=Wishes(method="rules")).plan
    assert learned.targets.equalizer_db.source == "rules"
    assert learned.vocal.equalizer == rules.vocal.equalizer


def test_a_range_of_a_model_is_told_in_the_reason(tmp_path: Path) -> None:
    for kind, whose in (("model", "vocals over backing tracks like this"),
                        ("constant", "vocals of the songs this model learned from")):  # fmt: skip
        task = figure_task(5.0, kind=kind, name="range", low=-1.5, high=6.0)
        graphs = {"range.onnx": linear_graph([0.0] * 3, 5.0)} if kind == "model" else {}
        plan = decided(*song(40.0, swing_db=7.0), write_bundle(tmp_path / kind, {"range": task}, graphs)).plan
        reason = plan.reason("compressor")
        assert plan.vocal.compressor.enabled
        assert reason is not None
        source = "model small 7" if kind == "model" else "prior"
        said = f"{whose} have a loudness range of 5.0 LU (80 % between 3.5 and 11.0; {source}); yours had "
        assert reason.text.startswith(said)


def test_the_reason_says_where_such_vocals_sit_and_where_yours_was(folder: Path) -> None:
    plan = decided(*song(20.0), folder).plan
    target, reason = plan.targets.vbr_lu, plan.reason("level")
    assert reason is not None
    assert reason.text.startswith(
        f"vocals over backing tracks like this sit at {target.asked:+.1f} LU "
        f"(80 % between {target.low:+.1f} and {target.high:+.1f}; model small 7); yours was at "
    )
    assert reason.text.endswith(f"gain {plan.vocal.gain_db:+.1f} dB")


def test_a_level_moved_by_hand_is_told_beside_where_such_vocals_sit(folder: Path) -> None:
    plan = decided(*song(12.0), folder, vocal_level_lu=-2.0).plan
    reason = plan.reason("level")
    assert reason is not None
    assert reason.text.endswith(f"brings it to {plan.targets.vbr_lu.asked:+.1f} LU")


def test_the_amount_goes_part_of_the_way_to_what_the_model_asks(folder: Path) -> None:
    vocal, backing = song(16.0)
    whole, half = (decided(vocal, backing, folder, amount=amount, only=("level",)).plan for amount in (100.0, 50.0))
    assert half.vocal.gain_db == pytest.approx(whole.vocal.gain_db / 2, abs=0.02)  # dB


def test_a_limit_within_what_engineers_do_is_no_warning(tmp_path: Path) -> None:
    vocal, backing = song(30.0, swing_db=14.0)
    codes = []
    for high in (30.0, 1.0):
        tasks = {"range": figure_task(2.0, (), kind="constant", name="range", low=-1.0, high=high)}
        decision = decided(vocal, backing, write_bundle(tmp_path / f"{high}", tasks, {}))
        assert decision.plan.targets.loudness_range_lu.status == "limit reached"
        codes.append([notice.code for notice in decision.notices])
    assert "compressor.limit_reached" not in codes[0]
    assert "compressor.limit_reached" in codes[1]


def test_a_model_that_does_not_fit_is_told_before_any_sound_is_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model.not_found"):
        pipeline.mix("no such vocal.wav", "no such backing.wav", wishes=Wishes(model=str(tmp_path / "none")))


def test_a_bundle_that_is_loaded_is_not_loaded_again(folder: Path, tmp_path: Path) -> None:
    bundle = Bundle.load(folder)
    first, second = (Stem(audio, measure_track(audio)) for audio in song(6.0))
    wishes = Wishes(model=str(tmp_path / "gone"))
    assert decide(first, second, wishes, bundle=bundle).plan.model == "small 7"
