"""Synthetic sounds and oracle readings for the tests of the core."""

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyebur128

Sound = npt.NDArray[np.float32]  # (channels, samples)
Floats = npt.NDArray[np.float64]

BS1770 = (
    pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_LRA | pyebur128.MeasurementMode.MODE_TRUE_PEAK
)


def gain(level_db: float) -> float:
    """Convert dB to a factor."""
    return float(10 ** (level_db / 20))


def db(factor: float) -> float:
    """Convert a factor to dB."""
    return float(20 * np.log10(max(factor, 1e-12)))


def stereo(wave: npt.ArrayLike) -> Sound:
    """Put one waveform on two channels."""
    return np.ascontiguousarray(np.stack([np.asarray(wave)] * 2), dtype=np.float32)


def sine(level_dbfs: float, seconds: float, *, sample_rate: int = 48000, hz: float = 1000.0) -> Floats:
    """Make a tone (samples,); the level is that of its peak."""
    time_s = np.arange(round(seconds * sample_rate)) / sample_rate
    return np.asarray(gain(level_dbfs) * np.sin(2 * np.pi * hz * time_s))


def noise(seed: int, samples: int, *, level: float = 0.1, channels: int = 2) -> Sound:
    """Make white noise."""
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((channels, samples))).astype(np.float32)


def pieces(sound: Sound, length: int = 16384) -> Iterator[Sound]:
    """Cut a sound into contiguous blocks, copies."""
    for start in range(0, sound.shape[1], length):
        yield np.ascontiguousarray(sound[:, start : start + length])


def ebur128(sound: Sound, sample_rate: int) -> Any:
    """Feed a sound, and a little silence so that its end is read, to libebur128."""
    state = pyebur128.R128State(sound.shape[0], sample_rate, BS1770)
    padded = np.pad(sound, ((0, 0), (0, 64)))
    state.add_frames(np.ascontiguousarray(padded.T).ravel(), padded.shape[1])
    return state


def ebur128_true_peak_dbtp(sound: Sound, sample_rate: int) -> float:
    """Read the true peak by libebur128."""
    state = ebur128(sound, sample_rate)
    return db(max(pyebur128.get_true_peak(state, c) for c in range(sound.shape[0])))


def ffmpeg_summary(ffmpeg: str, sound: Sound, sample_rate: int) -> dict[str, float]:
    """Read I, LRA and Peak by FFmpeg's ebur128 (one decimal), with silence after the sound."""
    padded = np.pad(sound, ((0, 0), (0, sample_rate // 5)))
    source = ["-f", "f32le", "-ar", str(sample_rate), "-ac", str(sound.shape[0]), "-i", "-"]
    command = [ffmpeg, "-nostats", "-hide_banner", *source, "-af", "ebur128=peak=true", "-f", "null", "-"]
    run = subprocess.run(command, input=np.ascontiguousarray(padded.T).tobytes(), capture_output=True, check=True)
    summary = run.stderr.decode().rpartition("Summary:")[2]
    return {name: float(re.findall(rf"\b{name}:\s+(-?[\d.]+|-?inf)", summary)[0]) for name in ("I", "LRA", "Peak")}
