"""The model that comes along, on the raw and the produced side of vocals by an artist it has not learned from."""

from pathlib import Path

import pytest

import sitwell

pytestmark = pytest.mark.audio_data
_ARTIST = "LizNelson_Rainfall"


def test_a_raw_vocal_is_dry_and_the_same_one_produced_is_wet(data: Path) -> None:
    folder = data / "dry_wet_vocals" / _ARTIST
    raw, produced = (sitwell.extract_reverb(folder / f"{side}.mp3") for side in ("dry", "wet"))
    assert (raw.verdict, produced.verdict) == ("dry", "wet")
    assert produced.return_db is not None
    assert -20.0 < produced.return_db < -8.0
    assert produced.middle_decay_s == pytest.approx(1.2, rel=0.25)


def test_its_gain_changes_nothing(data: Path) -> None:
    vocal = sitwell.read(data / "dry_wet_vocals" / _ARTIST / "wet.mp3")
    soft = sitwell.Audio.of(0.05 * vocal.samples, vocal.sample_rate)
    one, other = sitwell.extract_reverb(vocal), sitwell.extract_reverb(soft)
    assert other.return_db == pytest.approx(one.return_db, abs=0.1)  # dB
    assert other.decay_s["1000"] == pytest.approx(one.decay_s["1000"], rel=0.02)
