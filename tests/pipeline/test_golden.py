"""Plans of small generated songs, stored: a change of the sound is seen in their diff, and listened to."""

from collections.abc import Callable
from typing import Any

import pytest

from sitwell import pipeline
from sitwell.audio import Audio
from sitwell.plan import MixPlan
from sitwell.value import walk
from sitwell.wishes import Wishes
from tests.songs import band, scaled, song, voice

SONGS: dict[str, Callable[[], tuple[Audio, Audio]]] = {
    "even": lambda: song(12.0, swing_db=2.0),
    "uneven": lambda: song(40.0, swing_db=14.0),
    "quiet vocal": lambda: (scaled(voice(12.0, 44100), -25.0), band(12.0, 44100)),
    "48 kHz": lambda: song(12.0, 48000),
    "16 kHz": lambda: song(12.0, 16000),
}


@pytest.mark.golden
@pytest.mark.parametrize("name", SONGS)
def test_plan_is_the_stored_one(name: str, golden: Callable[[str, Any], Any]) -> None:
    found = pipeline.mix(*SONGS[name](), wishes=Wishes(method="rules")).plan
    stored = MixPlan.from_dict(golden(f"plan {name}", found.to_dict()))
    for (path, here), (_, there) in zip(walk(found), walk(stored), strict=True):
        for field, value in here.to_dict().items():
            if isinstance(value, float):  # other machines' libraries may round the last bit of a decision
                assert value == pytest.approx(there.to_dict()[field], rel=2e-3, abs=0.03), f"{path}.{field}"
            elif isinstance(value, bool | str):
                assert field == "engine" or value == there.to_dict()[field], f"{path}.{field}"


def test_the_same_files_give_the_same_plan_twice() -> None:
    assert pipeline.mix(*song(6.0)).plan == pipeline.mix(*song(6.0)).plan
