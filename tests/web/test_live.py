"""The engine in a real AudioContext, under the policy of the studio's server: it plays, measures, matches and stops."""

import math
from pathlib import Path

import pytest

from sitwell.effects import Master
from sitwell.plan import MixPlan
from tests.songs import song
from tests.web.engine import browse


@pytest.mark.browser
def test_the_engine_plays_measures_and_matches(chromium: str, tmp_path: Path) -> None:
    plan = MixPlan(master=Master(gain_db=0.0))
    vocal, backing = song(12.0, 44100)
    seen = browse(chromium, "live", [plan], vocal, backing, tmp_path).result
    assert seen["shared"], "the samples were copied although the page may share memory"
    assert seen["first"]["playing"]
    assert all(math.isfinite(db) and db > -100 for db in seen["loudest"])
    assert seen["after"]["positionS"] >= 1.2
    assert not seen["paused"]["playing"]
    measured = seen["measured"]
    assert measured["mine"]["integratedLufs"] == pytest.approx(measured["suggestion"]["integratedLufs"] - 6.0, abs=0.1)
    for slot in ("dry", "suggestion"):
        difference = measured["mine"]["integratedLufs"] - measured[slot]["integratedLufs"]
        assert seen["match"][slot] == pytest.approx(difference, abs=1e-9)
    assert seen["match"]["mine"] == 0
