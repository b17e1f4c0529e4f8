"""AAC and Opus through PyAV: exact length and alignment in other people's players, the same bytes each time."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sitwell import io
from sitwell.audio import Samples
from sitwell.errors import CodecError
from tests.io.sounds import M4A, RATE, lag_samples, needs_av, noise, run_python, tone

SUFFIXES = [M4A, pytest.param(".opus", marks=needs_av)]


def written(path: Path, samples: Samples, rate: int, *, block: int = 10_000) -> Path:
    with io.open_writer(path, sample_rate=rate) as writer:
        for start in range(0, samples.shape[1], block):
            writer.write(samples[:, start : start + block])
    return path


def chirp(frames: int, rate: int) -> Samples:
    """A chirp to 2 kHz, unlike itself at any lag, half as loud on the right: (2, frames)."""
    time_s = np.arange(frames) / rate
    wave = 0.3 * np.sin(2 * np.pi * (200 + 300 * time_s) * time_s)
    return np.stack([wave, 0.5 * wave]).astype(np.float32)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("rate", [44100, 48000])
@pytest.mark.parametrize("odd", [0, 1, 777, 1023])
def test_length_alignment_and_level_come_back(tmp_path: Path, suffix: str, rate: int, odd: int) -> None:
    wanted = chirp(3 * rate + odd, rate)
    audio = io.read(written(tmp_path / f"a{suffix}", wanted, rate))
    assert audio.sample_rate == (48000 if suffix == ".opus" else rate)
    back = io.resample(audio, rate).samples
    assert abs(back.shape[1] - wanted.shape[1]) <= (1 if audio.sample_rate != rate else 0)  # samples
    assert lag_samples(back, wanted) == 0
    length = wanted.shape[1] - rate // 10
    found_db = 10 * np.log10(np.mean(back[:, :length] ** 2, axis=1) / np.mean(wanted[:, :length] ** 2, axis=1))
    assert np.abs(found_db).max() < 0.1  # dB


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_left_out_is_little(tmp_path: Path, suffix: str) -> None:
    wanted = tone(3, rate=48000) + noise(3, rate=48000, level=0.01)
    found = io.read(written(tmp_path / f"a{suffix}", wanted, 48000)).samples
    error_db = 10 * np.log10(np.mean((found - wanted) ** 2) / np.mean(wanted**2))
    assert error_db < -20  # dB: the noise lies 27 dB below the tone


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_ffmpeg_agrees(tmp_path: Path, ffmpeg: str, suffix: str) -> None:
    rate = 48000
    wanted = chirp(3 * rate + 777, rate)
    path = written(tmp_path / f"a{suffix}", wanted, rate)
    command = [ffmpeg, "-v", "error", "-xerror", "-i", str(path), "-f", "f32le", "-"]
    found = subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert found.stderr == b""
    samples = np.frombuffer(found.stdout, dtype="<f4").reshape(-1, 2).T
    assert 0 <= samples.shape[1] - wanted.shape[1] < 1024  # samples: it does not cut the last frame of AAC
    assert lag_samples(samples, wanted) == 0
    probe = Path(ffmpeg).with_name("ffprobe")
    if suffix == ".opus" or not probe.exists():
        return
    asked = [str(probe), "-v", "error", "-show_streams", "-of", "json", str(path)]
    (stream,) = json.loads(subprocess.run(asked, check=True, capture_output=True, timeout=60).stdout)["streams"]
    assert (stream["codec_name"], stream["duration_ts"]) == ("aac", wanted.shape[1])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_sound_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    sound = noise(5, rate=48000)
    one = written(tmp_path / f"one{suffix}", sound, 48000)
    two = written(tmp_path / f"two{suffix}", sound, 48000, block=777)
    assert one.read_bytes() == two.read_bytes()


@needs_av
def test_the_index_of_an_m4a_comes_first_and_holds_no_date(tmp_path: Path) -> None:
    head = written(tmp_path / "a.m4a", noise(1), RATE).read_bytes()
    places = [head.index(name) for name in (b"ftypM4A ", b"moov", b"mvhd", b"mdat")]
    assert all(one < other for one, other in pairwise(places))
    created_changed = head[places[2] + 8 : places[2] + 16]
    assert created_changed == bytes(8)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_loud_sound_is_not_clipped(tmp_path: Path, suffix: str) -> None:
    loud = tone(1, rate=48000, level=1.2)
    assert np.abs(io.read(written(tmp_path / f"a{suffix}", loud, 48000)).samples).max() > 1.1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_encoders_say_nothing(tmp_path: Path, suffix: str) -> None:
    code = """
import sys
import numpy as np
from sitwell import io
for rate in (8000, 48000):
    with io.open_writer(sys.argv[1], sample_rate=rate) as writer:
        writer.write(np.random.default_rng(1).standard_normal((2, rate), dtype=np.float32))
"""
    found = run_python(code, tmp_path / f"a{suffix}")
    assert found.stdout + found.stderr == ""


def test_without_the_extra_m4a_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(CodecError, match=r"pip install 'sitwell\[av\]'.*output\.codec_missing"):
        written(tmp_path / "a.m4a", tone(0.1), RATE)
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_opus_comes_from_libsndfile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    wanted = chirp(3 * 48000, 48000)
    path = written(tmp_path / "a.opus", wanted, 48000)
    assert soundfile.info(path).subtype == "OPUS"
    assert b"ffmpeg" not in path.read_bytes()
    assert lag_samples(io.read(path).samples, wanted) == 0
