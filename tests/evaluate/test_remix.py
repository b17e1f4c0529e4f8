"""Damage test: the original is at no distance, a cure comes near, and a broken method is seen as worse."""

import numpy as np
import pytest

from sitwell.analysis import measure_track
from sitwell.audio import Audio
from sitwell.decide import Stem
from sitwell.evaluate import remix
from sitwell.evaluate.corruption import Corruption
from sitwell.evaluate.damage import Damage
from sitwell.evaluate.level import CONSTANT, ORACLE
from sitwell.evaluate.methods import neutral_plan
from sitwell.evaluate.remix import DAMAGED, damage_rows
from sitwell.evaluate.settings import Settings
from sitwell.plan import MixPlan
from tests.songs import scaled, song

RATE = 44100
DISTANCES = ("features_mid", "features_all", "vbr_error", "range_error", "mss", "mldr", "equalizer_error")


@pytest.fixture(scope="module")
def pair() -> tuple[Audio, Stem]:
    vocal, backing = song(12.0, RATE, swing_db=2.0)
    backing = scaled(backing, -6.0)
    return vocal, Stem(backing, measure_track(backing))


def rows_of(pair: tuple[Audio, Stem], seed: int = 0) -> dict[str, dict[str, float]]:
    return damage_rows(*pair, settings=Settings(draws=1), rng=np.random.default_rng(seed))


def test_the_original_is_at_no_distance_and_the_damaged_sum_is_not(pair: tuple[Audio, Stem]) -> None:
    rows = rows_of(pair)
    assert list(rows) == [DAMAGED, CONSTANT, "rules", ORACLE]
    for name in DISTANCES:
        assert rows[ORACLE][name] == 0.0, name
        assert rows[DAMAGED][name] > 0.0, name


def test_the_constant_changes_the_level_and_nothing_else(pair: tuple[Audio, Stem]) -> None:
    rows = rows_of(pair)
    for name in ("mss", "mldr", "range_error", "equalizer_error"):
        assert rows[CONSTANT][name] == pytest.approx(rows[DAMAGED][name], abs=1e-3), name
    assert rows[CONSTANT]["vbr_error"] != pytest.approx(rows[DAMAGED]["vbr_error"], abs=0.5)


def test_a_cure_is_seen_as_better_and_a_broken_method_as_worse(
    pair: tuple[Audio, Stem], monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = Damage(6.0, np.array([0.0, 12.0]), np.zeros(2), Corruption("none"))
    monkeypatch.setattr(remix, "draw_damage", lambda *_, **__: flat)

    def gain(gain_db: float) -> dict[str, dict[str, float]]:
        plan: MixPlan = neutral_plan(gain_db)
        monkeypatch.setattr(remix, "plan_by", lambda *_, **__: plan)
        return rows_of(pair)

    cured, worse = gain(-6.0), gain(6.0)
    for name in ("features_mid", "features_all", "vbr_error"):
        assert cured["rules"][name] < 1e-3 < cured[DAMAGED][name] < worse["rules"][name], name
    assert cured["rules"]["vbr_error"] == pytest.approx(0.0, abs=1e-3)
    assert worse["rules"]["vbr_error"] == pytest.approx(12.0, abs=0.01)  # 6 dB of damage and 6 dB of harm


def test_a_louder_vocal_is_masked_less(pair: tuple[Audio, Stem], monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = Damage(-9.0, np.array([0.0, 12.0]), np.zeros(2), Corruption("none"))
    monkeypatch.setattr(remix, "draw_damage", lambda *_, **__: quiet)
    rows = rows_of(pair)
    assert rows[DAMAGED]["audible"] < rows[ORACLE]["audible"]


def test_only_the_stages_asked_for_act(pair: tuple[Audio, Stem]) -> None:
    settings = Settings(draws=1, stages=("level",))
    rows = damage_rows(*pair, settings=settings, rng=np.random.default_rng(0))
    assert rows["rules"]["equalizer_error"] == rows[DAMAGED]["equalizer_error"]
    assert rows["rules"]["vbr_error"] == pytest.approx(rows_of(pair)["rules"]["vbr_error"], abs=0.5)
    assert rows_of(pair)["rules"]["equalizer_error"] != rows[DAMAGED]["equalizer_error"]


def test_seed_decides(pair: tuple[Audio, Stem]) -> None:
    assert rows_of(pair, seed=3) == rows_of(pair, seed=3)
    assert rows_of(pair, seed=3)[DAMAGED]["vbr_error"] != rows_of(pair, seed=4)[DAMAGED]["vbr_error"]
