"""The command: listens on this machine only, opens two files as a project, ends when told to."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sitwell.studio.server import PAGE
from tests.songs import song
from tests.studio.desks import wav


@contextmanager
def studio(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "sitwell", "studio", "--no-browser", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://\S+", line)
        try:
            assert found is not None, line + process.stderr.read()
            yield found[0], process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


@pytest.fixture(autouse=True)
def page() -> None:
    if not (PAGE / "index.html").is_file():
        pytest.skip("the page is not built; `make web` does it")


def test_two_files_become_a_project_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    files = []
    for name, audio in zip(("Anna", "Band"), song(1.0), strict=True):
        files.append(tmp_path / f"{name}.wav")
        files[-1].write_bytes(wav(audio))
    with studio(*map(str, files), "--home", str(tmp_path / "home")) as (address, process):
        assert address.startswith("http://127.0.0.1:")
        base, project = address.split("#")
        assert project.startswith("Anna-")
        with urllib.request.urlopen(f"{base}api/projects/{project}") as answer:
            assert b"Band.wav" in answer.read()
        port = int(base.split(":")[2].split("/")[0])
        own = {entry[4][0] for entry in socket.getaddrinfo(socket.gethostname(), port)} - {"127.0.0.1", "127.0.1.1"}
        for other in own:
            with socket.socket(socket.AF_INET6 if ":" in str(other) else socket.AF_INET) as outside:
                outside.settimeout(2)
                assert outside.connect_ex((str(other), port)) != 0, "it listens beyond this machine"
    assert process.returncode == 0
    with studio(str(tmp_path / "home" / "projects" / project), "--home", str(tmp_path / "home")) as (again, _):
        assert again.endswith(f"#{project}")
