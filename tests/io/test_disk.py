"""Files appear whole or not at all, and never in place of an input."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sitwell import io
from sitwell.errors import InputError, OutputError
from tests.io.sounds import M4A, RATE, noise, run_python, save, tone

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions, limits and signals")
SUFFIXES = [".wav", ".flac", ".ogg", ".mp3", ".opus", M4A]


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """The file keeps its content and stays alone in its folder."""
    path.write_bytes(b"before")
    yield
    assert path.read_bytes() == b"before"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_whatever_is_raised_leaves_nothing(tmp_path: Path, suffix: str, error: type[BaseException]) -> None:
    path = tmp_path / f"a{suffix}"

    def fail() -> None:
        with io.open_writer(path, sample_rate=48000) as writer:
            writer.write(noise(1))
            raise error

    with unchanged(path), pytest.raises(error):
        fail()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_is_there_before_the_end(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with io.open_writer(path, sample_rate=48000) as writer:
        writer.write(noise(1))
        assert not path.exists()
        (hidden,) = tmp_path.iterdir()
        assert hidden.name.startswith(".a.sitwell-")
    assert list(tmp_path.iterdir()) == [path]


_ENDLESS = """
import sys
import numpy as np
from sitwell import io
block = np.random.default_rng(1).standard_normal((2, 16384), dtype=np.float32) / 10
with io.open_writer(sys.argv[1], sample_rate=48000) as writer:
    print("started", flush=True)
    while True:
        writer.write(block)
"""


@contextmanager
def endless_writer(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start a process that writes without end, and wait until it has begun."""
    command = [sys.executable, "-c", _ENDLESS, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        yield process


@posix
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("wait_s", [0.0, 0.17])
def test_ctrl_c_cleans_up(tmp_path: Path, suffix: str, wait_s: float) -> None:
    path = tmp_path / f"a{suffix}"
    with unchanged(path), endless_writer(path) as process:
        time.sleep(wait_s)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert errors.rstrip().endswith("KeyboardInterrupt")


@posix
@pytest.mark.parametrize("wait_s", [0.0, 0.05, 0.2])
def test_a_killed_process_leaves_a_hidden_file_at_most(tmp_path: Path, wait_s: float) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"before")
    with endless_writer(path) as process:
        time.sleep(wait_s)
        process.kill()
        process.wait(timeout=20)
    assert path.read_bytes() == b"before"
    others = [other.name for other in tmp_path.iterdir() if other != path]
    assert all(name.startswith(".a.sitwell-") for name in others)
    assert len(others) <= 1


_LIMITED = """
import os, resource, sys
import numpy as np
from sitwell import errors, io
block = np.random.default_rng(1).standard_normal((2, 16384), dtype=np.float32) / 10
def write():
    with io.open_writer(sys.argv[1], sample_rate=48000) as writer:
        for _ in range(20):
            writer.write(block)
write()
size = os.stat(sys.argv[1]).st_size
open(sys.argv[1], "w").write("before")
for limit in (0, 10, size // 2, size - 5000, size - 1):  # bytes: at the start, on the way, while closing
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        write()
        print("written at", limit)
    except errors.OutputError as error:
        print(error.code)
    assert open(sys.argv[1]).read() == "before", limit
"""


@posix
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_is_told_wherever_it_fills_up(tmp_path: Path, suffix: str) -> None:
    found = run_python(_LIMITED, tmp_path / f"a{suffix}")
    assert found.stdout.split() == ["output.disk_full"] * 5
    assert [path.name for path in tmp_path.iterdir()] == [f"a{suffix}"]


@posix
@pytest.mark.skipif(not hasattr(os, "setuid") or os.getuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_small_disk_is_told(tmp_path: Path, suffix: str) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path], check=False, capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount here: {mounted.stderr}")
    try:
        with (
            pytest.raises(OutputError, match=r"output\.disk_full"),
            io.open_writer(tmp_path / f"a{suffix}", sample_rate=48000) as writer,
        ):
            writer.write(noise(10))
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", tmp_path], check=True)


_NOBODY = """
import os, sys
from sitwell import io
import soundfile
os.setuid(65534)
def text(path):
    io.write_text_atomic(path, "text")
def sound(path):
    io.open_writer(path, sample_rate=48000).__enter__()
for write in (text, sound):
    try:
        write(sys.argv[1])
    except io.disk.OutputError as error:
        print(error.code)
"""


