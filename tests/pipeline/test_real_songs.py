"""Real songs: mixed vocals with their backings, raw multitracks, karaoke takes."""

import math
from pathlib import Path

import numpy as np
import pyebur128
import pytest

from sitwell import pipeline
from sitwell.audio import Audio
from sitwell.io import read
from sitwell.pipeline import Outputs

PAIRS = ("stempeg_falcon69", "cmt_alright", "evr_lithium", "sep_mutantpillow_01_shower_flower", "cmt_crazy")
TAKES = ("mir1k_abjones_1", "mir1k_leon_1")


def true_peak_dbtp(audio: Audio) -> float:
    mode = pyebur128.MeasurementMode.MODE_TRUE_PEAK
    state = pyebur128.R128State(2, audio.sample_rate, mode)
    state.add_frames(np.ascontiguousarray(audio.samples.T).ravel(), audio.length)
    return 20.0 * math.log10(max(pyebur128.get_true_peak(state, channel) for channel in (0, 1)))


def check_mix(vocal: Audio, backing: Audio, folder: Path) -> None:
    result = pipeline.mix(vocal, backing, outputs=Outputs(mix=folder / "mix.wav"))
    targets = result.plan.targets
    assert targets.vmr_db.got == pytest.approx(targets.vmr_db.asked, abs=0.2)  # dB
    assert result.measured.mix.integrated_lufs == pytest.approx(-14.0, abs=0.1)  # LU
    assert true_peak_dbtp(read(folder / "mix.wav")) <= -0.9  # dBTP, by another meter
    if targets.loudness_range_lu.status == "met":
        assert targets.loudness_range_lu.got == pytest.approx(targets.loudness_range_lu.asked, abs=0.5)  # LU
    else:
        assert targets.loudness_range_lu.status in ("bypass", "limit reached")


@pytest.mark.audio_data
@pytest.mark.parametrize("name", PAIRS)
def test_pair_gets_what_was_asked(name: str, data: Path, tmp_path: Path) -> None:
    folder = data / "pairs" / name
    check_mix(read(folder / "vocals.ogg"), read(folder / "backing.ogg"), tmp_path)


@pytest.mark.audio_data
@pytest.mark.parametrize("name", TAKES)
def test_karaoke_take_gets_what_was_asked(name: str, data: Path, tmp_path: Path) -> None:
    folder = data / "karaoke_takes" / name
    check_mix(read(folder / "vocal.flac"), read(folder / "backing.flac"), tmp_path)


@pytest.mark.audio_data
@pytest.mark.parametrize("name", ["2_rock", "3_dance", "4_disco"])
def test_raw_multitrack_gets_what_was_asked(name: str, data: Path, tmp_path: Path) -> None:
    stems = {file.stem: read(file) for file in sorted((data / "raw_multitracks" / name).glob("*.flac"))}
    parts = [
        np.sum([stem.samples for stem_name, stem in stems.items() if stem_name.startswith("vocals") == sung], axis=0)
        for sung in (True, False)
    ]
    rate = next(iter(stems.values())).sample_rate
    check_mix(Audio.of(parts[0], rate), Audio.of(parts[1], rate), tmp_path)
