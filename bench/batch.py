"""What mixing takes over catalogued backings costs: CPU a take, what the catalogue saves, memory, a second worker.

    python bench/batch.py cost [--takes 100] [--formats wav,m4a,opus,ogg] [--data ../shared/data]
    python bench/batch.py saving [--rounds 12]
    python bench/batch.py memory [--takes 1000] [--seconds 5]
    python bench/batch.py workers [--takes 24]
    python bench/batch.py fence [--rounds 24]

Takes are 60 s of real songs (pairs of the data folder, repeated to 60 s, 16-bit FLAC vocals over MP3 backings),
as many backings as there are pairs, each for several takes. CPU is user and system time of all workers, so that
other work on the machine does not count; wall time does, and is printed for `workers` only.
`saving` takes turns: the same takes, in one process, over files and over the catalogue; a median of ratios.
`fence` takes turns too: the same takes, decoded in the process that mixes and behind the fence; CPU of this process, of
the one that decodes, and of its forks.
"""

import argparse
import json
import math
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from sitwell import io, pipeline
from sitwell.audio import Audio
from sitwell.batch import Places, read_manifest, run_batch
from sitwell.batch import mixer as batch_mixer
from sitwell.batch.manifest import Take
from sitwell.batch.mixer import Mixer
from sitwell.catalogue import Cache, Catalogue
from sitwell.engines import Local
from sitwell.processes import keep_freed_blocks

SECONDS = 60.0
PRICE = 0.04  # dollars a core hour


