"""What is heard in the browser is what is exported: the same samples, bit by bit."""

from pathlib import Path

import numpy as np
import pytest

import sitwell
from sitwell.audio import Audio
from sitwell.io import read
from sitwell.plan import MixPlan
from sitwell.render import MixMeter, render_blocks
from tests.songs import song
from tests.web.engine import browse, node_mixes
from tests.web.plans import REALISTIC, anywhere, exported, extremes, stages

SECONDS = 1.7  # longer than the room's pre-delay and the release, shorter than a test may last


def everything() -> dict[str, MixPlan]:
    return REALISTIC | stages() | extremes(1) | extremes(2) | anywhere(3) | anywhere(4)


def test_every_knob_is_taken_to_both_its_ends() -> None:
    plans = list(everything().values())
    for path, knob in MixPlan.knobs().items():
        seen = {plan.get(path) for plan in plans}
        if knob is None:
            assert seen == {True, False}, path
        elif path != "vocal.offset_ms":
            assert {knob.low, knob.high} <= seen, path


@pytest.mark.parametrize("sample_rate", [8000, 44100, 96000])
def test_webassembly_gives_the_bits_of_an_export(tmp_path: Path, sample_rate: int) -> None:
    vocal, backing = song(SECONDS, sample_rate)
    plans = everything() if sample_rate == 44100 else REALISTIC | extremes(1)
    rest, _ = node_mixes(list(plans.values()), vocal, backing, tmp_path)
    for name, plan in plans.items():
        mix = exported(plan, vocal, backing)
        got, rest = rest[: mix.size].reshape(mix.shape), rest[mix.size :]
        assert np.array_equal(got, mix), f"{name} is off by {np.abs(got - mix).max()}"
    assert rest.size == 0


def test_the_engine_measures_what_an_export_reports(tmp_path: Path) -> None:
    vocal, backing = song(7.0)
    _, measured = node_mixes(list(REALISTIC.values()), vocal, backing, tmp_path)
    for plan, seen in zip(REALISTIC.values(), measured, strict=True):
        meter = MixMeter(44100)
        for step in render_blocks(plan, vocal, backing):
            meter.process(*step)
        figures = meter.finish()
        assert seen["integratedLufs"] == figures.mix.integrated_lufs
        assert seen["loudnessRangeLu"] == figures.mix.loudness_range_lu
        assert seen["truePeakDbtp"] == pytest.approx(figures.mix.true_peak_dbtp, abs=1e-9)  # dB, another logarithm
        assert seen["limiterDb"] == -figures.limiter_reduction_db


@pytest.mark.browser
def test_the_browser_plays_the_bits_of_an_export(chromium: str, tmp_path: Path) -> None:
    vocal, backing = song(SECONDS, 48000)
    plans = everything()
    run = browse(chromium, "parity", list(plans.values()), vocal, backing, tmp_path)
    for (name, plan), got in zip(plans.items(), run.mixes, strict=True):
        mix = exported(plan, vocal, backing)
        assert np.array_equal(got, mix), f"{name} is off by {np.abs(got - mix).max()}"


@pytest.mark.audio_data
def test_a_decided_mix_of_a_real_song_is_the_same_in_webassembly(data: Path, tmp_path: Path) -> None:
    vocal, backing = (_excerpt(read(data / "pairs" / "cmt_crazy" / name)) for name in ("vocals.ogg", "backing.ogg"))
    plan = sitwell.plan(vocal, backing)
    got, _ = node_mixes([plan], vocal, backing, tmp_path)
    mix = exported(plan, vocal, backing)
    assert np.array_equal(got.reshape(mix.shape), mix)


def _excerpt(sound: Audio) -> Audio:
    return Audio.of(sound.samples[:, 5 * sound.sample_rate : 20 * sound.sample_rate], sound.sample_rate)
