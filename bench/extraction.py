"""How well the reverb of a vocal is heard, by singers and in responses that nothing was learned from; and its cost.

    python bench/extraction.py [--data FOLDER] [--takes 100] [--model BUNDLE] [--work FOLDER]

Takes are made of dry singing and real or made-up reverbs (tools/list-takes says who is kept for testing), measured, and
read by the model as `sitwell reverb extract` reads them. Beside it stand the median of professional presets, which
hears nothing, and the tail model alone: the decay and level that got most votes. Then real recordings: raw and produced
sides of the same vocals, karaoke takes, instruments. Last, the CPU time of a vocal of 60 s.
"""

import argparse
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from sitwell.analysis import OCTAVES_HZ, measure_track
from sitwell.analysis.tails import VOTE_DECAYS_S, VOTE_LEVELS_DB
from sitwell.audio import Audio
from sitwell.extraction import WET, Confidence, ReverbEstimate, estimate_reverb
from sitwell.extraction.estimate import TASK, likeness_of, read_octaves, whole
from sitwell.io import read
from sitwell.models import Bundle, default_bundle
from sitwell_training.equalizer.voices import read_voices
from sitwell_training.extraction.examples import JUDGED, Examples, Sources, make_examples
from sitwell_training.extraction.figures import judge, table
from sitwell_training.extraction.presets import read_decays

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("SITWELL_DATA", "../shared/data")))
    parser.add_argument("--takes", type=int, default=100, help="of each kind")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "model", help="lists and made takes")
    asked = parser.parse_args()
    bundle = default_bundle() if asked.model is None else Bundle.load(asked.model)
    sources = sources_of(asked.data, asked.work)
    presets = np.median(read_decays(Path(sources.presets)), axis=0)
    for kind in JUDGED:
        examples = make_examples(sources, kind, asked.takes, seed=1, cache=asked.work / "cache" / "takes")
        rows = {
            "presets' median": judge(examples, [constant(presets)] * len(examples.wet)),
            "tail model alone": judge(examples, [strongest(*each) for each in measured(examples)]),
            bundle.label: judge(examples, [*heard(bundle, examples)]),
        }
        print(f"\n### {kind.name}\n\n{table(rows)}", flush=True)
    recordings(asked.data, bundle)
    cost(asked.data, bundle)


def sources_of(data: Path, work: Path) -> Sources:
    """List singers and responses; what leaks into takes are the backings of karaoke takes."""
    subprocess.run([ROOT / "tools" / "list-takes", data, work], check=True, cwd=ROOT)
    backings = sorted(str(path) for path in data.glob("karaoke_takes/*/backing.flac"))
    presets = str(data / "vocal_presets" / "professional_vocal_presets.csv")
    return Sources.of(read_voices(work / "singers.jsonl"), read_voices(work / "responses.jsonl"), presets, backings)


def measured(examples: Examples) -> Sequence[tuple[np.ndarray, np.ndarray]]:
    """Pair votes and shares of each example."""
    return list(zip(examples.votes, examples.shares, strict=True))


def heard(bundle: Bundle, examples: Examples) -> Sequence[ReverbEstimate]:
    """Read examples as the product does."""
    octaves = bundle.run(TASK, {"features": examples.features})["octaves"].astype(np.float64)
    config = bundle.config["tasks"][TASK]
    return [read_octaves(row, shares, config) for row, shares in zip(octaves, examples.shares, strict=True)]


def constant(presets: np.ndarray) -> ReverbEstimate:
    """Say of every vocal what is usual."""
    decay_s = np.concatenate([[presets[0]] * 2, presets])
    return _estimate(decay_s, np.full(7, -13.0), np.full(7, 1.0 / 7.0))


def strongest(votes: np.ndarray, shares: np.ndarray) -> ReverbEstimate:
    """Take in each octave the decay with most votes, and the level with most votes for that decay."""
    row = votes.sum(axis=2).argmax(axis=1)
    column = np.take_along_axis(votes, row[:, None, None], axis=1)[:, 0].argmax(axis=1)
    return _estimate(VOTE_DECAYS_S[row], VOTE_LEVELS_DB[column], shares)


def _estimate(decay_s: np.ndarray, octaves_db: np.ndarray, shares: np.ndarray) -> ReverbEstimate:
    names = [str(hz) for hz in OCTAVES_HZ]
    return_db, clarity_db = whole(decay_s, octaves_db, shares)
    levels = dict(zip(names, octaves_db.tolist(), strict=True))
    decays = dict(zip(names, decay_s.tolist(), strict=True))
    return ReverbEstimate(
        WET, decays, float(return_db), float(clarity_db), None, Confidence(dict.fromkeys(names, 0.0)), levels
    )


def recordings(data: Path, bundle: Bundle) -> None:
    """Say what is heard in real recordings."""
    folders = {
        "vocals as recorded": sorted(data.glob("dry_wet_vocals/*/dry.mp3")),
        "the same, produced": sorted(data.glob("dry_wet_vocals/*/wet.mp3")),
        "karaoke takes": sorted(data.glob("karaoke_takes/*/vocal.flac")),
        "instruments": [file for file in sorted(data.glob("raw_multitracks/*/*.flac")) if "vocals" not in file.name],
    }
    print("\n### Real recordings\n\n| what | wet | dry | unknown | return when wet, dB |")
    print("|---|---|---|---|---|")
    for name, files in folders.items():
        found = [estimated(file, bundle) for file in files]
        counts = Counter(estimate.verdict for estimate in found)
        levels = [estimate.return_db for estimate in found if estimate.return_db is not None]
        level = f"{np.median(levels):.1f}" if levels else "-"
        print(f"| {name} | {counts['wet']} | {counts['dry']} | {counts['unknown']} | {level} |", flush=True)


def estimated(file: Path, bundle: Bundle) -> ReverbEstimate:
    """Do what the command does with a file."""
    audio = read(file)
    return estimate_reverb(audio, measure_track(audio), bundle)


def cost(data: Path, bundle: Bundle) -> None:
    """Time the extraction of 60 s, beside the analysis that every mix makes."""
    audio = read(sorted(data.glob("pairs/sep_us_*/vocals.ogg"))[0])
    audio = Audio(audio.samples[:, : 60 * audio.sample_rate], audio.sample_rate)
    track = measure_track(audio)
    rows: dict[str, Callable[[], object]] = {
        "analysis": lambda: measure_track(audio),
        "is it a voice": lambda: likeness_of(audio, track, bundle),
        "extraction in a mix": lambda: estimate_reverb(audio, track, bundle, likeness=1.0),
    }
    print("\n### CPU time of 60 s of stereo, medians of 5 interleaved rounds\n\n| what | s |\n|---|---|")
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(5):
        for name, call in rows.items():
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
    for name, seconds in times.items():
        print(f"| {name} | {np.median(seconds):.3f} |")


if __name__ == "__main__":
    main()
