"""The estimate of a reverb: verdicts, figures in closed form, and what makes it unknown."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sitwell.analysis import OCTAVES_HZ, measure_track
from sitwell.audio import Audio
from sitwell.errors import ModelError
from sitwell.extraction import ReverbEstimate, estimate_reverb
from sitwell.extraction.estimate import whole
from sitwell.models import Bundle
from tests.models.bundles import extraction_bundle, extraction_task, write_bundle
from tests.songs import voice

_RATE = 44_100


def _estimate(folder: Path, audio: Audio | None = None, *, likeness: float = 1.0, **heard: float) -> ReverbEstimate:
    audio = audio or voice(8.0, _RATE, seed=1)
    bundle = Bundle.load(extraction_bundle(folder / "bundle", **heard))
    return estimate_reverb(audio, measure_track(audio), bundle, likeness=likeness)


def test_what_the_model_hears_is_told_with_its_sureness(tmp_path: Path) -> None:
    found = _estimate(tmp_path, decay_s=1.5, level_db=-12.0)
    assert found.verdict == "wet"
    assert found.decay_s == {str(hz): pytest.approx(1.5, rel=1e-3) for hz in OCTAVES_HZ}
    assert found.return_db == pytest.approx(-12.0, abs=0.01)
    assert found.confidence.decay_s["1000"] == pytest.approx(0.97, abs=0.01)
    assert found.predelay_ms is None


def test_a_dry_vocal_is_called_dry_and_has_no_figures(tmp_path: Path) -> None:
    found = _estimate(tmp_path, wetness=-3.0)
    assert found.verdict == "dry"
    assert found.return_db is None
    assert set(found.decay_s.values()) == {None}


def test_decays_that_are_not_sure_are_not_told(tmp_path: Path) -> None:
    found = _estimate(tmp_path, log_scale=0.0)
    assert found.verdict == "wet"
    assert set(found.decay_s.values()) == {None}


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_two_seconds_are_too_short(tmp_path: Path, seconds: float) -> None:
    assert _estimate(tmp_path, voice(seconds, _RATE, seed=1)).verdict == "unknown"


def test_an_octave_that_the_rate_cuts_is_unknown(tmp_path: Path) -> None:
    found = _estimate(tmp_path, voice(8.0, 16_000, seed=1))
    assert found.decay_s["8000"] is None
    assert found.decay_s["4000"] is not None


def test_silence_is_unknown(tmp_path: Path) -> None:
    assert _estimate(tmp_path, Audio.of(np.zeros(8 * _RATE), _RATE)).verdict == "unknown"


def test_what_is_no_voice_is_unknown(tmp_path: Path) -> None:
    assert _estimate(tmp_path, likeness=0.7).verdict == "unknown"


def test_the_whole_is_what_equal_octaves_are() -> None:
    return_db, _ = whole(np.full(7, 2.0), np.full(7, -9.0), np.random.default_rng(0).dirichlet(np.ones(7)))
    assert return_db == pytest.approx(-9.0, abs=1e-9)


def test_early_to_late_is_that_of_an_exponential_decay() -> None:
    rate, decay_s, level = 10_000, 1.2, 10.0 ** (-0.8)
    power = 10.0 ** (-6.0 * np.arange(10 * rate) / rate / decay_s)
    power *= level / power.sum()
    split = round(0.05 * rate)  # 80 ms less the 30 ms before a usual reverb begins
    expected = 10.0 * np.log10((1.0 + power[:split].sum()) / power[split:].sum())
    _, clarity_db = whole(np.full(7, decay_s), np.full(7, -8.0), np.full(7, 1 / 7))
    assert clarity_db == pytest.approx(expected, abs=0.01)  # dB


def test_a_bundle_without_extraction_says_so(tmp_path: Path) -> None:
    audio = voice(8.0, _RATE, seed=1)
    with pytest.raises(ModelError, match="model.not_found"):
        estimate_reverb(audio, measure_track(audio), Bundle.load(write_bundle(tmp_path / "bundle")))


def test_a_model_of_other_measurements_is_refused(tmp_path: Path) -> None:
    task, graph = extraction_task()
    folder = write_bundle(tmp_path / "bundle", {"extraction": task | {"tails_version": 99}}, {"extraction.onnx": graph})
    audio = voice(8.0, _RATE, seed=1)
    with pytest.raises(ModelError, match="model.features"):
        estimate_reverb(audio, measure_track(audio), Bundle.load(folder))


@pytest.mark.parametrize(("decay_s", "level_db", "room"), [(0.4, -8.0, True), (0.4, -20.0, False), (1.8, -8.0, False)])
def test_a_room_is_short_and_loud(tmp_path: Path, decay_s: float, level_db: float, room: bool) -> None:
    found: Any = _estimate(tmp_path, decay_s=decay_s, level_db=level_db)
    assert found.is_room is room
