"""What a target says of itself comes from the measurement of what was rendered, never from the intention."""

from sitwell import pipeline
from sitwell.wishes import Wishes
from tests.songs import song

VOCAL, BACKING = song(8.0)


def test_targets_that_are_reached_say_met() -> None:
    targets = pipeline.mix(VOCAL, BACKING).plan.targets
    found = [targets.vbr_lu, targets.vmr_db, targets.return_db, targets.integrated_lufs]
    assert [target.status for target in found] == ["met"] * 4


def test_an_edited_plan_is_judged_by_what_it_renders() -> None:
    plan = pipeline.mix(VOCAL, BACKING).plan
    edited = plan.set("vocal.gain_db", plan.vocal.gain_db + 6.0).set("master.gain_db", plan.master.gain_db - 5.0)
    result = pipeline.render(edited, VOCAL, BACKING)
    targets = result.plan.targets
    assert [targets.vbr_lu.status, targets.vmr_db.status, targets.integrated_lufs.status] == ["not met"] * 3
    assert targets.return_db.status == "met"  # relative to the dry vocal, so it went along
    assert "master.limit_reached" not in [notice.code for notice in result.warnings]


def test_a_loudness_the_peaks_do_not_allow_is_a_limit() -> None:
    result = pipeline.mix(VOCAL, BACKING, wishes=Wishes(loudness_lufs=-5.0, ceiling_dbtp=-12.0))
    assert result.plan.targets.integrated_lufs.status == "limit reached"
    assert "master.limit_reached" in [notice.code for notice in result.warnings]


def test_a_range_widened_by_hand_is_not_met() -> None:
    vocal, backing = song(40.0, swing_db=12.0)
    plan = pipeline.mix(vocal, backing).plan
    assert plan.vocal.compressor.enabled
    bare = pipeline.render(plan.set("vocal.compressor.enabled", False), vocal, backing).plan
    assert bare.targets.loudness_range_lu.status == "not met"


def test_a_range_below_its_ceiling_stays_a_bypass() -> None:
    vocal, backing = song(8.0, swing_db=1.0)
    plan = pipeline.mix(vocal, backing).plan
    assert pipeline.render(plan, vocal, backing).plan.targets.loudness_range_lu.status == "bypass"
