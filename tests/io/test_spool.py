"""Long sounds live in a temporary file: the same samples, little memory, nothing left behind."""

import mmap
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sitwell import io
from sitwell.errors import OutputError
from sitwell.io import spool
from tests.io.sounds import RATE, noise, run_python, save

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate", [None, 48000])
def test_spooled_equals_in_memory_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channels: int, sample_rate: int | None
) -> None:
    path = save(tmp_path / "a.flac", noise(5, channels=channels))
    wanted = io.read(path, sample_rate=sample_rate)
    monkeypatch.setattr(spool, "MEMORY_BYTES", 1000)
    found = io.read(path, sample_rate=sample_rate)
    assert (wanted.release, found.release is None) == (None, not hasattr(mmap, "MADV_DONTNEED"))
    assert np.array_equal(found.samples, wanted.samples)
    assert found.samples.strides[0] == 0 if channels == 1 else found.samples.strides[0] > 0
    once = np.concatenate(list(found.blocks()), axis=1)
    again = np.concatenate(list(found.blocks(1000)), axis=1)
    assert np.array_equal(once, wanted.samples)
    assert np.array_equal(again, wanted.samples)


def test_the_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(spool, "MEMORY_BYTES", 1000)
    audio = io.read(save(tmp_path / "a.wav", noise(1)))
    assert audio.release is not None or sys.platform == "win32"
    if sys.platform != "win32":
        assert list((tmp_path / "temporary").iterdir()) == []


_PEAK = """
import sys
from sitwell import io
def now(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) / 1024
start = now("VmHWM:")
sounds = [io.read(path) for path in sys.argv[1:]]
for blocks in zip(*(sound.blocks() for sound in sounds)):
    pass
print(now("VmHWM:") - start)
"""


@linux_only
def test_fifteen_minutes_twice_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    minute = (noise(60).T * 32767).astype(np.int16)
    with soundfile.SoundFile(path, "w", RATE, 2) as file:
        for _ in range(15):
            file.write(minute)
    assert float(run_python(_PEAK, path, path).stdout) < 40  # MB, decoders included; the samples are 605 MB


@linux_only
def test_a_song_in_memory_takes_its_samples_and_no_more(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", noise(120))
    assert float(run_python(_PEAK, path).stdout) < 120 * RATE * 8 / 2**20 + 30  # MB


_FULL = """
import resource, sys
from sitwell import io
from sitwell.io import spool
spool.MEMORY_BYTES = 1000
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
io.read(sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes here")
def test_a_full_temporary_folder_is_named(tmp_path: Path) -> None:
    found = run_python(_FULL, save(tmp_path / "a.wav", noise(5)), check=False)
    assert "OutputError" in found.stderr
    assert tempfile.gettempdir() in found.stderr
    assert "[output.disk_full]" in found.stderr


def test_no_temporary_folder_is_an_output_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(spool, "MEMORY_BYTES", 1000)
    with pytest.raises(OutputError, match=r"temporary folder.*gone.*output\.no_folder"):
        io.read(save(tmp_path / "a.wav", noise(1)))
