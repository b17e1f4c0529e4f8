"""Searches the knobs of our reverb for the response nearest to one that was measured.

The analytic seed (seed.py) comes first; CMA-ES (Hansen, "The CMA evolution strategy: a tutorial", arXiv 1604.00772)
then moves the knobs that closed forms leave open or only approximate. Pre-delay and width stay as they were measured;
the return level follows from each candidate's energy.
"""

import dataclasses
import itertools
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell.analysis import Response, measure_response, measure_reverberation, response_notices
from sitwell.audio import Audio
from sitwell.effects import Reverb
from sitwell.errors import Notice
from sitwell.fit.relief import Distance, ReliefTarget
from sitwell.fit.response import reverb_response
from sitwell.fit.seed import LEAST_DIFFUSION, least_size, seed_reverb
from sitwell.knob import Knob
from sitwell.value import Json

Floats = npt.NDArray[np.float64]
Cost = Callable[[Floats], float]
Progress = Callable[[float], None]

# The knobs and the first steps of the search, as shares of their ranges; decay times are nearly right already.
STEPS = {
    "decay_low_s": 0.02, "decay_mid_s": 0.01, "decay_high_s": 0.02, "damping_hz": 0.1, "size": 0.1, "diffusion": 0.1,
    "low_cut_hz": 0.1, "high_cut_hz": 0.05,
}  # fmt: skip
SEARCHED = tuple(STEPS)
DEFAULT_EVALUATIONS = 1000
_SIZES, _DIFFUSIONS = (0.6, 1.0, 1.5), (0.7, 0.85, 1.0)
_LEAST_TO_CHOOSE = 2 * (1 + len(_SIZES) * len(_DIFFUSIONS))  # a smaller budget goes to the search alone
_KEPT_ABOVE = np.array([name in ("size", "diffusion") for name in SEARCHED])
FIRST_STEPS = np.array(list(STEPS.values()))
_PATIENCE, _GAIN = 25, 0.005  # stop after so many generations that together gain less than this share


@dataclass(frozen=True)
class Fit:
    """The knobs (`reverb`), what was measured of the response and of the fit, and how near seed and fit come to it."""

    reverb: Reverb
    response: Response
    fitted: Response
    seed: Reverb
    seed_distance: Distance
    distance: Distance
    evaluations: int
    notices: tuple[Notice, ...] = ()

    @property
    def decay_errors(self) -> dict[str, float | None]:
        """Relative errors of T60 per octave, None where it is unknown in the response or the fit."""
        return {
            band: None if wanted is None or (got := self.fitted.decay_s[band]) is None else got / wanted - 1
            for band, wanted in self.response.decay_s.items()
        }

    def to_dict(self) -> Json:
        """Turn into plain JSON types: knobs, figures of the response and of the fit, errors, effort, warnings."""
        return {
            "reverb": self.reverb.to_dict(),
            "response": self.response.to_dict(),
            "fitted": self.fitted.to_dict(),
            "errors": {
                "decay": self.decay_errors,
                "level_db": self.fitted.level_db - self.response.level_db,
                "relief_db": self.distance.relief_db,
                "growth_db": self.distance.growth_db,
            },
            "seed": {"reverb": self.seed.to_dict(), "relief_db": self.seed_distance.relief_db},
            "evaluations": self.evaluations,
            "warnings": [dataclasses.asdict(notice) for notice in self.notices],
        }


