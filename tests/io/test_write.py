"""Writing: every format comes back with the right samples, levels and length."""

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sitwell import io
from sitwell.audio import Audio, Samples
from sitwell.errors import CodecError
from tests.io.sounds import M4A, RATE, lag_samples, noise, tone


def write(path: Path, samples: Samples, *, rate: int = RATE, block: int = 10_000, **options: str | None) -> io.Writer:
    with io.open_writer(path, sample_rate=rate, **options) as writer:
        for start in range(0, samples.shape[1], block):
            writer.write(np.ascontiguousarray(samples[:, start : start + block]))
    return writer


def decoded(path: Path) -> Samples:
    """Read through libsndfile: (2, n) float32."""
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_24_bits_are_the_default_and_round_to_the_nearest(tmp_path: Path, suffix: str) -> None:
    wanted = noise(2)
    writer = write(tmp_path / f"a{suffix}", wanted)
    assert soundfile.info(tmp_path / f"a{suffix}").subtype == "PCM_24"
    found, _ = soundfile.read(tmp_path / f"a{suffix}", dtype="int32")
    assert np.array_equal(found.T >> 8, np.rint(wanted.astype(np.float64) * 2**23))
    assert writer.clipped_samples == 0


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_16_bits_are_dithered(tmp_path: Path, suffix: str) -> None:
    quiet = tone(4, level=0.4 / 32768)  # below half a step: without dither nothing would remain
    write(tmp_path / f"a{suffix}", quiet, bit_depth="16")
    assert soundfile.info(tmp_path / f"a{suffix}").subtype == "PCM_16"
    found = decoded(tmp_path / f"a{suffix}")
    kept = np.sum(found[0] * quiet[0]) / np.sum(quiet[0] ** 2)
    assert kept == pytest.approx(1, abs=0.1)  # linear gain of the tone under the noise


def test_16_bits_stay_within_the_width_of_the_dither(tmp_path: Path) -> None:
    wanted = noise(2)
    write(tmp_path / "a.wav", wanted, bit_depth="16")
    assert np.abs(decoded(tmp_path / "a.wav") - wanted).max() <= 1.501 / 32768  # full scale


@pytest.mark.parametrize("depth", ["16", "24"])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_what_is_too_loud_is_clipped_and_counted(tmp_path: Path, suffix: str, depth: str) -> None:
    loud = noise(1)
    loud[0, 100:110], loud[1, 50:53] = 1.5, -7.0
    writer = write(tmp_path / f"a{suffix}", loud, bit_depth=depth)
    assert writer.clipped_samples == 13
    found = decoded(tmp_path / f"a{suffix}")
    assert found[0, 100:110].min() == 1 - 2.0 ** (1 - int(depth))
    assert found[1, 50:53].max() == -1


def test_full_scale_is_not_clipped(tmp_path: Path) -> None:
    assert write(tmp_path / "a.wav", np.ones((2, 10), dtype=np.float32)).clipped_samples == 0


def test_float_never_clips_and_keeps_every_bit(tmp_path: Path) -> None:
    loud = noise(2, level=3)
    writer = write(tmp_path / "a.wav", loud, bit_depth="32f")
    assert np.array_equal(decoded(tmp_path / "a.wav"), loud)
    assert writer.clipped_samples == 0


@pytest.mark.parametrize(("suffix", "depth"), [(".wav", "16"), (".wav", "24"), (".wav", "32f"), (".flac", "16")])
def test_the_size_of_blocks_changes_no_bit(tmp_path: Path, suffix: str, depth: str) -> None:
    one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    write(one, noise(1), bit_depth=depth)
    write(two, noise(1), bit_depth=depth, block=777)
    assert np.array_equal(decoded(one), decoded(two))


def test_a_block_may_be_a_view(tmp_path: Path) -> None:
    interleaved = np.ascontiguousarray(noise(1).T)
    for depth in ("16", "24", "32f"):
        with io.open_writer(tmp_path / f"{depth}.wav", sample_rate=RATE, bit_depth=depth) as writer:
            writer.write(interleaved.T)
        assert np.abs(decoded(tmp_path / f"{depth}.wav") - noise(1)).max() < 2**-14  # full scale


