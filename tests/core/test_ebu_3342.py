"""EBU Tech 3342, table 1: loudness range of synthesised tones, and what the range must not depend on."""

import numpy as np
import pytest

from sitwell import core
from tests.core.sounds import Floats, gain
from tests.core.test_ebu_3341 import Parts, energies, tones

CASES: dict[str, tuple[Parts, float]] = {
    "1": ([(-20, 20), (-30, 20)], 10),
    "2": ([(-20, 20), (-15, 20)], 5),
    "3": ([(-40, 20), (-20, 20)], 20),
    "4": ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15),
}


@pytest.mark.parametrize("case", CASES)
def test_loudness_range_of_tones(case: str) -> None:
    parts, expected = CASES[case]
    assert core.loudness_range_lu(energies(tones(parts))) == pytest.approx(expected, abs=0.3)  # LU; the standard's is 1


def programme(seed: int) -> Floats:
    """Make 100 ms energies that wander as a programme does: 3 minutes."""
    level_db = np.cumsum(np.random.default_rng(seed).normal(0, 0.7, 1800))
    return np.asarray(10 ** ((level_db - level_db.max() - 15) / 10))


def reference_range_lu(energy: Floats) -> float:
    """Tech 3342 section 3, as its own text computes it, with NumPy."""
    windows = np.lib.stride_tricks.sliding_window_view(energy, 30).mean(axis=1)
    windows = windows[windows >= 10 ** ((-70 + 0.691) / 10)]
    windows = windows[windows >= windows.mean() / 100]
    return float(np.diff(np.percentile(10 * np.log10(windows), [10, 95], method="nearest"))[0])


@pytest.mark.parametrize("seed", range(5))
def test_loudness_range_is_the_reference_computation(seed: int) -> None:
    """Stands in for cases 5 and 6, which are recordings."""
    energy = programme(seed)
    found = core.loudness_range_lu(energy)
    assert found == pytest.approx(reference_range_lu(energy), abs=0.05)  # LU, one rank up or down


def test_loudness_range_does_not_depend_on_gain_or_silence() -> None:
    energy = programme(9)
    found = core.loudness_range_lu(energy)
    assert core.loudness_range_lu(energy * gain(-6) ** 2) == pytest.approx(found, abs=1e-9)  # LU
    assert core.loudness_range_lu(np.concatenate([energy, np.zeros(600)])) == pytest.approx(found, abs=0.3)  # LU


@pytest.mark.parametrize("count", [0, 1, 29])
def test_less_than_three_seconds_have_no_range(count: int) -> None:
    assert core.loudness_range_lu(np.full(count, 0.1)) == 0.0


def test_silence_has_no_range_and_no_loudness() -> None:
    assert core.loudness_range_lu(np.zeros(100)) == 0.0
    assert core.integrated_lufs(np.zeros(100)) == -np.inf
