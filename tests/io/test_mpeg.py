"""MP3 files without a length tag: libsndfile alone loses most of them without a word."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sitwell import io
from sitwell.errors import InputError
from sitwell.io import mpeg
from tests.io.sounds import RATE, convert, lag_samples, noise, save, tone


@pytest.fixture
def changing(tmp_path: Path) -> Path:
    """A loud start and a quiet rest: what makes a guess from the first frames go wrong."""
    sound = np.concatenate([noise(2, level=0.3), tone(8, level=0.01)], axis=1)
    return save(tmp_path / "a.wav", sound, subtype="FLOAT")


@pytest.mark.parametrize("rate", [44100, 48000, 24000, 11025])
@pytest.mark.parametrize("channels", ["1", "2"])
def test_variable_bit_rate_without_a_tag_is_read_to_its_end(
    changing: Path, ffmpeg: str, rate: int, channels: str
) -> None:
    target = changing.with_suffix(".mp3")
    convert(
        ffmpeg, changing, target, "-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0",
        "-ar", str(rate), "-ac", channels,
    )  # fmt: skip
    audio = io.read(target)
    assert io.probe(target).seconds is None
    assert audio.seconds == pytest.approx(10, abs=0.3)  # s: the encoder's padding stays without a tag
    reference = io.read(changing, sample_rate=rate)
    assert abs(lag_samples(audio.samples, reference.samples)) <= 1152  # samples: one frame
    if rate == 44100 and channels == "2":
        assert soundfile.info(target).duration < 9  # s: the trap is still there


def test_the_copy_decodes_to_the_same_sound(changing: Path, ffmpeg: str) -> None:
    tagged = convert(ffmpeg, changing, changing.with_suffix(".mp3"), "-c:a", "libmp3lame", "-b:a", "128k")
    options = ("-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0")
    untagged = convert(ffmpeg, changing, changing.with_name("b.mp3"), *options)
    wanted, found = io.read(tagged).samples, io.read(untagged).samples
    lag = lag_samples(found, wanted)
    assert 0 <= lag <= 1152  # samples: without a tag the encoder's delay is not told
    size = RATE * 5
    assert np.abs(found[:, lag : lag + size] - wanted[:, :size]).max() < 1e-4  # full scale


def test_a_file_with_a_tag_is_not_copied(tmp_path: Path) -> None:
    assert mpeg.with_length(save(tmp_path / "a.mp3", tone(1))) is None


def test_a_large_picture_before_the_sound_is_skipped(tmp_path: Path, ffmpeg: str) -> None:
    path = save(tmp_path / "a.wav", noise(3))
    options = ("-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "3")
    mp3 = convert(ffmpeg, path, tmp_path / "a.mp3", *options, "-metadata", f"comment={'x' * 100_000}")
    assert io.read(mp3).seconds == pytest.approx(3, abs=0.1)  # s


def test_too_long_is_noticed_without_a_tag(changing: Path, ffmpeg: str) -> None:
    options = ("-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0")
    path = convert(ffmpeg, changing, changing.with_suffix(".mp3"), *options)
    with pytest.raises(InputError, match=r"audio\.too_long"):
        io.read(path, max_seconds=5)
