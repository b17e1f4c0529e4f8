"""m4a, mp4 and webm, which need the extra."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from sitwell import io
from sitwell.errors import CodecError, InputError
from tests.io.sounds import RATE, convert, cut, lag_samples, needs_av, noise, save, tone


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return save(tmp_path / "a.wav", tone(10) + noise(10), subtype="FLOAT")


@needs_av
@pytest.mark.parametrize(
    ("suffix", "options", "rate"),
    [
        (".m4a", ("-c:a", "aac", "-b:a", "256k"), RATE),
        (".m4a", ("-c:a", "alac"), RATE),
        (".mp4", ("-c:a", "libopus", "-b:a", "256k"), 48000),
        (".webm", ("-c:a", "libopus", "-b:a", "256k"), 48000),
        (".webm", ("-c:a", "libvorbis", "-q:a", "8"), RATE),
    ],
)
def test_level_length_and_time_are_kept(
    source: Path, ffmpeg: str, suffix: str, options: tuple[str, ...], rate: int
) -> None:
    audio = io.read(convert(ffmpeg, source, source.with_suffix(suffix), *options))
    assert audio.sample_rate == rate
    assert audio.seconds == pytest.approx(10, abs=0.05 if suffix == ".webm" else 0.001)  # s
    wanted = io.read(source, sample_rate=rate).samples
    assert lag_samples(audio.samples, wanted) == 0
    middle = slice(rate, 9 * rate)
    found_db = 10 * np.log10(np.mean(audio.samples[:, middle] ** 2) / np.mean(wanted[:, middle] ** 2))
    assert abs(found_db) < 0.3  # dB: the encoders drop the highest octave of the noise


@needs_av
def test_a_lossless_m4a_arrives_bit_for_bit(source: Path, ffmpeg: str) -> None:
    wav = convert(ffmpeg, source, source.with_name("b.wav"), "-c:a", "pcm_s16le")
    m4a = convert(ffmpeg, wav, source.with_suffix(".m4a"), "-c:a", "alac")
    assert np.array_equal(io.read(m4a).samples, io.read(wav).samples)


@needs_av
def test_mono_is_one_channel_seen_twice(source: Path, ffmpeg: str) -> None:
    audio = io.read(convert(ffmpeg, source, source.with_suffix(".m4a"), "-ac", "1"))
    assert audio.samples.strides[0] == 0  # bytes


@needs_av
def test_a_longer_picture_is_no_sign_of_missing_sound(source: Path, ffmpeg: str) -> None:
    options = ("-f", "lavfi", "-i", "color=s=64x64:d=15", "-c:v", "mpeg4")
    assert io.read(convert(ffmpeg, source, source.with_suffix(".mp4"), *options)).seconds == pytest.approx(10, 0.01)


@needs_av
def test_a_film_without_sound_is_unsupported(source: Path, ffmpeg: str) -> None:
    options = ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-map", "1", "-c:v", "mpeg4")
    with pytest.raises(CodecError, match=r"audio\.unsupported"):
        io.read(convert(ffmpeg, source, source.with_suffix(".mp4"), *options))


@needs_av
@pytest.mark.parametrize("options", [(), ("-movflags", "+faststart")], ids=["index last", "index first"])
def test_an_m4a_cut_off_is_truncated(source: Path, ffmpeg: str, options: tuple[str, ...]) -> None:
    path = cut(convert(ffmpeg, source, source.with_suffix(".m4a"), *options), 0.6)
    with pytest.raises(InputError, match=r"audio\.truncated"):
        io.read(path)


@needs_av
def test_a_webm_cut_off_is_truncated(source: Path, ffmpeg: str) -> None:
    path = cut(convert(ffmpeg, source, source.with_suffix(".webm"), "-c:a", "libopus"), 0.6)
    with pytest.raises(InputError, match=r"audio\.truncated"):
        io.read(path)


@needs_av
@pytest.mark.parametrize("head", [b"\0\0\0\x18ftypM4A \0\0\0\0", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81"])
def test_rubbish_is_unreadable(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.m4a").write_bytes(head + np.random.default_rng(1).bytes(5000))
    with pytest.raises(InputError, match=r"audio\.(unreadable|truncated)"):
        io.read(tmp_path / "a.m4a")


@needs_av
def test_too_long_is_noticed(source: Path, ffmpeg: str) -> None:
    path = convert(ffmpeg, source, source.with_suffix(".m4a"))
    with pytest.raises(InputError, match=r"audio\.too_long"):
        io.read(path, max_seconds=9)


@needs_av
def test_every_stream_of_a_stem_file_is_read(source: Path, ffmpeg: str) -> None:
    options = ("-filter_complex", "[0]asplit[a][b];[b]volume=0.5[c]", "-map", "[a]", "-map", "[c]", "-c:a", "alac")
    path = convert(ffmpeg, source, source.with_suffix(".stem.mp4"), *options)
    first, second = io.read_streams(path)
    assert np.abs(second.samples - 0.5 * first.samples).max() < 2**-15  # full scale: one step of 16 bits
    assert np.array_equal(io.read(path).samples, first.samples)


def test_other_files_have_one_stream(source: Path) -> None:
    (only,) = io.read_streams(source)
    assert np.array_equal(only.samples, io.read(source).samples)


@pytest.mark.parametrize("head", [b"\0\0\0\x18ftypM4A \0\0\0\0", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81"])
def test_without_the_extra_the_line_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.m4a").write_bytes(head)
    with pytest.raises(CodecError, match=r"pip install 'sitwell\[av\]'.*audio\.codec_missing"):
        io.read(tmp_path / "a.m4a")


def test_codecs_name_what_is_there() -> None:
    assert io.codecs()["wav"]
    assert io.codecs()["m4a, mp4, webm"] is (importlib.util.find_spec("av") is not None)