@posix
@pytest.mark.skipif(not hasattr(os, "setuid") or os.getuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize("existing", [False, True])
def test_a_read_only_folder_is_not_writable(tmp_path: Path, existing: bool) -> None:
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    if existing:
        (tmp_path / "a.wav").write_bytes(b"before")
    found = run_python(_NOBODY, tmp_path / "a.wav")
    assert found.stdout.split() == ["output.not_writable"] * 2


@posix
@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match=r"output\.not_writable"):
        io.write_text_atomic(tmp_path / "a.txt", "text")


def test_a_missing_folder_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"output\.no_folder"):
        io.write_text_atomic(tmp_path / "no" / "a.txt", "text")
    with (
        pytest.raises(OutputError, match=r"output\.no_folder"),
        io.open_writer(tmp_path / "no" / "a.wav", sample_rate=RATE),
    ):
        pytest.fail("opened")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "\0", "x" * 300])
def test_an_impossible_name_is_not_writable(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"output\.not_writable"):
        io.write_text_atomic(tmp_path / name, "text")


@posix
def test_a_device_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path / "pipe.wav", tmp_path):
        with pytest.raises(OutputError, match=r"output\.not_writable"):
            io.write_text_atomic(path, "text")
    assert stat.S_ISFIFO((tmp_path / "pipe.wav").stat().st_mode)


@posix
def test_permissions_follow_the_umask_or_the_file_that_was_there(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        io.write_text_atomic(tmp_path / "new", "text")
        (tmp_path / "old").touch(0o600)
        io.write_text_atomic(tmp_path / "old", "text")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "old")]
    assert modes == [0o640, 0o600]


@posix
def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "there" / "a.txt")
    io.write_text_atomic(tmp_path / "link.txt", "text")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "there" / "a.txt").read_text() == "text"


def test_the_content_is_on_the_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    sync, rename = os.fsync, Path.replace

    def recorded_sync(handle: int) -> None:
        order.append("sync")
        sync(handle)

    def recorded_rename(path: Path, target: Path) -> Path:
        order.append("name")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", recorded_sync)
    monkeypatch.setattr(Path, "replace", recorded_rename)
    io.write_text_atomic(tmp_path / "a.txt", "text")
    assert order[:2] == ["sync", "name"]


def test_text_is_written_and_read_as_utf8(tmp_path: Path) -> None:
    io.write_text_atomic(tmp_path / "a.json", "Größe 🎤\n")
    assert (tmp_path / "a.json").read_bytes() == "Größe 🎤\n".encode()
    assert io.read_text(tmp_path / "a.json") == "Größe 🎤\n"


def test_text_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff\xfe\x00")
    for name, code in (("nothing", "not_found"), ("a.bin", "unreadable"), ("", "unreadable")):
        with pytest.raises(InputError, match=rf"file\.{code}"):
            io.read_text(tmp_path / name)


def test_an_input_is_never_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vocal = save(tmp_path / "vocal.wav", tone(0.1))
    (tmp_path / "link.wav").symlink_to(vocal)
    os.link(vocal, tmp_path / "hard.wav")
    monkeypatch.chdir(tmp_path)
    for output in (vocal, "vocal.wav", tmp_path / "." / "vocal.wav", tmp_path / "link.wav", tmp_path / "hard.wav"):
        with pytest.raises(OutputError, match=r"output\.is_input"):
            io.refuse_overwriting_inputs([tmp_path / "mix.wav", output], [tmp_path / "backing.wav", vocal])
    io.refuse_overwriting_inputs([tmp_path / "mix.wav"], [vocal, tmp_path / "gone.wav"])


def test_an_input_that_is_not_there_yet_counts_too(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"output\.is_input"):
        io.refuse_overwriting_inputs([tmp_path / "x" / ".." / "a.wav"], [tmp_path / "a.wav"])


def test_folders_are_made_when_asked_for(tmp_path: Path) -> None:
    assert io.make_folder(tmp_path / "a" / "b").is_dir()
    assert io.make_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match=r"output\.(not_writable|no_folder)"):
            io.make_folder(path)


def test_reading_while_writing_in_its_place_is_safe(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", noise(1), subtype="FLOAT")
    before = io.read(path)
    with io.open_writer(path, sample_rate=RATE) as writer:
        for block in before.blocks():
            writer.write(block * np.float32(0.5))
    assert np.abs(io.read(path).samples - 0.5 * before.samples).max() < 2**-23  # full scale


def test_an_interrupt_while_the_hidden_file_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def interrupted(path: Any, flags: int, mode: int = 0o777) -> int:
        os.close(real(path, flags, mode))
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt), io.replacing(tmp_path / "mix.wav"):
        pytest.fail("it was interrupted before")
    assert list(tmp_path.iterdir()) == []
