"""Generated sound and files for the tests of reading and writing."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from sitwell.audio import Samples

RATE = 44100
needs_av = pytest.mark.skipif(importlib.util.find_spec("av") is None, reason="the extra `av` is not installed")
M4A = pytest.param(".m4a", marks=needs_av)


def tone(seconds: float = 1.0, *, rate: int = RATE, frequency_hz: float = 440.0, level: float = 0.5) -> Samples:
    """A sine on the left, half as loud on the right, fading in over 10 ms: (2, n)."""
    time_s = np.arange(round(seconds * rate)) / rate
    wave = level * np.sin(2 * np.pi * frequency_hz * time_s) * np.minimum(time_s / 0.01, 1)
    return np.stack([wave, 0.5 * wave]).astype(np.float32)


def noise(seconds: float = 1.0, *, channels: int = 2, rate: int = RATE, level: float = 0.1) -> Samples:
    """White noise from a seed: (channels, n)."""
    rng = np.random.default_rng(7)
    wave: Samples = rng.standard_normal((channels, round(seconds * rate)), dtype=np.float32)
    return wave * np.float32(level)


def save(path: Path, samples: Samples, *, rate: int = RATE, **options: Any) -> Path:
    """Write (channels, n) through libsndfile, in pieces, since long Ogg writes crash it."""
    options.setdefault("format", {".opus": "OGG", ".rf64": "RF64"}.get(path.suffix))
    if path.suffix == ".opus":
        options["subtype"] = "OPUS"
    with soundfile.SoundFile(path, "w", rate, len(samples), **options) as file:
        for start in range(0, samples.shape[1], 16384):
            file.write(samples[:, start : start + 16384].T)
    return path


def cut(path: Path, share: float) -> Path:
    """Keep only the first share of a file."""
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    return path


def convert(ffmpeg: str, source: Path, target: Path, *options: str) -> Path:
    """Convert with ffmpeg."""
    subprocess.run([ffmpeg, "-v", "error", "-y", "-i", source, *options, target], check=True, timeout=60)
    return target


def lag_samples(found: Samples, wanted: Samples) -> int:
    """How much later the first channel of `found` is than that of `wanted`."""
    size = min(found.shape[1], wanted.shape[1], 60_000)
    spectra = np.fft.rfft(found[0, :size], 2 * size) * np.conj(np.fft.rfft(wanted[0, :size], 2 * size))
    lag = int(np.fft.irfft(spectra).argmax())
    return lag if lag < size else lag - 2 * size


def run_python(code: str, *arguments: str | Path, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run code in a fresh interpreter, `sys.argv[1:]` being the arguments."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=check, capture_output=True, text=True, timeout=120)
