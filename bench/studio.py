"""How fast the studio is with a song of 3:30, in Chromium: until it can be used, until sound, and while playing.

    .venv/bin/python bench/studio.py [--rounds 3]

Needs `make test` once (node, Chromium, the built page). The song is generated; reading, deciding and playing take as
long as with a real one of this length. Seconds on the clock depend on what else the machine does, so the CPU seconds
of the server from the drop until the mix can be heard are given beside them.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
SECONDS, PLAYING_S = 210, 8


def make_song(folder: Path) -> tuple[Path, Path]:
    """Write a vocal and a backing of 3:30, 16 bits, 44.1 kHz."""
    from tests.songs import song

    files = []
    for name, audio in zip(("vocal", "backing"), song(30.0, swing_db=9.0), strict=True):
        files.append(folder / f"{name}.wav")
        soundfile.write(files[-1], np.tile(audio.samples, SECONDS // 30).T, audio.sample_rate, subtype="PCM_16")
    return files[0], files[1]


def measure(files: tuple[Path, Path], folder: Path) -> dict[str, float]:
    """Start a studio, let Chromium use it, and give the figures."""
    command = [sys.executable, "-m", "sitwell", "studio", "--no-browser", "--home", str(folder)]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = re.search(r"http://\S+", server.stderr.readline())
        assert address is not None
        drive = ["node", "bench/studio.mjs", shutil.which("chromium") or "chromium", address[0], *map(str, files)]
        told = subprocess.run(
            [*drive, str(PLAYING_S), str(server.pid)],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        figures: dict[str, float] = json.loads(told.stdout)
        server.send_signal(signal.SIGINT)
    return figures


def page_kb() -> float:
    """Add up the built page, compressed."""
    files = (ROOT / "src/sitwell/studio/static").rglob("*")
    return sum(len(gzip.compress(file.read_bytes())) for file in files if file.is_file()) / 1000


def main() -> None:
    """Print medians over the rounds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        files = make_song(Path(folder))
        found = [measure(files, Path(folder) / f"home{number}") for number in range(rounds)]
    for name in found[0]:
        values = sorted(each[name] for each in found)
        print(f"{name:27} {statistics.median(values):8.2f}   ({values[0]:.2f} to {values[-1]:.2f})")
    print(f"{'page_gzip_kb':27} {page_kb():8.1f}")
    print(f"{'load_average':27} {os.getloadavg()[0]:8.1f}   on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
