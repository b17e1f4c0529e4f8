"""Balance and range that are asked for: errors against a known truth, coverage, and no truth where there is none."""

import math

import numpy as np
import pytest

from sitwell.analysis import measure_track
from sitwell.audio import Audio
from sitwell.decide import Stem
from sitwell.evaluate import level
from sitwell.evaluate.level import level_rows
from sitwell.evaluate.settings import Settings
from sitwell.plan import MixPlan, Target, Targets

RATE = 16000


def stem(level_db: float, seed: int) -> Stem:
    sound = 10 ** (level_db / 20) * np.random.default_rng(seed).standard_normal(8 * RATE)
    audio = Audio.of(sound, RATE)
    return Stem(audio, measure_track(audio))


def rows_for(
    monkeypatch: pytest.MonkeyPatch, balance: Target, loudness_range: Target, *, released: bool = True
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Judge a method that asks this of a vocal that lies 4 LU below its backing and has no range."""
    plan = MixPlan(targets=Targets(vbr_lu=balance, loudness_range_lu=loudness_range))
    monkeypatch.setattr(level, "plan_by", lambda *_, **__: plan)
    return level_rows(stem(-24.0, 0), stem(-20.0, 1), released=released, settings=Settings())


def test_errors_are_distances_from_the_human_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, truth = rows_for(monkeypatch, Target(-1.0), Target(3.0))
    assert truth == {"vbr": pytest.approx(-4.0, abs=0.1), "range": pytest.approx(0.0, abs=0.5)}
    assert rows["rules"]["vbr_error"] == pytest.approx(3.0, abs=0.1)
    assert rows["rules"]["range_error"] == pytest.approx(3.0, abs=0.5)
    assert rows["constant"]["vbr_error"] == pytest.approx(0.5, abs=0.1)  # -3.5 was published
    assert rows["oracle"] == {
        "vbr_asked": truth["vbr"], "vbr_error": 0.0, "range_asked": truth["range"], "range_error": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(("low", "high", "covered"), [(-5.0, -3.0, 1.0), (-3.0, -1.0, 0.0), (-6.0, -5.0, 0.0)])
def test_an_interval_covers_the_truth_or_does_not(
    monkeypatch: pytest.MonkeyPatch, low: float, high: float, covered: float
) -> None:
    rows, _ = rows_for(monkeypatch, Target(asked=-3.0, low=low, high=high), Target())
    assert rows["rules"]["vbr_covered"] == covered
    assert rows["rules"]["vbr_width"] == pytest.approx(high - low)
    assert "range_covered" not in rows["rules"]
    assert math.isnan(rows["rules"]["range_error"])


def test_without_a_released_balance_there_is_no_error_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, truth = rows_for(monkeypatch, Target(asked=-3.0, low=-5.0, high=-1.0), Target(3.0), released=False)
    assert math.isnan(truth["vbr"])
    assert all(math.isnan(row["vbr_error"]) for row in rows.values())
    assert "vbr_covered" not in rows["rules"]
    assert rows["rules"]["range_error"] > 2.0
