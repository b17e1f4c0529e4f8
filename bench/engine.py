"""How much of real time the studio's engine takes, and what a page must load of it.

    python bench/engine.py [--seconds 30] [--rate 48000]

In node: quanta of 128 frames, three plans side by side as the page plays them, steady and with a knob turned every
20 ms; each quantum counts at its fastest of five runs, so that other programs on the machine do not. In Chromium: one
plan through the worklet in an OfflineAudioContext, wall clock, with what the browser needs around it.
"""

import argparse
import gzip
import json
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.songs import song  # noqa: E402
from tests.web.engine import WEB, browse, node, write_job  # noqa: E402
from tests.web.plans import REALISTIC  # noqa: E402


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rate", type=int, default=48000)
    options = parser.parse_args()
    vocal, backing = song(options.seconds, options.rate)
    plan = REALISTIC["shaped"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        job = write_job([plan], vocal, backing, folder)
        print("node, three plans         of real time: mean    worst quantum")
        for line in node("node", "test/load.mjs", str(job)).splitlines():
            row = json.loads(line)
            print(f"  {row['turned']:<20} {row['mean']:>22.1%} {row['worst']:>12.1%}")
        if chromium := shutil.which("chromium"):
            run = browse(chromium, "parity", [plan] * 5, vocal, backing, folder)
            print(f"Chromium, one plan {min(run.seconds) / options.seconds:>26.1%}   (fastest of five)")
    wasm = (WEB / "src/generated/engine.wasm").read_bytes()
    print(f"engine.wasm {len(wasm) / 1000:.1f} kB, {len(gzip.compress(wasm, 9)) / 1000:.1f} kB compressed")


if __name__ == "__main__":
    main()
