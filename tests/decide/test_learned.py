"""The learned method: who asks for what, how a person overrides it, and what must not change it."""

from pathlib import Path

import numpy as np
import pytest

from sitwell import pipeline
from sitwell.analysis import measure_track
from sitwell.audio import Audio
from sitwell.decide import Decision, Stem, decide
from sitwell.errors import InputError, ModelError
from sitwell.models import Bundle
from sitwell.plan import MixPlan
from sitwell.wishes import Wishes
from tests.models.bundles import (
    LEVEL_FEATURES,
    RANGE_FEATURES,
    centred_task,
    figure_task,
    linear_graph,
    write_bundle,
)
from tests.songs import band, scaled, song, voice

SENSITIVE = [0.2, -0.3, 4.0]  # LU for a dB of presence of either, for all of the vocal audible


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a bundle with a level model that looks at the song, and a range model that asks for 6 LU."""
    tasks = {
        "level": figure_task(-3.0, LEVEL_FEATURES),
        "range": figure_task(9.0, RANGE_FEATURES, name="range", low=-3.0, high=4.0),
    }
    graphs = {"level.onnx": linear_graph(SENSITIVE, -4.0), "range.onnx": linear_graph([0.0, 0.0], 6.0)}
    return write_bundle(tmp_path_factory.mktemp("models") / "b", tasks, graphs)


@pytest.fixture(scope="module")
def careful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a bundle that knows what songs with a voice look like, in all features."""
    sounds = [(voice(16.0, 44100, seed=seed), band(16.0, 44100, seed=seed + 9)) for seed in range(4)]
    tasks = {"level": centred_task([(measure_track(a), measure_track(b)) for a, b in sounds], -3.0)}
    graphs = {"level.onnx": linear_graph([0.0] * len(tasks["level"]["features"]), -5.0)}
    return write_bundle(tmp_path_factory.mktemp("models") / "careful", tasks, graphs)


def decided(vocal: Audio, backing: Audio, model: Path, **wishes: object) -> Decision:
    first, second = (Stem(audio, measure_track(audio)) for audio in (vocal, backing))
    return decide(first, second, Wishes(model=str(model), **wishes))  # type: ignore[arg-type]


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


@pytest.mark.parametrize("amount", [0.0, 40.0, 150.0])
def test_a_target_named_by_a_person_is_exact(folder: Path, amount: float) -> None:
    vocal, backing = song(20.0)
    wishes = Wishes(model=str(folder), amount=amount, targets=("vbr=-5", "return=-20"))
    result = pipeline.mix(vocal, backing, wishes=wishes)
    assert result.measured.vbr_lu == pytest.approx(-5.0, abs=0.1)  # LU
    assert result.measured.return_db == pytest.approx(-20.0, abs=0.1)  # dB
    targets = result.plan.targets
    assert [(t.source, t.status) for t in (targets.vbr_lu, targets.return_db)] == [("by hand", "met")] * 2
    assert (targets.vbr_lu.low, targets.vbr_lu.confidence) == (None, None)


def test_the_vocal_level_is_added_to_a_target_by_hand(folder: Path) -> None:
    wishes = Wishes(model=str(folder), targets=("vbr=-5",), vocal_level_lu=2.0)
    assert pipeline.mix(*song(12.0), wishes=wishes).measured.vbr_lu == pytest.approx(-3.0, abs=0.1)  # LU


def test_a_vocal_to_mix_ratio_may_be_named_instead() -> None:
    result = pipeline.mix(*song(12.0), wishes=Wishes(method="rules", targets=("vmr=-6",)))
    assert result.measured.vmr_db == pytest.approx(-6.0, abs=0.1)  # dB
    assert result.plan.targets.vmr_db.source == "by hand"


