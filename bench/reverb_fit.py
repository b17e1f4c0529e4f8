"""How near our reverb comes to real impulse responses, and what finds its knobs best at equal budget.

    python bench/reverb_fit.py FOLDER [--budget 400] [--seed 0] [--workers 2]

FOLDER holds impulse responses in any depth of folders. Each is scaled to unit energy first, as files are scaled to
their peak. Contestants: the analytic seed alone; CMA-ES as shipped, which may stop early; and with exactly as many
responses tried: random search over all of the knobs' ranges, random search near the seed, and a plain genetic
algorithm that starts near the seed (tournament of 3, blended crossover, Gaussian mutation, the best one kept).
All minimize the same distance. The steps and weights of the search were chosen on the responses marked *; the others
were held out, and are summed up apart.
"""

import argparse
import resource
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np

from sitwell import io
from sitwell.analysis import measure_response
from sitwell.audio import Audio
from sitwell.fit import reverb_response
from sitwell.fit.search import FIRST_STEPS, Cost, Floats, Problem, search_cma, with_level

SUFFIXES = {".wav", ".flac", ".aif", ".aiff"}
BANDS = ("500", "1000", "2000", "4000")
TUNED_EVERY = 3  # of the sorted files: those the search was tuned on
NAMES = ("seed", "random", "near seed", "genetic", "CMA-ES")
Search = Callable[[Cost, Floats, int, np.random.Generator], Floats]


def main() -> None:
    """Fit all responses with all contestants and print a line each, then medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budget", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    files = sorted(path for path in asked.folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    print(f"{'':26}" + "".join(f"{name:>11}" for name in NAMES) + "   CMA-ES: T60    level  relief  tried   CPU")
    tuned = [number % TUNED_EVERY == 0 for number in range(len(files))]
    rows = []
    with ProcessPoolExecutor(asked.workers) as pool:
        for file, used, row in zip(
            files, tuned, pool.map(compared, files, repeat(asked.budget), repeat(asked.seed)), strict=True
        ):
            rows.append(row)
            print(line(file, row, mark="*" if used else " "), flush=True)
    for words, chosen in (("all", [True] * len(rows)), ("held out", [not used for used in tuned]), ("tuned on", tuned)):
        summary(words, [row for row, use in zip(rows, chosen, strict=True) if use])


def compared(file: Path, budget: int, seed: int) -> dict[str, float]:
    """Fit one response with every contestant: distances in just noticeable differences, and errors of CMA-ES."""
    audio = unit_energy(io.read(file))
    problem = Problem(audio)
    start, begun_s = problem.position(problem.seed), cpu_s()
    best = search_cma(
        problem.cost, problem.start(), FIRST_STEPS, rng=np.random.default_rng(seed), evaluations=budget - 10
    )
    took_s, tried = cpu_s() - begun_s, problem.evaluations
    searches: dict[str, Search] = {"random": search_random, "near seed": search_near, "genetic": search_genetic}
    found = {name: search(problem.cost, start, tried, np.random.default_rng(seed)) for name, search in searches.items()}
    positions = {"seed": start} | found | {"CMA-ES": best}
    row = {name: problem.target.distance(problem.reverb(position)).jnd for name, position in positions.items()}
    return row | errors(problem, audio.sample_rate, best) | {"tried": tried, "cpu_s": took_s}


def line(file: Path, row: dict[str, float], *, mark: str) -> str:
    """Write one response's distances, then what CMA-ES got."""
    return (
        f"{mark}{file.stem[:24]:<25}" + "".join(f"{row[name]:11.2f}" for name in NAMES)
        + f"{100 * row['decay']:11.1f} % {row['level_db']:5.2f} {row['relief_db']:6.2f} {row['tried']:6.0f} "
        f"{row['cpu_s']:5.1f} s"
    )  # fmt: skip


