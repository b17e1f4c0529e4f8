"""Reading what can be read: any format, rate, number of channels and name becomes stereo float32."""

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sitwell import io
from tests.io.sounds import RATE, convert, lag_samples, noise, run_python, save, tone

LOSSLESS = [
    (".wav", "PCM_16"), (".wav", "PCM_24"), (".wav", "PCM_U8"), (".wav", "PCM_32"), (".wav", "FLOAT"),
    (".wav", "DOUBLE"), (".wav", "ULAW"), (".rf64", "PCM_16"), (".aiff", "PCM_24"), (".aiff", "PCM_S8"),
    (".caf", "PCM_16"), (".caf", "ALAC_16"), (".flac", "PCM_16"), (".flac", "PCM_24"), (".flac", "PCM_S8"),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "subtype"), LOSSLESS)
def test_every_bit_of_a_lossless_file_arrives(tmp_path: Path, suffix: str, subtype: str) -> None:
    path = save(tmp_path / f"a{suffix}", noise(2), subtype=subtype)
    wanted, rate = soundfile.read(path, dtype="float32")
    audio = io.read(path)
    assert audio.sample_rate == rate
    assert np.array_equal(audio.samples, wanted.T)


@pytest.mark.parametrize(("bits", "subtype"), [(8, "PCM_S8"), (16, "PCM_16"), (24, "PCM_24")])
def test_the_lowest_whole_number_is_minus_one(tmp_path: Path, bits: int, subtype: str) -> None:
    steps = np.array([[-(2 ** (bits - 1)), 1]], dtype=np.int32)
    soundfile.write(tmp_path / "a.aiff", (steps << (32 - bits)).T, RATE, subtype=subtype)
    assert io.read(tmp_path / "a.aiff").samples[0].tolist() == [-1.0, 2.0 ** (1 - bits)]


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".opus"])
def test_lossy_formats_keep_level_length_and_time(tmp_path: Path, suffix: str) -> None:
    rate = 48000 if suffix == ".opus" else RATE
    wanted = tone(3, rate=rate) + np.float32(0.1) * noise(3, rate=rate)
    audio = io.read(save(tmp_path / f"a{suffix}", wanted, rate=rate))
    assert audio.samples.shape == wanted.shape
    assert lag_samples(audio.samples, wanted) == 0
    found_db = 10 * np.log10(np.mean(audio.samples**2, axis=1) / np.mean(wanted**2, axis=1))
    assert np.abs(found_db).max() < 0.1  # dB


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_mono_is_one_channel_seen_twice(tmp_path: Path, suffix: str) -> None:
    audio = io.read(save(tmp_path / f"a{suffix}", tone(1)[:1]))
    assert audio.samples.shape == (2, RATE)
    assert audio.samples.strides[0] == 0  # bytes: the second channel takes no memory
    assert audio.notices == ()


def test_stereo_with_a_silent_channel_is_left_alone(tmp_path: Path) -> None:
    wanted = tone(1) * np.array([[1], [0]], dtype=np.float32)
    audio = io.read(save(tmp_path / "a.wav", wanted, subtype="FLOAT"))
    assert np.array_equal(audio.samples, wanted)
    assert audio.notices == ()


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_surround_is_mixed_down_by_the_standard(tmp_path: Path, ffmpeg: str, suffix: str) -> None:
    # One frequency a channel, in Microsoft's order; ffmpeg knows the order of each format.
    names_hz = {"L": 300, "R": 500, "C": 700, "LFE": 60, "Ls": 1100, "Rs": 1300}
    time_s = np.arange(2 * RATE) / RATE
    six = np.stack([0.1 * np.sin(2 * np.pi * hz * time_s) for hz in names_hz.values()]).astype(np.float32)
    path = save(tmp_path / "six.wav", six, format="WAVEX", subtype="PCM_16")
    if suffix != ".wav":
        path = convert(ffmpeg, path, tmp_path / f"six{suffix}", "-ac", "6")
    audio = io.read(path)
    assert [notice.code for notice in audio.notices] == ["audio.downmixed"]
    assert "6 channels" in audio.notices[0].message

    def level(channel: int, name: str) -> float:
        """Amplitude of a frequency, relative to what it was in its own channel."""
        wave = np.exp(-2j * np.pi * names_hz[name] * time_s)
        return float(20 * np.abs(np.mean(audio.samples[channel, : time_s.size] * wave)))

    gains = {name: (level(0, name), level(1, name)) for name in names_hz}
    half = 0.7071
    wanted = {"L": (1, 0), "R": (0, 1), "C": (half, half), "LFE": (0, 0), "Ls": (half, 0), "Rs": (0, half)}
    for name, pair in wanted.items():
        assert gains[name] == pytest.approx(pair, abs=0.03), name  # linear gain; Vorbis leaks a little


