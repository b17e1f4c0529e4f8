"""A song that stays open is decided as a file-to-file mix would be, and its curves say what was done."""

import numpy as np
import pytest

from sitwell import pipeline
from sitwell.effects import Compressor
from sitwell.plan import MixPlan
from sitwell.render import vocal_blocks
from sitwell.wishes import Wishes
from tests.songs import song


def silent(_stage: str, _share: float) -> None:
    """Ignore progress."""


def test_an_open_song_gets_the_plan_of_a_mix() -> None:
    vocal, backing = song(8.0)
    wishes = Wishes(method="rules", amount=80.0)
    session = pipeline.Session.of(vocal, backing, progress=silent)
    plan, notices = session.decide(wishes, progress=silent)
    heard = session.listen(plan, refine=True, progress=silent)
    mixed = pipeline.mix(vocal, backing, wishes=wishes, keep_audio=True)
    assert heard.plan == mixed.plan
    assert {notice.code for notice in notices} <= {notice.code for notice in mixed.warnings}
    assert heard.measured.mix == mixed.measured.mix


@pytest.mark.parametrize("sample_rate", [44100, 22050])
def test_the_reduction_is_the_largest_of_each_tenth_of_a_second(sample_rate: int) -> None:
    vocal, backing = song(2.03, sample_rate)
    compressor = Compressor(threshold_db=-40.0, ratio=8.0, attack_ms=1.0, release_ms=20.0)
    plan = MixPlan()
    plan = plan.replace(vocal=plan.vocal.replace(compressor=compressor))
    session = pipeline.Session.of(vocal, backing, progress=silent)
    found = session.listen(plan, refine=False, progress=silent).reduction_db
    whole = np.concatenate([gain_db for _, gain_db in vocal_blocks(plan, vocal)])
    step = sample_rate // 10
    expected = [whole[at : at + step].min() for at in range(0, len(whole), step)]
    assert min(expected) < -5.0
    assert found == pytest.approx(np.minimum(expected, 0.0))