@pytest.mark.parametrize("amount", [0.0, 100.0])
def test_a_range_named_by_a_person_is_solved_for(amount: float) -> None:
    vocal, backing = song(60.0, swing_db=8.0)
    wishes = Wishes(method="rules", amount=amount, targets=("range=9",))
    result = pipeline.mix(vocal, backing, wishes=wishes)
    assert measure_track(vocal).loudness.loudness_range_lu > 10.5
    assert result.measured.vocal_loudness_range_lu == pytest.approx(9.0, abs=0.5)  # LU
    assert result.plan.targets.loudness_range_lu.source == "by hand"


def test_a_range_wider_than_the_vocals_is_told_to_be_out_of_reach() -> None:
    plan = pipeline.mix(*song(30.0, swing_db=2.0), wishes=Wishes(method="rules", targets=("range=20",))).plan
    reason = plan.reason("compressor")
    assert reason is not None
    assert "can only make it smaller" in reason.text
    assert not plan.vocal.compressor.enabled


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


@pytest.mark.parametrize(("vocal_db", "backing_db"), [(12.0, 0.0), (-12.0, 0.0), (0.0, 12.0), (0.0, -12.0)])
def test_input_gain_does_not_change_what_is_asked_nor_what_is_got(
    folder: Path, vocal_db: float, backing_db: float
) -> None:
    vocal, backing = song(20.0)
    wishes = Wishes(model=str(folder))
    here = pipeline.mix(vocal, backing, wishes=wishes)
    there = pipeline.mix(scaled(vocal, vocal_db), scaled(backing, backing_db), wishes=wishes)
    for name in ("vbr_lu", "loudness_range_lu"):
        first, second = getattr(here.plan.targets, name), getattr(there.plan.targets, name)
        assert second.asked == pytest.approx(first.asked, abs=0.1), name  # LU
        assert second.got == pytest.approx(first.got, abs=0.1), name
    gain_db = there.plan.vocal.gain_db - here.plan.vocal.gain_db
    assert gain_db == pytest.approx(backing_db - vocal_db, abs=0.1)


@pytest.mark.parametrize(("vocal_db", "backing_db"), [(12.0, 0.0), (-12.0, 12.0)])
def test_the_model_that_comes_along_does_not_hear_the_input_gain(vocal_db: float, backing_db: float) -> None:
    vocal, backing = song(20.0)
    here = pipeline.mix(vocal, backing, wishes=Wishes(method="learned")).plan
    there = pipeline.mix(scaled(vocal, vocal_db), scaled(backing, backing_db), wishes=Wishes(method="learned")).plan
    for name in ("vbr_lu", "loudness_range_lu", "equalizer_db"):
        first, second = getattr(here.targets, name), getattr(there.targets, name)
        assert (second.asked, second.got) == pytest.approx((first.asked, first.got), abs=0.1), name  # LU, dB
        assert second.confidence == pytest.approx(first.confidence, abs=0.01), name


def test_sample_rate_changes_little(folder: Path) -> None:
    here, there = (decided(*song(20.0, rate), folder).plan.targets.vbr_lu for rate in (44100, 48000))
    assert there.asked == pytest.approx(here.asked or 0.0, abs=0.3)  # LU


def test_leading_silence_changes_little(folder: Path) -> None:
    vocal, backing = song(20.0)
    later, under = (Audio.of(np.pad(a.samples, ((0, 0), (44100 * 5, 0))), 44100) for a in (vocal, backing))
    here, there = decided(vocal, backing, folder).plan, decided(later, under, folder).plan
    assert there.targets.vbr_lu.asked == pytest.approx(here.targets.vbr_lu.asked or 0.0, abs=0.2)  # LU
    assert there.vocal.gain_db == pytest.approx(here.vocal.gain_db, abs=0.3)  # dB


def test_the_same_song_gives_the_same_plan(folder: Path) -> None:
    vocal, backing = song(10.0)
    assert decided(vocal, backing, folder).plan == decided(vocal, backing, folder).plan


def test_silence_is_no_vocal(folder: Path) -> None:
    _, backing = song(5.0)
    with pytest.raises(InputError, match="vocal.not_found"):
        decided(Audio.of(np.zeros((2, backing.length)), 44100), backing, folder)


