"""The reverb is computed once for deciding and rendering, and nobody can tell from the result."""

import pytest

from sitwell import pipeline
from sitwell.decide import chain
from tests.songs import band, voice


@pytest.mark.parametrize("most_kept", [chain.MOST_KEPT, 0])
def test_a_mix_is_what_its_plan_renders_bit_for_bit(most_kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "MOST_KEPT", most_kept)
    sounds = voice(6.0, 22050), band(7.0, 22050)
    made = pipeline.mix(*sounds, keep_audio=True)
    again = pipeline.render(made.plan, *sounds, keep_audio=True)
    assert made.plan.reverb.enabled
    assert made.plan.vocal.gain_db != 0.0
    assert made.audio is not None
    assert again.audio is not None
    assert made.audio.samples.tobytes() == again.audio.samples.tobytes()
    assert made.measured.return_db == pytest.approx(again.measured.return_db, abs=0.01)