def write(path: Path, audio: Audio, seconds: float) -> None:
    """Write a sound repeated to a length, from a third of it on, where songs sing."""
    length = int(seconds * audio.sample_rate)
    rolled = np.roll(audio.samples, -(audio.length // 3), axis=1)
    samples = np.tile(rolled, (1, -(-length // audio.length)))[:, :length]
    with io.open_writer(
        path, sample_rate=audio.sample_rate, bit_depth="16" if path.suffix == ".flac" else None
    ) as file:
        for block in Audio.of(samples, audio.sample_rate).blocks():
            file.write(block)


def prepare(folder: Path, data: Path, *, pairs: int, seconds: float, vocal_rate: int | None = None) -> list[str]:
    """Write vocals and backings, and a catalogue of the backings; gives their names."""
    names: list[str] = []
    for pair in sorted((data / "pairs").iterdir()):
        vocal, backing = next(pair.glob("voc*"), None), next(pair.glob("backing*"), None)
        if vocal is None or backing is None or len(names) >= pairs:
            continue
        rate = io.common_rate([io.probe(vocal), io.probe(backing)])
        write(folder / f"{pair.name}.flac", io.read(vocal, sample_rate=vocal_rate or rate), seconds)
        write(folder / f"{pair.name}.mp3", io.read(backing, sample_rate=rate), seconds)
        Catalogue.open(folder / "catalog").add(folder / f"{pair.name}.mp3", id=pair.name)
        names.append(pair.name)
    return names


def manifest(folder: Path, names: list[str], takes: int, **options: object) -> Path:
    """Pair vocals and backings in turns."""
    path = folder / "takes.jsonl"
    chosen = [names[number % len(names)] for number in range(takes)]
    lines = [
        {"id": f"t{number}", "vocal": f"{name}.flac", "backing": f"catalog:{name}", **options}
        for number, name in enumerate(chosen)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def children_cpu_s() -> float:
    """Count the CPU seconds of processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def batch(folder: Path, listed: Path, workers: int) -> tuple[float, float]:
    """Run a batch into a folder of its own; gives CPU seconds of the workers, start included, and wall seconds."""
    with tempfile.TemporaryDirectory(dir=folder) as output:
        places = Places(str(folder), output, str(folder / "catalog"))
        cpu_s, start_s = children_cpu_s(), time.monotonic()
        summary = run_batch(read_manifest(listed), places, Local(workers), max_seconds=1800.0)
        assert not summary.failed, summary.failed
        return children_cpu_s() - cpu_s, time.monotonic() - start_s


def cost(folder: Path, options: argparse.Namespace) -> None:
    """CPU hours of 1000 mixes, start of the workers included."""
    names = prepare(folder, options.data, pairs=options.pairs, seconds=options.seconds or SECONDS)
    takes = options.takes
    for form in options.formats.split(","):
        cpu_s, _ = batch(folder, manifest(folder, names, takes, format=form), options.workers)
        hours = cpu_s / takes * 1000 / 3600
        each = f"{form:5} {takes:4} takes: {cpu_s / takes:5.2f} s a take"
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{each}, {hours:.2f} core hours per 1000, ${hours * PRICE:.3f}; a worker {peak:.0f} MB", flush=True)


def saving(folder: Path, options: argparse.Namespace) -> None:
    """What a take costs in a worker over the catalogue, against the same take over the file, interleaved."""
    names = prepare(folder, options.data, pairs=options.pairs, seconds=SECONDS, vocal_rate=options.vocal_rate)
    mixer = Mixer(Places(str(folder), str(folder / "out"), str(folder / "catalog")), 1800.0)
    known = {take.vocal: take for take in read_manifest(manifest(folder, names, len(names))).takes}
    ratios: dict[str, list[float]] = {}
    for number in range(options.rounds + 1):
        name = names[number % len(names)]
        vocal = folder / f"{name}.flac"
        kept, decoded = (
            Catalogue.open(folder / "catalog", cache=cache).get(name) for cache in (None, Cache(folder / "c"))
        )
        ways: list[tuple[str, pipeline.Backing]] = [
            ("file", folder / f"{name}.mp3"),
            ("measured before", kept),
            ("measured and decoded before", decoded),
            ("measured before, and shared with a neighbour", mixer.load(known[vocal.name])[0]),
        ]
        for _, backing in ways:
            pipeline.load_backing(backing, pipeline.common_rate(vocal, backing))  # what was done before is there
        used = dict.fromkeys((what for what, _ in ways), math.inf)
        for turn in range(
            number, number + 3
        ):  # the least of three: what neighbours on the machine take is not the take's
            for what, backing in ways[turn % 4 :] + ways[: turn % 4]:
                start_s = time.process_time()
                pipeline.mix(vocal, backing, outputs=pipeline.Outputs(mix=folder / "mix.wav"))
                used[what] = min(used[what], time.process_time() - start_s)
        for what in used.keys() - {"file"} if number else ():  # the first warms up
            ratios.setdefault(what, []).append(used[what] / used["file"])
    for what, found in sorted(ratios.items()):
        spread = f"{min(found):.2f} to {max(found):.2f} of the CPU of a file, {len(found)} rounds"
        print(f"{what}: saves {1 - statistics.median(found):.0%}; {spread}")


def memory(folder: Path, options: argparse.Namespace) -> None:
    """Peak memory of one worker as jobs go by."""
    names = prepare(folder, options.data, pairs=options.pairs, seconds=options.seconds or 5.0)
    mixer = Mixer(Places(str(folder), str(folder / "out"), str(folder / "catalog")), 1800.0)
    takes = read_manifest(manifest(folder, names, options.takes)).takes
    shared: dict[object, object] = {}
    for number, take in enumerate(sorted(takes, key=lambda take: take.backing), 1):
        if take.backing not in shared:
            shared.clear()
            shared[take.backing] = mixer.load(take)
        (folder / "out" / mixer(take, shared[take.backing])["output"]).unlink()  # type: ignore[arg-type]
        if number in (10, 50, 100, 200, 300, 500, 1000) or number == len(takes):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            held = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
            print(f"{number:5} jobs: {held:5.0f} MB now, {peak:5.0f} MB at most", flush=True)


def workers(folder: Path, options: argparse.Namespace) -> None:
    """What a second worker brings: ratio of wall times, and of CPU a take, which is what contention costs."""
    names = prepare(folder, options.data, pairs=options.pairs, seconds=SECONDS)
    listed = manifest(folder, names, options.takes)
    found = {count: batch(folder, listed, count) for count in (1, 2, 1, 2)}
    (one_cpu, one_wall), (two_cpu, two_wall) = found[1], found[2]
    print(f"wall: {one_wall:.1f} s with one worker, {two_wall:.1f} s with two: {one_wall / two_wall:.2f}x")
    print(f"CPU: {one_cpu:.1f} s and {two_cpu:.1f} s: {2 * one_cpu / two_cpu:.2f}x on two free cores")
    print(f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


class Unfenced:
    """Reads as a guard does, in this process."""

    def probe(self, path: Path, **_: object) -> io.Info:
        """Read a header."""
        return io.probe(path)

    def read(self, path: Path, *, sample_rate: int, **_: object) -> Audio:
        """Read a sound."""
        return io.read(path, sample_rate=sample_rate)


def fence(folder: Path, options: argparse.Namespace) -> None:
    """What decoding behind the fence takes more than decoding in the process that mixes, interleaved."""
    names = prepare(folder, options.data, pairs=options.pairs, seconds=SECONDS)
    places = Places(str(folder), str(folder / "out"), str(folder / "catalog"))
    used: dict[str, list[tuple[float, float]]] = {"plain": [], "fenced": []}
    with io.Guard() as guard:
        begin_s = time.perf_counter()
        guard.enforced  # noqa: B018 - starts the process
        print(f"a worker's decoder: {time.perf_counter() - begin_s:.2f} s until it is there, once", end=", ")
        print(f"{tree_cpu_s() - time.process_time():.2f} s of CPU", flush=True)
        for number in range(options.rounds + 1):
            take = read_manifest(manifest(folder, [names[number % len(names)]], 1)).takes[0]
            for what, reader in (("plain", Unfenced()), ("fenced", guard))[:: 1 if number % 2 else -1]:
                setattr(batch_mixer, "_guard", lambda _, reader=reader: reader)  # noqa: B010
                found = take_cpu_s(Mixer(places, 1800.0), take)
                if number:  # the first warms up
                    used[what].append(found)
    ratios = [fenced[0] / plain[0] for fenced, plain in zip(used["fenced"], used["plain"], strict=True)]
    print(f"a take: {statistics.median(ratios):.3f} of the CPU ({min(ratios):.2f} to {max(ratios):.2f})")
    for part, name in enumerate(("a take", "its backing, once for neighbours")):
        plain_s, fenced_s = (statistics.median(pair[part] for pair in used[what]) for what in ("plain", "fenced"))
        print(f"{name}: {1000 * plain_s:.0f} ms, behind the fence {1000 * (fenced_s - plain_s):+.0f} ms")
    print(f"{len(ratios)} rounds, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def take_cpu_s(mixer: Mixer, take: Take) -> tuple[float, float]:
    """Mix a take as a worker does; gives the CPU seconds of the take and of reading and measuring its backing."""
    at_s = [tree_cpu_s()]
    mixer.key(take)
    at_s.append(tree_cpu_s())
    shared = mixer.load(take)
    at_s.append(tree_cpu_s())
    mixer(take, shared)
    at_s.append(tree_cpu_s())
    return at_s[3] - at_s[2] + at_s[1] - at_s[0], at_s[2] - at_s[1]


def tree_cpu_s() -> float:
    """Count the CPU seconds of this process, of its children, and of what those have waited for."""
    time.sleep(0.1)  # until what has just ended is counted
    used_s, here = time.process_time(), Path("/proc/self")
    for child in (here / "task" / here.resolve().name / "children").read_text().split():
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        used_s += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return used_s


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("cost", "saving", "memory", "workers", "fence"))
    parser.add_argument("--takes", type=int, default=100)
    parser.add_argument("--formats", default="wav,m4a,opus,ogg")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--vocal-rate", type=int, help="Hz of the vocals, for `saving`; that of their backings unless told"
    )
    parser.add_argument("--seconds", type=float, help="length of a take, for `cost` (60) and `memory` (5)")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    options = parser.parse_args()
    keep_freed_blocks()  # as workers do
    kinds = {"cost": cost, "saving": saving, "memory": memory, "workers": workers, "fence": fence}
    with tempfile.TemporaryDirectory(prefix="sitwell-bench-") as folder:
        kinds[options.what](Path(folder), options)


if __name__ == "__main__":
    main()
