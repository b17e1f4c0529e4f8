"""The search: it finds our own knobs again, betters the seed, repeats itself, and says what it could not reach."""

import numpy as np
import pytest

from sitwell.audio import Audio
from sitwell.effects import Reverb
from sitwell.errors import InputError
from sitwell.fit import Fit, fit_response, reverb_response
from sitwell.fit.search import Problem, search_cma
from tests.analysis.test_response import decaying_noise

RATE = 32000


def fitted(audio: Audio, evaluations: int = 120, seed: int = 0) -> Fit:
    return fit_response(audio, rng=np.random.default_rng(seed), evaluations=evaluations)


def room(decay_s: float = 0.5, level_db: float = -6.0) -> Audio:
    """Make a response that is not ours: noise, brighter at first."""
    late = decaying_noise(decay_s, 1.3 * decay_s, rate=RATE, level_db=level_db)
    early = decaying_noise(0.3 * decay_s, 1.3 * decay_s, rate=RATE, level_db=level_db, seed=1)
    early[:, 1:] -= early[:, :-1].copy()
    return Audio.of(late + early, RATE)


def test_search_finds_the_lowest_place_of_a_valley_and_repeats_itself() -> None:
    place = np.array([0.3, 0.6, 0.5])

    def cost(position: np.ndarray) -> float:
        return float(((position - place) ** 2 * [1.0, 10.0, 100.0]).sum())

    def search(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return search_cma(cost, np.full(3, 0.8), np.full(3, 0.1), rng=rng, evaluations=600)

    assert search(0) == pytest.approx(place, abs=1e-3)
    assert np.array_equal(search(0), search(0))
    assert not np.array_equal(search(0), search(1))


def test_search_leaves_the_random_numbers_of_others_alone() -> None:
    np.random.seed(5)
    before = np.random.get_state()[1].copy()  # type: ignore[index]
    search_cma(lambda x: float(x @ x), np.ones(2), np.full(2, 0.1), rng=np.random.default_rng(0), evaluations=60)
    assert np.array_equal(np.random.get_state()[1], before)  # type: ignore[index]


def test_budget_is_kept() -> None:
    problem = Problem(room())
    seen: list[int] = []

    def cost(position: np.ndarray) -> float:
        seen.append(1)
        return problem.cost(position)

    search_cma(cost, problem.position(problem.seed), np.full(8, 0.05), rng=np.random.default_rng(0), evaluations=35)
    assert len(seen) <= 35
    assert all(fitted(room(), evaluations=budget).evaluations <= budget for budget in (5, 35))


def test_search_betters_the_seed_and_keeps_level_and_predelay() -> None:
    found = fitted(room())
    assert found.distance.jnd < 0.9 * found.seed_distance.jnd
    assert found.distance.relief_db < found.seed_distance.relief_db
    assert found.fitted.level_db == pytest.approx(found.response.level_db, abs=0.05)  # dB
    assert found.reverb.predelay_ms == found.seed.predelay_ms


def test_our_own_knobs_are_found_again() -> None:
    asked = Reverb(return_db=-7.0, predelay_ms=20.0, decay_low_s=0.7, decay_mid_s=0.8, decay_high_s=0.5, size=0.7)
    found = fitted(reverb_response(asked, RATE), evaluations=300)
    assert found.distance.relief_db < 1.0  # dB, a JND of level
    errors = [abs(error) for error in found.decay_errors.values() if error is not None]
    assert np.median(errors) < 0.05  # a JND of decay time
    assert found.reverb.return_db == pytest.approx(-7.0, abs=0.7)  # dB


def test_no_budget_gives_the_seed() -> None:
    found = fitted(room(), evaluations=0)
    assert found.reverb.replace(return_db=0.0) == found.seed.replace(return_db=0.0)


def test_level_beyond_the_knob_is_said() -> None:
    found = fitted(room(level_db=40.0), evaluations=0)
    assert found.reverb.return_db == 20.0
    assert "reverb.level_limited" in [notice.code for notice in found.notices]
    assert "reverb.level_limited" not in [notice.code for notice in fitted(room(), evaluations=0).notices]


def test_noise_is_no_response() -> None:
    noise = np.random.default_rng(0).standard_normal((2, RATE))
    with pytest.raises(InputError, match="response.no_decay"):
        fitted(Audio.of(noise, RATE))


@pytest.mark.parametrize("seconds", [0.1, 20.0])
def test_short_and_long_responses_are_fitted(seconds: float) -> None:
    found = fitted(Audio.of(decaying_noise(0.5 * seconds, seconds, rate=RATE)[0], RATE), evaluations=0)
    expected_s = np.clip(0.5 * seconds, 0.2, 10.0)  # what the knob can do
    assert found.reverb.decay_mid_s == pytest.approx(expected_s, rel=0.05)


@pytest.mark.audio_data
def test_fit_of_a_real_plate(data) -> None:  # type: ignore[no-untyped-def]
    from sitwell import fit_reverb

    found = fit_reverb(data / "impulse_responses" / "emt140" / "emt_140_bright_1.flac", evaluations=150)
    errors = [abs(found.decay_errors[band] or 0.0) for band in ("500", "1000", "2000", "4000")]
    assert np.median(errors) < 0.05
    assert found.distance.relief_db < 2.5  # dB