@pytest.mark.parametrize("suffix", [".ogg", ".mp3", ".opus", M4A])
@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000, 192000])
def test_lossy_formats_keep_level_length_and_time(tmp_path: Path, suffix: str, rate: int) -> None:
    time_s = np.arange(3 * rate) / rate
    chirp = 0.3 * np.sin(2 * np.pi * (200 + 300 * time_s) * time_s)  # to 2 kHz: unlike itself at any lag
    wanted = np.stack([chirp, 0.5 * chirp]).astype(np.float32)
    writer = write(tmp_path / f"a{suffix}", wanted, rate=rate)
    audio = io.read(tmp_path / f"a{suffix}")
    assert audio.seconds == pytest.approx(3, abs=0.001)  # s
    changed = audio.sample_rate != rate
    assert [notice.code for notice in writer.notices] == (["output.resampled"] if changed else [])
    back = io.resample(audio, rate).samples
    assert abs(lag_samples(back, wanted)) <= (1 if changed else 0)  # samples
    found_db = 10 * np.log10(np.mean(back[:, : 3 * rate] ** 2, axis=1) / np.mean(wanted**2, axis=1))
    assert np.abs(found_db).max() < 0.1  # dB


@pytest.mark.parametrize(
    ("rate", "written"), [(44100, 44100), (88200, 44100), (176400, 44100), (96000, 48000), (37800, 48000)]
)
def test_mp3_takes_the_nearest_relative_of_a_rate(tmp_path: Path, rate: int, written: int) -> None:
    write(tmp_path / "a.mp3", tone(1, rate=rate), rate=rate)
    assert soundfile.info(tmp_path / "a.mp3").samplerate == written


def test_a_long_ogg_in_one_block_does_not_crash(tmp_path: Path) -> None:
    write(tmp_path / "a.ogg", noise(60), block=60 * RATE)
    assert io.read(tmp_path / "a.ogg").seconds == 60


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
@pytest.mark.parametrize("depth", ["16", "24", "32f"])
def test_ffmpeg_agrees_about_a_wav(tmp_path: Path, ffmpeg: str, rate: int, depth: str) -> None:
    wanted = noise(1, rate=rate)
    write(tmp_path / "a.wav", wanted, rate=rate, bit_depth=depth)
    command = [ffmpeg, "-v", "error", "-xerror", "-i", str(tmp_path / "a.wav"), "-f", "f32le", "-"]
    found = subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert found.stderr == b""
    samples = np.frombuffer(found.stdout, dtype="<f4").reshape(-1, 2).T
    assert np.abs(samples - wanted).max() < 2**-14  # full scale


def test_more_than_four_gigabytes_become_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ffmpeg: str) -> None:
    monkeypatch.setattr("sitwell.io.wav.RIFF_LIMIT", 100_000)
    wanted = noise(1)
    write(tmp_path / "a.wav", wanted, bit_depth="32f")
    head = (tmp_path / "a.wav").read_bytes()[:80]
    assert (head[:4], head[8:16]) == (b"RF64", b"WAVEds64")
    riff, data, frames = struct.unpack("<QQQ", head[20:44])
    assert (riff, data, frames) == ((tmp_path / "a.wav").stat().st_size - 8, RATE * 8, RATE)
    assert soundfile.info(tmp_path / "a.wav").format == "RF64"
    assert np.array_equal(decoded(tmp_path / "a.wav"), wanted)
    assert np.array_equal(io.read(tmp_path / "a.wav").samples, wanted)
    subprocess.run([ffmpeg, "-v", "error", "-xerror", "-i", tmp_path / "a.wav", "-f", "null", "-"], check=True)


def test_a_file_without_samples_is_still_a_wav(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", np.zeros((2, 0), dtype=np.float32))
    assert soundfile.info(tmp_path / "a.wav").frames == 0


@pytest.mark.parametrize("name", ["a.xyz", "a", "a.aac", ".wav"])
def test_an_unknown_suffix_lists_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(CodecError, match=r"\.wav, \.flac, \.ogg, \.mp3.*output\.format"):
        write(tmp_path / name, tone(0.1))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "depth"), [("a.mp3", "16"), ("a.flac", "32f"), ("a.wav", "8")])
def test_an_impossible_bit_depth_is_refused(tmp_path: Path, name: str, depth: str) -> None:
    with pytest.raises(CodecError, match=rf"bit depth {depth}.*output\.format"):
        write(tmp_path / name, tone(0.1), bit_depth=depth)


@pytest.mark.parametrize("name", ["Ärger 🎤.wav", "空.flac", f"{'x' * 251}.wav", f"{'é' * 125}.ogg", "A.WAV", " .mp3"])
def test_every_name_works(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, tone(0.5))
    assert io.read(tmp_path / name).length == RATE // 2
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_excerpt_becomes_mp3_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(io.encode_mp3(Audio.of(tone(1), RATE)))
    assert io.read(tmp_path / "a.mp3").length == RATE