@pytest.mark.parametrize("channels", [3, 4, 5, 7, 8])
def test_any_number_of_channels_to_eight_is_mixed_down(tmp_path: Path, channels: int) -> None:
    six = np.tile(tone(1)[:1], (channels, 1))
    audio = io.read(save(tmp_path / "a.wav", six, subtype="FLOAT", format="WAVEX"))
    assert np.allclose(audio.samples[0], audio.samples[1], atol=1e-6)  # full scale: the layouts are symmetric
    assert audio.notices[0].code == "audio.downmixed"


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 48000, 88200, 96000, 176400, 192000])
def test_every_rate_is_kept(tmp_path: Path, rate: int) -> None:
    audio = io.read(save(tmp_path / "a.wav", tone(1, rate=rate), rate=rate))
    assert (audio.sample_rate, audio.length, audio.notices) == (rate, rate, ())


@pytest.mark.parametrize(("from_hz", "to_hz"), [(48000, 44100), (44100, 48000), (8000, 192000), (192000, 8000)])
def test_resampling_keeps_frequency_level_and_time(tmp_path: Path, from_hz: int, to_hz: int) -> None:
    path = save(tmp_path / "a.wav", tone(3, rate=from_hz), rate=from_hz, subtype="FLOAT")
    audio = io.read(path, sample_rate=to_hz)
    wanted = tone(3, rate=to_hz)
    assert (audio.sample_rate, audio.length) == (to_hz, 3 * to_hz)
    middle = slice(to_hz // 2, -to_hz // 2)
    error = np.abs(audio.samples[:, middle] - wanted[:, middle]).max()
    assert error < 1e-4  # full scale: -80 dBFS
    assert [notice.code for notice in audio.notices] == ["audio.resampled"]
    assert f"from {from_hz} Hz to {to_hz} Hz" in audio.notices[0].message


def test_mono_stays_one_channel_when_resampled(tmp_path: Path) -> None:
    audio = io.read(save(tmp_path / "a.wav", tone(1)[:1]), sample_rate=48000)
    assert audio.samples.strides[0] == 0  # bytes
    assert audio.length == 48000


def test_resampling_sound_in_memory_equals_resampling_while_reading(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", noise(3), subtype="FLOAT")
    assert np.array_equal(io.resample(io.read(path), 48000).samples, io.read(path, sample_rate=48000).samples)


def test_resampling_to_the_same_rate_returns_the_same_value(tmp_path: Path) -> None:
    audio = io.read(save(tmp_path / "a.wav", tone(1)))
    assert io.resample(audio, RATE) is audio


@pytest.mark.parametrize(
    "name",
    [
        "Ärger mit Öl.wav",
        "🎤 vocal 🎶.flac",
        "空 と 海.ogg",
        "a\nb'\".mp3",
        " spaces  .wav",
        f"{'x' * 251}.wav",
    ],
)
def test_every_name_works(tmp_path: Path, name: str) -> None:
    audio = io.read(save(tmp_path / name, tone(0.5)))
    assert audio.name == name
    assert audio.length == RATE // 2


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = save(tmp_path / "a.flac", tone(1))
    assert io.read(path.rename(tmp_path / "song.mp3")).length == RATE


def test_one_sample_can_be_read(tmp_path: Path) -> None:
    assert io.read(save(tmp_path / "a.wav", noise(1 / RATE))).samples.shape == (2, 1)


def test_samples_cannot_be_changed(tmp_path: Path) -> None:
    audio = io.read(save(tmp_path / "a.wav", tone(1)))
    with pytest.raises(ValueError, match="read-only"):
        audio.samples[0, 0] = 1


def test_progress_rises_to_one(tmp_path: Path) -> None:
    seen: list[float] = []
    io.read(save(tmp_path / "a.wav", tone(5)), progress=seen.append)
    assert seen == sorted(seen)
    assert 0 < seen[0] < 0.5
    assert seen[-1] == 1.0


def test_a_flac_that_does_not_tell_its_length_is_read_to_its_end(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.flac", noise(3))
    wanted = io.read(whole).samples
    data = bytearray(whole.read_bytes())
    data[21] &= 0xF0  # STREAMINFO: the 36 bits of total samples
    data[22:26] = bytes(4)
    whole.write_bytes(data)
    assert io.probe(whole).seconds is None
    assert np.array_equal(io.read(whole).samples, wanted)


def test_a_wav_from_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", noise(3))
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff" * 4  # what ffmpeg writes when it cannot seek
    path.write_bytes(data)
    assert io.read(path).length == 3 * RATE


def test_probe_reads_the_header_only(tmp_path: Path) -> None:
    info = io.probe(save(tmp_path / "a.flac", tone(2, rate=48000), rate=48000, subtype="PCM_24"))
    assert info == io.Info(48000, 2, 2.0, "FLAC", "PCM_24")


def test_the_common_rate_is_the_higher_one(tmp_path: Path) -> None:
    rates = [22050, 48000, 44100]
    infos = [io.probe(save(tmp_path / f"{rate}.wav", tone(1, rate=rate), rate=rate)) for rate in rates]
    assert io.common_rate(infos) == 48000


def test_importing_sitwell_loads_no_decoder() -> None:
    code = "import sys, sitwell; print([name for name in ('soundfile', 'soxr', 'av') if name in sys.modules])"
    assert run_python(code).stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names")
def test_a_name_that_is_not_unicode_works(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", tone(1))
    odd = path.rename(tmp_path / b"caf\xe9.wav".decode("utf-8", "surrogateescape"))
    assert io.read(odd).length == RATE
