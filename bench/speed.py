"""How much CPU a mix costs, side by side with ffmpeg, pedalboard and libebur128.

    python bench/speed.py [--rounds 5] [--seconds 210]

Every round runs each contender once, in turn, as a cold process pinned to one core, and counts its CPU
seconds (user and system); medians and their ratios are printed. The meters and "chain" (equalizer, compressor,
reverb, sum, limiter, as sitwell and pedalboard do it) are timed inside their process, sound in memory.
ffmpeg has one reverb, convolution with a response (here 1.5 s of decaying noise); "ffmpeg, echoes" has four
echoes instead, which is less work than a reverb. pedalboard's reverb is Freeverb.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sitwell.io import open_writer  # noqa: E402
from sitwell.plan import MixPlan  # noqa: E402
from tests.songs import song  # noqa: E402

EQ = (
    "highpass=f=80,equalizer=f=200:t=q:w=1:g=-2,equalizer=f=500:t=q:w=1:g=1,equalizer=f=1500:t=q:w=1:g=2,"
    "equalizer=f=4000:t=q:w=1:g=-1,treble=f=8000:g=2"
)
ECHOES = "aecho=0.8:0.9:20|37|51|73:0.4|0.3|0.25|0.2[r]"
REVERB = "[2:a]afir=irgain=1:gtype=none[r]"


def ffmpeg_chain(reverb: str) -> str:
    """Write ffmpeg's filter graph with one of the two reverbs."""
    return (
        f"[0:a]{EQ},acompressor=threshold=0.08:ratio=3:attack=5:release=150:knee=4,asplit[d][s];[s]{reverb};"
        "[d][r][1:a]amix=inputs=3:normalize=0,aresample=176400,alimiter=limit=0.89:level=0,aresample=44100[o]"
    )


PEDALBOARD = """
import sys, time
from pedalboard import Compressor, HighpassFilter, HighShelfFilter, Limiter, PeakFilter, Pedalboard, Reverb
from pedalboard.io import AudioFile
vocal, backing, out = sys.argv[1:]
with AudioFile(vocal) as f: v, rate = f.read(f.frames), f.samplerate
with AudioFile(backing) as f: b = f.read(f.frames)
eq = [HighpassFilter(80)] + [PeakFilter(hz, db, 1) for hz, db in ((200, -2), (500, 1), (1500, 2), (4000, -1))]
start = time.process_time()
dry = Pedalboard([*eq, HighShelfFilter(8000, 2), Compressor(-22, 3, 5, 150)])(v, rate)
wet = Reverb(wet_level=0.3, dry_level=0)(dry, rate)
mix = Limiter(-1, 100)(dry + wet + b, rate)
print(time.process_time() - start)
with AudioFile(out, "w", rate, 2, bit_depth=16) as f: f.write(mix)
"""
CHAIN = """
import sys, time
from pathlib import Path
from sitwell.processes import keep_freed_blocks
from sitwell.io import read
from sitwell.plan import MixPlan
from sitwell.render import render_blocks
plan, vocal, backing = MixPlan.from_json(Path(sys.argv[1]).read_text()), read(sys.argv[2]), read(sys.argv[3])
keep_freed_blocks()
start = time.process_time()
for _ in render_blocks(plan, vocal, backing): pass
print(time.process_time() - start)
"""
METER = """
import sys, numpy as np, soundfile, time
sound, rate = soundfile.read(sys.argv[2], dtype="float32")
if sys.argv[1] == "sitwell":
    from sitwell import core
    sound = np.ascontiguousarray(sound.T)
    blocks = [np.ascontiguousarray(sound[:, i : i + 16384]) for i in range(0, sound.shape[1], 16384)]
    start = time.process_time()
    meter = core.Meter(sample_rate=rate, channels=2)
    energies = np.concatenate([meter.process(block) for block in blocks])
    figures = core.integrated_lufs(energies), core.loudness_range_lu(energies), meter.true_peak
else:
    import pyebur128
    start = time.process_time()
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(2, rate, mode.MODE_I | mode.MODE_LRA | mode.MODE_TRUE_PEAK)
    state.add_frames(sound.ravel(), len(sound))
    figures = pyebur128.get_loudness_global(state), pyebur128.get_loudness_range(state)
print(time.process_time() - start)
"""


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def cpu_s(command: Sequence[str | Path]) -> tuple[float, float]:
    """Run a command on one core: CPU seconds and peak memory in MB. A failure is shown and ends the bench."""
    core = min(os.sched_getaffinity(0))
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    assert process.stderr is not None
    words = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{command[0]} failed: {words.decode(errors='replace')[-500:]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024.0


def inside_s(program: str, *arguments: str | Path) -> float:
    """Run a Python program that prints its own CPU seconds."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    return float(done.stdout)


def prepare(folder: Path, seconds: float) -> None:
    """Write a generated song and a plan in which every stage acts."""
    for name, audio in zip(("vocal", "backing"), song(seconds), strict=True):
        with open_writer(folder / f"{name}.wav", sample_rate=44100, bit_depth="16") as writer:
            for block in audio.blocks():
                writer.write(block)
    rng = np.random.default_rng(0)
    tail = rng.standard_normal((2, 66150)) * 10.0 ** (-3.0 * np.arange(66150) / 66150) * 0.02
    with open_writer(folder / "response.wav", sample_rate=44100, bit_depth="16") as writer:
        writer.write(tail.astype(np.float32))
    plan = MixPlan()
    for path, value in {
        "vocal.equalizer.low_shelf.gain_db": -2, "vocal.equalizer.bell_1.gain_db": 1,
        "vocal.equalizer.bell_2.gain_db": 2, "vocal.equalizer.bell_3.gain_db": -1,
        "vocal.equalizer.high_shelf.gain_db": 2, "vocal.compressor.enabled": True, "master.gain_db": 6,
    }.items():  # fmt: skip
        plan = plan.set(path, value)
    (folder / "plan.json").write_text(plan.to_json())


def main() -> None:
    """Run all contenders in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=210.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, chosen.seconds)
        medians = race(folder, chosen.rounds)
        memory = {f"{minutes} min": mix_memory(folder, minutes) for minutes in (4, 15)}
    ratios = {  # CPU time, smaller is better; only the throughput is better when larger
        "meter against libebur128": medians["meter sitwell"] / medians["meter libebur128"],
        "render against ffmpeg": medians["sitwell render"] / medians["ffmpeg"],
        "render against ffmpeg, echoes": medians["sitwell render"] / medians["ffmpeg, echoes"],
        "chain throughput against pedalboard": medians["chain pedalboard"] / medians["chain sitwell"],
        "mix by the learned method against rules": medians["sitwell mix"] / medians["sitwell mix, rules"],
        "mix against ffmpeg": medians["sitwell mix"] / medians["ffmpeg"],
        "mix against ffmpeg, echoes": medians["sitwell mix"] / medians["ffmpeg, echoes"],
    }
    found = {
        "seconds": chosen.seconds,
        "rounds": chosen.rounds,
        "cpu_s": medians,
        "ratios": {name: round(ratio, 3) for name, ratio in ratios.items()},
        "peak_memory_mb": memory,
        "machine": os.uname().machine,
    }
    print(json.dumps(found, indent=2))