class Problem:
    """A response to be matched as a function of the searched knobs in the unit cube."""

    def __init__(self, audio: Audio) -> None:
        self.response, reverberation = measure_reverberation(audio)
        self.target = ReliefTarget(self.response, reverberation)
        self.seed = seed_reverb(self.response)
        knobs = Reverb.knobs()
        self._knobs = [knob for name in SEARCHED if isinstance(knob := knobs[name], Knob)]
        self._least = self.position(self.seed.replace(diffusion=LEAST_DIFFUSION, size=least_size(self.seed)))
        self.evaluations = 0

    def reverb(self, position: Floats) -> Reverb:
        """Place the searched knobs (8,) in the seed; positions beyond what is allowed land on the ends."""
        inside = self._inside(position)
        values = {name: k.from_unit(float(p)) for name, k, p in zip(SEARCHED, self._knobs, inside, strict=True)}
        return self.seed.replace(**values).rounded()

    def position(self, reverb: Reverb) -> Floats:
        """Read the searched knobs of a reverb: (8,) in 0..1."""
        return np.array([k.to_unit(getattr(reverb, name)) for name, k in zip(SEARCHED, self._knobs, strict=True)])

    def _inside(self, position: Floats) -> Floats:
        """Bring a position into the unit cube, and to where neither single echoes nor single modes are heard."""
        low = np.where(_KEPT_ABOVE, self._least, 0.0)
        return np.clip(position, low, 1.0)

    def start(self) -> Floats:
        """Try the sizes and diffusions a closed form says nothing of, the seed among them: the best position (8,)."""
        seed = self.position(self.seed)
        candidates = [seed]
        for size, diffusion in itertools.product(_SIZES, _DIFFUSIONS):
            candidates.append(self.position(self.seed.replace(size=size, diffusion=diffusion)))
        return min(candidates, key=self.cost)

    def cost(self, position: Floats) -> float:
        """Measure the distance in just noticeable differences, more beyond the ends of the knobs."""
        self.evaluations += 1
        beyond = float(((position - self._inside(position)) ** 2).sum())
        return self.target.distance(self.reverb(position)).jnd + 10 * beyond


def fit_response(
    audio: Audio,
    *,
    rng: np.random.Generator,
    evaluations: int = DEFAULT_EVALUATIONS,
    progress: Progress = lambda _: None,
) -> Fit:
    """Find the knobs whose response comes nearest to a measured one; with 0 evaluations the analytic seed.

    Raises InputError as `measure_response` does.
    """
    problem = Problem(audio)
    start = problem.start() if evaluations >= _LEAST_TO_CHOOSE else problem.position(problem.seed)
    left = evaluations - problem.evaluations
    best = search_cma(problem.cost, start, FIRST_STEPS, rng=rng, evaluations=left, progress=progress)
    reverb = with_level(problem.reverb(best), problem.response)
    fitted = measure_response(reverb_response(reverb, audio.sample_rate))
    notices = response_notices(audio, problem.response)
    if abs(fitted.level_db - problem.response.level_db) > 0.5:
        text = (
            f"{audio.name}: its level of {problem.response.level_db:+.1f} dB is beyond what a return may have; "
            f"return_db is {reverb.return_db:g}"
        )
        notices = (
            *notices,
            Notice("reverb.level_limited", text),
        )
    return Fit(
        reverb, problem.response, fitted, problem.seed, problem.target.distance(problem.seed),
        problem.target.distance(reverb), problem.evaluations, notices,
    )  # fmt: skip


def search_cma(
    cost: Cost,
    start: Floats,
    steps: Floats,
    *,
    rng: np.random.Generator,
    evaluations: int,
    progress: Progress = lambda _: None,
) -> Floats:
    """Search with CMA-ES from a start (n,) with first steps (n,); the best position seen, the start included."""
    best, lowest = start, cost(start)
    if evaluations < 2:
        return best
    strategy, history = _strategy(start, steps, rng), [lowest]
    spent = 1
    while spent + strategy.popsize <= evaluations and not _settled(history):
        positions = strategy.ask()
        costs = [cost(np.asarray(position)) for position in positions]
        strategy.tell(positions, costs)
        spent += len(costs)
        if min(costs) < lowest:
            lowest, best = min(costs), np.asarray(positions[int(np.argmin(costs))])
        history.append(lowest)
        progress(spent / evaluations)
    return best


def _strategy(start: Floats, steps: Floats, rng: np.random.Generator) -> Any:
    """Make the strategy with our own random numbers, and without its global seed, files and words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of plotting libraries that are not there
        import cma  # here: nothing on the way to a mix may load it
    options = {
        "seed": math.nan, "randn": lambda *shape: rng.standard_normal(shape), "verbose": -9,
        "verb_disp": 0, "verb_log": 0, "CMA_stds": steps,
    }  # fmt: skip
    return cma.CMAEvolutionStrategy(start, 1.0, options)


def _settled(history: list[float]) -> bool:
    return len(history) > _PATIENCE and history[-1] > (1 - _GAIN) * history[-1 - _PATIENCE]


def with_level(reverb: Reverb, response: Response) -> Reverb:
    """Set the return so that the energy in the octave bands is that of the response."""
    plain = measure_response(reverb_response(reverb.replace(return_db=0.0), response.sample_rate))
    knob = Reverb.knobs()["return_db"]
    assert isinstance(knob, Knob)
    return reverb.replace(return_db=knob.clamp(response.level_db - plain.level_db))
