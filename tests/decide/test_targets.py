"""Figures a person names: exact, whole at any amount, told as theirs, and refused where they cannot be."""

from pathlib import Path

import pytest

from sitwell import pipeline
from sitwell.analysis import measure_track
from sitwell.errors import PlanError
from sitwell.wishes import Wishes
from tests.decide.deciding import decided, sensitive_bundle
from tests.songs import song


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a bundle with a level model that looks at the song, and a range model that asks for 6 LU."""
    return sensitive_bundle(tmp_path_factory.mktemp("models") / "b")


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


@pytest.mark.parametrize(
    ("target", "stage", "said"),
    [
        ("vbr=-5", "level", "-5.0 LU were asked for by hand"),
        ("range=3", "compressor", "; 3.0 LU were asked for by hand"),
        ("range=25", "compressor", "the 25.0 LU asked for by hand"),
        ("return=-20", "reverb", "20 dB below the dry vocal, as asked for by hand"),
        ("return=3", "reverb", "3 dB above the dry vocal, as asked for by hand"),
    ],
)
def test_a_reason_says_that_a_person_asked_and_no_model(folder: Path, target: str, stage: str, said: str) -> None:
    reason = decided(*song(24.0, swing_db=7.0), folder, targets=(target,)).plan.reason(stage)
    assert reason is not None
    assert said in reason.text
    assert "80 %" not in reason.text
    assert "model" not in reason.text + reason.source


def test_what_a_person_does_not_name_stays_with_the_model(folder: Path) -> None:
    vocal, backing = song(20.0)
    free, named = decided(vocal, backing, folder).plan, decided(vocal, backing, folder, targets=("range=8",)).plan
    assert named.targets.vbr_lu.source == "model small 7"
    assert named.targets.vbr_lu.asked == pytest.approx(free.targets.vbr_lu.asked, abs=1e-6)  # LU
    assert named.targets.loudness_range_lu.source == "by hand"


def test_two_words_for_the_same_figure_are_refused() -> None:
    with pytest.raises(PlanError, match="vbr and vmr both say"):
        Wishes(targets=("vbr=-3", "vmr=-5"))


@pytest.mark.parametrize("target", ["vbr=24.1", "vbr=nan", "vmr=0", "vmr=-25", "range=0.9", "range=31", "return=6.1"])
def test_a_figure_out_of_range_is_refused_with_what_is_allowed(target: str) -> None:
    with pytest.raises(PlanError, match=r"allowed are.*wish.target"):
        Wishes(targets=(target,))
