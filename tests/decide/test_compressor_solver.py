"""The solver: what it predicts is what rendering gives, within its limits."""

import numpy as np
import pytest

from sitwell import core
from sitwell.audio import Audio
from sitwell.decide.compressor_solver import (
    MAX_MEAN_REDUCTION_DB,
    RATIOS,
    VocalEnvelope,
    crest_factor_squared,
    envelope_of,
    solve,
)
from sitwell.effects import Compressor
from sitwell.plan import MixPlan
from sitwell.render import vocal_energies
from tests.songs import voice

START = Compressor(enabled=True, attack_ms=8.0, release_ms=120.0)


@pytest.fixture(scope="module")
def vocal() -> Audio:
    return voice(60.0, 44100, swing_db=12.0)


@pytest.fixture(scope="module")
def envelope(vocal: Audio) -> VocalEnvelope:
    return envelope_of(MixPlan(), vocal)


def rendered_range_lu(compressor: Compressor, vocal: Audio) -> float:
    plan = MixPlan()
    return core.loudness_range_lu(
        vocal_energies(plan.replace(vocal=plan.vocal.replace(compressor=compressor.rounded())), vocal)
    )


@pytest.mark.parametrize("range_lu", [10.0, 12.0, 14.0, 16.0])
def test_the_range_predicted_is_the_range_rendered(vocal: Audio, envelope: VocalEnvelope, range_lu: float) -> None:
    solved = solve(envelope, range_lu=range_lu, start=START)
    assert rendered_range_lu(solved.compressor, vocal) == pytest.approx(solved.predicted_lu, abs=0.5)  # LU
    if not solved.limit_reached:
        assert solved.predicted_lu == pytest.approx(range_lu, abs=0.2)  # LU


def test_envelope_measures_the_range_of_the_sound(vocal: Audio, envelope: VocalEnvelope) -> None:
    exact = core.loudness_range_lu(vocal_energies(MixPlan(), vocal))
    assert core.loudness_range_lu(envelope.pieces()) == pytest.approx(exact, abs=0.1)  # LU


def test_what_cannot_be_reached_ends_at_the_limit(envelope: VocalEnvelope) -> None:
    solved = solve(envelope, range_lu=1.0, start=START)
    assert solved.limit_reached
    assert solved.mean_reduction_db <= MAX_MEAN_REDUCTION_DB
    assert solved.compressor.ratio <= 6.0


def test_the_gentlest_ratio_that_suffices_is_taken(envelope: VocalEnvelope) -> None:
    mild, strong = (solve(envelope, range_lu=range_lu, start=START).compressor.ratio for range_lu in (17.0, 12.0))
    assert mild == RATIOS[0]
    assert strong >= mild


def test_crest_factor_of_a_sine_is_two() -> None:
    time_s = np.arange(44100 * 4) / 44100
    sine = Audio.of(0.5 * np.sin(2 * np.pi * 997 * time_s), 44100)
    bare = MixPlan().set("vocal.highpass.enabled", False)
    # K-weighting at 1 kHz is +0.69 dB (BS.1770), a factor of 1.17 in power
    assert crest_factor_squared(envelope_of(bare, sine)) == pytest.approx(2.0 / 1.17, rel=0.03)
