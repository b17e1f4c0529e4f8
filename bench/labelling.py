"""How fast songs are measured and labelled: seconds of song per second, and per second of CPU.

    python bench/labelling.py FOLDER [--songs 100] [--workers 2] [--rounds 3]

FOLDER holds `pairs`, the songs of this project, or plain pairs. Where it has fewer songs, they are copied under
further names with one byte more at their end, which makes them new to the cache and changes no sound. The cache is a
temporary folder, empty in each round.
"""

import argparse
import os
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from sitwell import io
from sitwell.songs import Song
from sitwell_training.adapters import Found, pairs, plain
from sitwell_training.prepare import prepare


def main() -> None:
    """Measure and print one line a round and their median."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--songs", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sitwell-labelling-") as name:
        place = Path(name)
        songs = repeated(found_in(asked.folder), asked.songs, place / "songs")
        seconds = sum(io.probe(song.vocal).seconds or 0.0 for song in songs)
        print(f"{len(songs)} songs, {seconds / 60:.1f} min of song, {asked.workers} workers, {os.cpu_count()} cores")
        speeds = [one_round(songs, seconds, place / f"cache {number}", asked.workers) for number in range(asked.rounds)]
    print(f"median: {statistics.median(speeds):.0f} x real time")


def one_round(songs: list[Song], seconds: float, cache: Path, workers: int) -> float:
    """Label all songs into an empty cache and give the speed against real time."""
    start_s, start_cpu_s = time.perf_counter(), cpu_s()
    prepared = prepare(songs, cache=cache, workers=workers)
    took_s, took_cpu_s = time.perf_counter() - start_s, cpu_s() - start_cpu_s
    start_s = time.perf_counter()
    prepare(songs, cache=cache, workers=workers)
    again_s = time.perf_counter() - start_s
    shutil.rmtree(cache)
    print(
        f"{took_s:.1f} s ({seconds / took_s:.0f} x real time), CPU {took_cpu_s:.1f} s "
        f"({seconds / took_cpu_s:.0f} x), {len(prepared.skipped)} skipped, from the cache {again_s:.1f} s"
    )
    return seconds / took_s


def cpu_s() -> float:
    """Sum user and system seconds of this process and of those that ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def found_in(folder: Path) -> list[Song]:
    """List pairs, all to train with."""
    find = pairs.find if (folder / "pairs").is_dir() or (folder.parent / "MANIFEST.csv").is_file() else plain.find
    listed = [item for item in find(folder) if isinstance(item, Found)]
    return [Song(item.id, item.artist, str(item.vocal[0].path), str(item.backing[0].path)) for item in listed]


def repeated(songs: list[Song], count: int, place: Path) -> list[Song]:
    """Give `count` songs with different content, copies where there are too few."""
    made = songs[:count]
    for number in range(len(songs), count):
        song, copy = songs[number % len(songs)], place / str(number)
        copy.mkdir(parents=True)
        files = [Path(shutil.copy(path, copy / Path(path).name)) for path in (song.vocal, song.backing)]
        for file in files:
            with file.open("ab") as opened:
                opened.write(b"\0" * (number // len(songs)))
        made.append(song.replace(id=f"{song.id} {number}", vocal=str(files[0]), backing=str(files[1])))
    return made


if __name__ == "__main__":
    main()
