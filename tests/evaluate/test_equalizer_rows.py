"""Equalizer table: a correction that undoes a corruption leaves nothing, doing nothing leaves all of it."""

from typing import Any

import numpy as np
import pytest
import scipy.signal

from sitwell import core
from sitwell.analysis import measure_track
from sitwell.decide import Stem
from sitwell.effects import Equalizer
from sitwell.effects.equalizer import Bell
from sitwell.evaluate import equalizer
from sitwell.evaluate.corruption import Corruption
from sitwell.evaluate.equalizer import NOTHING, RANGES_HZ, equalizer_rows, residual_db
from sitwell.evaluate.settings import Settings
from sitwell.plan import MixPlan, Vocal
from tests.songs import song

RATE = 44100
BELL = Corruption("medium", (("bell", 1500.0, 8.0, 1.0),))


def with_bell(gain_db: float) -> MixPlan:
    return MixPlan(vocal=Vocal(equalizer=Equalizer(bell_1=Bell(frequency_hz=1500.0, gain_db=gain_db, q=1.0))))


@pytest.mark.parametrize("limits_hz", RANGES_HZ.values())
def test_the_inverse_leaves_nothing_and_more_of_it_leaves_twice_as_much(limits_hz: tuple[float, float]) -> None:
    nothing = residual_db(BELL, None, RATE, limits_hz)
    assert nothing > 1.0
    assert residual_db(BELL, with_bell(-8.0), RATE, limits_hz) < 1e-6
    assert residual_db(BELL, with_bell(8.0), RATE, limits_hz) == pytest.approx(2 * nothing)


def test_residual_is_that_of_an_independent_response() -> None:
    section = core.design_bell(sample_rate=RATE, frequency_hz=1500.0, gain_db=8.0, q=1.0)
    hz = np.geomspace(200, 10000, 64)
    _, response = scipy.signal.freqz(section[:3], [1.0, *section[3:]], hz, fs=RATE)
    db = 20 * np.log10(np.abs(response))
    assert residual_db(BELL, None, RATE, (200.0, 10000.0)) == pytest.approx(np.std(db), abs=1e-6)


def test_a_constant_gain_is_not_a_colour() -> None:
    level = Corruption("mild", (("low_shelf", 20.0, 10.0, 0.7), ("high_shelf", 20.0, 10.0, 0.7)))
    assert residual_db(level, None, RATE, (2000.0, 4000.0)) < 0.05


@pytest.fixture
def stems() -> tuple[Any, Stem]:
    vocal, backing = song(8.0, RATE)
    return vocal, Stem(backing, measure_track(backing))


def test_doing_nothing_has_a_ratio_of_one_and_changes_nothing(stems: tuple[Any, Stem]) -> None:
    rows = equalizer_rows(*stems, settings=Settings(draws=1), rng=np.random.default_rng(0))
    for kind in ("mild", "medium", "origin"):
        assert rows[NOTHING][f"residual_{kind}"] == rows[NOTHING][f"corruption_{kind}"] > 0.0
        assert rows["rules"][f"corruption_{kind}"] == rows[NOTHING][f"corruption_{kind}"]
    assert rows[NOTHING]["change"] == 0.0
    assert rows["rules"]["change"] > 0.1  # the rules act on a generated voice


def test_a_broken_equalizer_is_seen_as_worse(stems: tuple[Any, Stem], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equalizer, "plan_by", lambda *_, **__: with_bell(12.0))
    rows = equalizer_rows(*stems, settings=Settings(draws=4), rng=np.random.default_rng(1))
    assert rows["rules"]["residual_mild"] > 1.2 * rows[NOTHING]["residual_mild"]
    assert rows["rules"]["change"] > 2.0
