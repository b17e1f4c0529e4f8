"""Reading what cannot be used: each case has one error with a stable code."""

import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from sitwell import io
from sitwell.errors import CodecError, InputError
from tests.io.sounds import RATE, convert, cut, noise, run_python, save, tone


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"audio\.not_found"):
        io.read(tmp_path / "nothing.wav")


@pytest.mark.parametrize("path", ["file.wav/inside.wav", "a\0b.wav"])
def test_an_impossible_path_is_not_found(tmp_path: Path, path: str) -> None:
    save(tmp_path / "file.wav", tone(1))
    with pytest.raises(InputError, match=r"audio\.not_found"):
        io.read(tmp_path / path)


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"audio\.unreadable"):
        io.read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(InputError, match=r"audio\.unreadable"):
        io.read(tmp_path / "pipe.wav")


@pytest.mark.skipif(not hasattr(os, "setuid") or os.getuid() != 0, reason="only root can become nobody")
def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", tone(1))
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    path.chmod(0)
    code = "import os, sys; from sitwell import io; os.setuid(65534); io.read(sys.argv[1])"
    assert "[audio.unreadable]" in run_python(code, path, check=False).stderr


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read everything")
def test_a_file_of_no_permissions_is_unreadable(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", tone(1))
    path.chmod(0)
    with pytest.raises(InputError, match=r"audio\.unreadable"):
        io.read(path)


def test_zero_bytes_are_empty(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    with pytest.raises(InputError, match=r"audio\.empty"):
        io.read(tmp_path / "a.wav")


@pytest.mark.parametrize("suffix", [".wav", ".aiff", ".caf"])
def test_zero_samples_are_empty(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a{suffix}", np.zeros((2, 0), dtype=np.float32))
    for attempt in (io.read, io.probe):
        with pytest.raises(InputError, match=r"audio\.empty"):
            attempt(path)


PLAYLISTS = {
    "list.m3u8": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
    "list.mp3": b"#EXTM3U\nhttp://localhost/secret\n",
    "list.wav": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "page.flac": b"<!DOCTYPE html><html></html>",
    "image.mp3": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "film.avi": b"RIFF\x00\x01\x00\x00AVI LIST" + bytes(100),
    "raw.aac": b"\xff\xf1\x50\x80" + bytes(100),
    "one.wav": b"R",
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_what_is_no_sound_container_never_reaches_a_decoder(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / name).write_bytes(PLAYLISTS[name])
    with pytest.raises(CodecError, match=r"audio\.unsupported"):
        io.read(tmp_path / name)


@pytest.mark.parametrize(
    "head",
    [
        b"RIFF\x24\0\0\0WAVE",
        b"fLaC",
        b"OggS",
        b"ID3\x03\0\0\0\0\0\0",
        b"FORM\0\0\0\x10AIFF",
        b"\xff\xfb\x90\x00",
    ],
)
def test_a_right_start_with_rubbish_behind_is_unreadable(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(head + np.random.default_rng(1).bytes(5000))
    with pytest.raises(InputError, match=r"audio\.(unreadable|truncated|unsupported)"):
        io.read(tmp_path / "a.wav")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("at", [0, 100_000, -1])
def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, bad: float, at: int) -> None:
    samples = noise(3)
    samples[1, at] = bad
    with pytest.raises(InputError, match=r"audio\.not_finite"):
        io.read(save(tmp_path / "a.wav", samples, subtype="FLOAT"))


def test_float_files_beyond_full_scale_are_kept_as_they_are(tmp_path: Path) -> None:
    samples = tone(1, level=30000)
    assert np.array_equal(io.read(save(tmp_path / "a.wav", samples, subtype="FLOAT")).samples, samples)


@pytest.mark.parametrize("suffix", [".wav", ".rf64", ".aiff", ".caf", ".flac", ".mp3", ".ogg", ".opus"])
@pytest.mark.parametrize("share", [0.95, 0.6, 0.3])
def test_a_file_cut_off_is_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    rate = 48000 if suffix == ".opus" else RATE
    path = cut(save(tmp_path / f"a{suffix}", noise(10, rate=rate), rate=rate), share)
    with pytest.raises(InputError, match=r"audio\.truncated"):
        io.read(path)


@pytest.mark.parametrize("suffix", [".flac", ".mp3", ".ogg"])
def test_damage_in_the_middle_is_told(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a{suffix}", noise(10))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) * 3 // 4] = bytes(len(data) * 3 // 4 - len(data) // 2)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"audio\.truncated"):
        io.read(path)


def test_damage_is_told_without_a_length(tmp_path: Path) -> None:
    path = save(tmp_path / "a.flac", noise(10))
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # STREAMINFO: the 36 bits of total samples
    data[22:26] = bytes(4)
    data[len(data) // 2 : len(data) * 3 // 4] = bytes(len(data) * 3 // 4 - len(data) // 2)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"audio\.truncated"):
        io.read(path)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
@pytest.mark.parametrize("share", [0.0, 1e-3, 3e-3])
def test_a_stump_is_an_error_and_no_crash(tmp_path: Path, suffix: str, share: float) -> None:
    path = save(tmp_path / f"a{suffix}", noise(3))
    path.write_bytes(path.read_bytes()[: 20 + int(share * path.stat().st_size)])
    with pytest.raises(InputError, match=r"audio\."):
        io.read(path)


def test_rubbish_behind_an_mp3_does_no_harm(tmp_path: Path) -> None:
    path = save(tmp_path / "a.mp3", noise(3))
    path.write_bytes(path.read_bytes() + bytes(9000))
    assert io.read(path).length == 3 * RATE


def test_a_long_file_is_refused_by_its_header(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", noise(3, rate=8000), rate=8000)
    assert io.read(path, max_seconds=3).seconds == 3
    with pytest.raises(InputError, match=r"audio\.too_long"):
        io.read(path, max_seconds=2.9)


def test_three_hours_are_refused_without_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.wav"
    size = 3 * 3600 * RATE * 4
    head = struct.pack(
        "<4sI8sIHHIIHH4sI", b"RIFF", size + 36, b"WAVEfmt ", 16, 1, 2, RATE, RATE * 4, 4, 16, b"data", size
    )
    with path.open("wb") as file:
        file.write(head)
        file.truncate(44 + size)  # sparse
    monkeypatch.setattr("sitwell.io.decode._Sndfile.blocks", lambda _self: pytest.fail("decoded"))
    with pytest.raises(InputError, match=r"audio\.too_long"):
        io.read(path)


def bomb(path: Path, seconds: int) -> Path:
    """A small FLAC of long silence that does not tell its length."""
    save(path, np.zeros((2, seconds * RATE), dtype=np.float32))
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    return path


def test_a_decompression_bomb_stops_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bomb(tmp_path / "a.flac", 120)
    assert path.stat().st_size < 120 * RATE // 100  # bytes: silence packs a thousandfold
    appended: list[int] = []
    monkeypatch.setattr("sitwell.io.spool.Spool.append", lambda _self, block: appended.append(block.shape[1]))
    with pytest.raises(InputError, match=r"audio\.too_long"):
        io.read(path, max_seconds=10)
    assert sum(appended) <= 10 * RATE  # samples


FUZZED = [".wav", ".rf64", ".aiff", ".caf", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".webm"]


@pytest.mark.parametrize("suffix", FUZZED)
def test_damaged_bytes_raise_nothing_but_ours(tmp_path: Path, suffix: str, ffmpeg: str) -> None:
    source = tmp_path / f"a{suffix}"
    if suffix in (".m4a", ".webm"):
        convert(ffmpeg, save(tmp_path / "a.wav", noise(0.2, rate=48000), rate=48000), source)
    else:
        save(source, noise(0.2, rate=48000), rate=48000)
    whole, rng, outcomes = source.read_bytes(), np.random.default_rng(3), set[str]()
    for _ in range(200):
        data = bytearray(whole)
        reach = int(rng.choice([64, 300, len(data)]))  # bytes: headers are where the trouble is
        for at in rng.integers(0, min(reach, len(data)), int(rng.choice([1, 3, 30]))):
            data[at] = rng.integers(256)
        source.write_bytes(data)
        try:
            io.read(source)
            outcomes.add("read")
        except InputError as error:
            outcomes.add(error.code)
    assert len(outcomes) > 1  # a checksum makes every damage to an Ogg file tell


@pytest.mark.parametrize("channels", [9, 255])
def test_more_than_eight_channels_are_unsupported(tmp_path: Path, channels: int) -> None:
    with pytest.raises(CodecError, match=r"audio\.unsupported"):
        io.read(save(tmp_path / "a.wav", noise(0.1, channels=channels)))


@pytest.mark.parametrize("rate", [1, 7999, 192001, 384000])
def test_rates_out_of_range_are_unsupported(tmp_path: Path, rate: int) -> None:
    with pytest.raises(CodecError, match=r"audio\.unsupported"):
        io.read(save(tmp_path / "a.wav", noise(1, rate=1000), rate=rate))


def test_an_encoding_nobody_knows_is_unreadable(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", noise(1))
    data = bytearray(path.read_bytes())
    data[20:22] = struct.pack("<H", 0x2000)  # AC-3 in WAV
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"encoding.*audio\.unreadable"):
        io.read(path)