def errors(problem: Problem, sample_rate: int, position: Floats) -> dict[str, float]:
    """Measure the finished fit: median error of T60 at 500 Hz to 4 kHz, level, relief of the fit and of the seed."""
    reverb = with_level(problem.reverb(position), problem.response)
    got = measure_response(reverb_response(reverb, sample_rate))
    pairs = [(got.decay_s[band], problem.response.decay_s[band]) for band in BANDS]
    decays = [abs(ours / wanted - 1) for ours, wanted in pairs if ours is not None and wanted is not None]
    return {
        "decay": statistics.median(decays),
        "clarity_db": abs(got.early_to_late_db - problem.response.early_to_late_db),
        "level_db": abs(got.level_db - problem.response.level_db),
        "relief_db": problem.target.distance(reverb).relief_db,
        "seed_relief_db": problem.target.distance(problem.seed).relief_db,
    }


def search_random(cost: Cost, start: Floats, evaluations: int, rng: np.random.Generator) -> Floats:
    """Take the best of the start and of positions anywhere."""
    return min([start, *rng.uniform(size=(evaluations - 1, len(start)))], key=cost)


def search_near(cost: Cost, start: Floats, evaluations: int, rng: np.random.Generator) -> Floats:
    """Take the best of the start and of positions around it, spread like the first generation of CMA-ES."""
    return min([start, *(start + FIRST_STEPS * rng.standard_normal((evaluations - 1, len(start))))], key=cost)


def search_genetic(cost: Cost, start: Floats, evaluations: int, rng: np.random.Generator) -> Floats:
    """Breed: a population of 20 near the start, parents by tournament, children blended and mutated."""
    size = 20
    people = [start, *(start + FIRST_STEPS * rng.standard_normal((size - 1, len(start))))]
    costs = [cost(one) for one in people]
    for _ in range((evaluations - size) // (size - 1)):
        elite = int(np.argmin(costs))
        children = []
        for _ in range(size - 1):
            first, second = (people[min(rng.integers(size, size=3), key=costs.__getitem__)] for _ in range(2))
            blend = rng.uniform(-0.25, 1.25, len(start))
            mutated = rng.uniform(size=len(start)) < 0.25
            children.append(
                blend * first + (1 - blend) * second + mutated * 0.5 * FIRST_STEPS * rng.standard_normal(len(start))
            )
        people, costs = [people[elite], *children], [costs[elite], *(cost(child) for child in children)]
    return people[int(np.argmin(costs))]


def summary(words: str, rows: list[dict[str, float]]) -> None:
    """Print medians, and by how much CMA-ES is below the others in the median of the ratios."""
    if not rows:
        return
    middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    print(f"\n{words}: {len(rows)} responses, medians")
    print("  distance in just noticeable differences: " + ", ".join(f"{name} {middle[name]:.2f}" for name in NAMES))
    for name in NAMES[:-1]:
        gain = statistics.median(1 - row["CMA-ES"] / row[name] for row in rows)
        print(f"  CMA-ES below {name}: {100 * gain:.0f} %, better in {sum(r['CMA-ES'] < r[name] for r in rows)}")
    print(
        f"  CMA-ES: T60 {100 * middle['decay']:.1f} % at 500 Hz to 4 kHz, level {middle['level_db']:.2f} dB, "
        f"clarity {middle['clarity_db']:.2f} dB, relief {middle['relief_db']:.2f} dB (seed "
        f"{middle['seed_relief_db']:.2f}), {sum(row['relief_db'] <= 2.5 for row in rows)} within 2.5 dB; "
        f"{middle['cpu_s']:.1f} s of CPU, at most {max(row['cpu_s'] for row in rows):.1f} s"
    )


def unit_energy(audio: Audio) -> Audio:
    """Scale a response so that its channels have energy 1 in the mean."""
    gain = (0.5 * float((audio.samples.astype(np.float64) ** 2).sum())) ** -0.5
    return Audio.of(audio.samples * np.float32(gain), audio.sample_rate, name=audio.name)


def cpu_s() -> float:
    """Sum user and system seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