def odd_vocal(kind: str) -> Audio:
    rng, time_s = np.random.default_rng(5), np.arange(16 * 44100) / 44100
    match kind:
        case "noise":
            sound = 0.1 * rng.standard_normal(time_s.size)
        case "speech":  # syllables of noise and buzz, four a second, the pitch falling
            buzz = np.sign(np.sin(2 * np.pi * np.cumsum(110.0 - 20.0 * (time_s % 2.0)) / 44100))
            syllables = np.maximum(np.sin(2 * np.pi * 4.0 * time_s), 0.0) * (time_s % 3.0 < 2.2)
            sound = 0.1 * (0.7 * buzz + 0.3 * rng.standard_normal(time_s.size)) * syllables
        case "drums":
            sound = band(16.0, 44100, seed=3).samples.mean(axis=0)
        case "bass":
            sound = 0.3 * np.sin(2 * np.pi * 55.0 * time_s) * (time_s % 0.5 < 0.4)
        case _:
            sound = 0.2 * rng.standard_normal(time_s.size) * (np.arange(time_s.size) % 22050 < 40)
    return Audio.of(sound, 44100, name=kind)


@pytest.mark.parametrize("kind", ["noise", "speech", "drums", "bass", "clicks"])
def test_what_is_no_singing_gets_a_valid_plan_of_low_confidence_near_the_constant(careful: Path, kind: str) -> None:
    decision = decided(odd_vocal(kind), band(16.0, 44100), careful)
    target = decision.plan.targets.vbr_lu
    assert MixPlan.from_json(decision.plan.to_json()) == decision.plan
    assert target.confidence is not None
    assert target.confidence < 0.5
    assert abs((target.asked or 0.0) + 3.0) < 1.0  # LU, the constant; a song like those learned from gets -5
    assert "model.unsure" in [notice.code for notice in decision.notices]


@pytest.mark.parametrize("kind", ["noise", "speech", "drums", "bass", "clicks"])
def test_the_model_that_comes_along_is_unsure_of_what_is_no_singing(kind: str) -> None:
    vocal, backing = (Stem(audio, measure_track(audio)) for audio in (odd_vocal(kind), band(16.0, 44100)))
    decision = decide(vocal, backing, Wishes(method="learned"))
    targets = decision.plan.targets
    by_model = [t for t in (targets.vbr_lu, targets.loudness_range_lu, targets.equalizer_db) if "model" in t.source]
    assert by_model
    assert [target.sureness for target in by_model] == ["low"] * len(by_model)
    assert "model.unsure" in [notice.code for notice in decision.notices]


def test_a_song_like_those_learned_from_gets_what_the_model_says(careful: Path) -> None:
    decision = decided(voice(16.0, 44100, seed=2), band(16.0, 44100, seed=11), careful)
    assert decision.plan.targets.vbr_lu.confidence == 1.0
    assert decision.plan.targets.vbr_lu.asked == pytest.approx(-5.0, abs=0.01)  # LU
    assert "model.unsure" not in [notice.code for notice in decision.notices]


def test_short_and_silent_inputs_get_a_valid_plan(folder: Path) -> None:
    for vocal, backing in (
        (voice(1.4, 44100), band(4.0, 44100)),
        (voice(5.0, 44100), Audio.of(np.zeros(220500), 44100)),
    ):
        plan = decided(vocal, backing, folder).plan
        assert MixPlan.from_json(plan.to_json()) == plan


def test_a_model_that_does_not_fit_is_told_before_any_sound_is_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model.not_found"):
        pipeline.mix("no such vocal.wav", "no such backing.wav", wishes=Wishes(model=str(tmp_path / "none")))


def test_a_bundle_that_is_loaded_is_not_loaded_again(folder: Path, tmp_path: Path) -> None:
    bundle = Bundle.load(folder)
    first, second = (Stem(audio, measure_track(audio)) for audio in song(6.0))
    wishes = Wishes(model=str(tmp_path / "gone"))
    assert decide(first, second, wishes, bundle=bundle).plan.model == "small 7"