def race(folder: Path, rounds: int) -> dict[str, float]:
    """Take the median CPU seconds of each contender."""
    vocal, backing, plan = folder / "vocal.wav", folder / "backing.wav", folder / "plan.json"
    sitwell = (sys.executable, "-m", "sitwell")
    ffmpeg = ("ffmpeg", "-v", "error", "-nostats", "-y", "-threads", "1", "-filter_threads", "1")
    mixed = folder / "ffmpeg.wav"
    out = ("-o", folder / "sitwell.wav", "--bit-depth", "16")
    taken: dict[str, list[float]] = {}

    def through(reverb: str, *more: str | Path) -> float:
        graph = ("-filter_complex", ffmpeg_chain(reverb), "-map", "[o]", "-c:a", "pcm_s16le", mixed)
        return cpu_s([*ffmpeg, "-i", vocal, "-i", backing, *more, *graph])[0]

    through(ECHOES)  # so that there is something to meter, and caches are warm
    cpu_s([*sitwell, "render", plan, vocal, backing, *out])
    for _ in range(rounds):
        meter = cpu_s([*ffmpeg, "-i", mixed, "-af", "ebur128=peak=true", "-f", "null", "-"])[0]
        times = {
            "sitwell render": cpu_s([*sitwell, "render", plan, vocal, backing, *out])[0],
            "ffmpeg": through(REVERB, "-i", folder / "response.wav") + meter,
            "ffmpeg, echoes": through(ECHOES) + meter,
            "chain sitwell": inside_s(CHAIN, plan, vocal, backing),
            "chain pedalboard": inside_s(PEDALBOARD, vocal, backing, folder / "pedalboard.wav"),
            "sitwell mix": cpu_s([*sitwell, "mix", vocal, backing, *out])[0],
            "sitwell mix, rules": cpu_s([*sitwell, "mix", vocal, backing, *out, "--method", "rules"])[0],
            "sitwell start": cpu_s([sys.executable, "-c", "import sitwell.cli.main, soundfile, soxr"])[0],
            "meter sitwell": inside_s(METER, "sitwell", mixed),
            "meter libebur128": inside_s(METER, "libebur128", mixed),
        }  # fmt: skip
        for contender, seconds in times.items():
            taken.setdefault(contender, []).append(seconds)
    return {contender: round(statistics.median(seconds), 3) for contender, seconds in taken.items()}


def mix_memory(folder: Path, minutes: int) -> float:
    """Measure the peak memory in MB of mixing a song of some minutes."""
    for name in ("vocal", "backing"):
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", folder / f"{name}.wav", "-t",
                        str(60 * minutes), "-c", "copy", folder / f"{name}-{minutes}.wav"], check=True)  # fmt: skip
    files = (folder / f"vocal-{minutes}.wav", folder / f"backing-{minutes}.wav", "-o", folder / "long.wav")
    return round(cpu_s([sys.executable, "-m", "sitwell", "mix", *files])[1], 1)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
