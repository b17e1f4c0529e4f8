"""A take that carries reverb gets only what is missing; rooms are warned of; what a person names stays."""

from pathlib import Path

import pytest

from sitwell.decide import Decision
from tests.decide.deciding import decided
from tests.models.bundles import extraction_bundle
from tests.songs import band, voice

_RATE = 44_100


def _decided(folder: Path, *, wishes: dict[str, object] | None = None, **heard: float) -> Decision:
    vocal, backing = voice(6.0, _RATE, seed=2), band(6.0, _RATE, seed=4)
    return decided(vocal, backing, extraction_bundle(folder / "bundle", **heard), **(wishes or {}))


def test_a_dry_take_gets_all_of_it(tmp_path: Path) -> None:
    plan = _decided(tmp_path, wetness=-5.0).plan
    assert plan.targets.return_db.asked == pytest.approx(-13.0, abs=0.01)
    assert "carries" not in plan.reason("reverb").text  # type: ignore[union-attr]


def test_a_wet_take_gets_the_energy_it_lacks(tmp_path: Path) -> None:
    plan = _decided(tmp_path, level_db=-16.0).plan
    # 10 log10(10^-1.3 - 10^-1.6): half the energy is there
    assert plan.targets.return_db.asked == pytest.approx(-16.02, abs=0.02)
    assert "carries reverb already, of 1.5 s, about 16 dB below" in plan.reason("reverb").text  # type: ignore[union-attr]


@pytest.mark.parametrize("level_db", [-13.0, -8.0])
def test_a_take_that_has_it_already_gets_none(tmp_path: Path, level_db: float) -> None:
    decision = _decided(tmp_path, level_db=level_db)
    assert not decision.plan.reverb.enabled
    assert "none is added" in decision.plan.reason("reverb").text  # type: ignore[union-attr]


def test_a_return_named_by_hand_is_added_whatever_is_there(tmp_path: Path) -> None:
    plan = _decided(tmp_path, wishes={"targets": ("return=-15",)}, level_db=-8.0).plan
    assert plan.targets.return_db.asked == pytest.approx(-15.0, abs=0.01)
    assert plan.reverb.enabled


def test_nobody_listens_where_the_reverb_is_switched_off(tmp_path: Path) -> None:
    plan = _decided(tmp_path, wishes={"only": ("level",)}, level_db=-8.0).plan
    assert plan.reason("reverb").text == "off, as asked"  # type: ignore[union-attr]


@pytest.mark.parametrize(("decay_s", "warned"), [(0.4, True), (1.8, False)])
def test_a_live_room_is_warned_of(tmp_path: Path, decay_s: float, warned: bool) -> None:
    notices = _decided(tmp_path, decay_s=decay_s, level_db=-8.0).notices
    assert ("vocal.room" in [notice.code for notice in notices]) is warned
