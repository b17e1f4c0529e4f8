"""The core's own functions keep the errors that math.hpp states."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from sitwell.core._core import elementary

Floats = npt.NDArray[np.float64]
Long = npt.NDArray[np.longdouble]
RNG = np.random.default_rng(1770)
COUNT = 200_000


def uniform(low: float, high: float) -> Floats:
    """Draw arguments."""
    return RNG.uniform(low, high, COUNT)


def powers_of_two(low: float, high: float) -> Floats:
    """Draw arguments of which the logarithm is uniform, exact in float32."""
    return np.exp2(uniform(low, high)).astype(np.float32).astype(np.float64)


ABSOLUTE: list[tuple[str, Floats, Callable[[Long], Long], float]] = [
    ("sin", uniform(-1e4, 1e4), np.sin, 3e-16),
    ("cos", uniform(-1e4, 1e4), np.cos, 3e-16),
    ("fast_log2", powers_of_two(-16, 16), np.log2, 1.2e-6),
    ("fast_gain_to_db", powers_of_two(-16, 16), lambda x: 20 * np.log10(x), 1e-5),
    ("gain_to_db", 10 ** uniform(-10, 10), lambda x: 20 * np.log10(x), 1e-13),
]
RELATIVE: list[tuple[str, Floats, Callable[[Long], Long], float]] = [
    ("exp", uniform(-700, 700), np.exp, 4e-16),
    ("tan", uniform(0, 1.57), np.tan, 1e-15),
    ("exp2", uniform(-1000, 1000), np.exp2, 2e-13),
    ("db_to_gain", uniform(-200, 200), lambda x: 10 ** (x / 20), 1e-14),
    ("fast_exp2", uniform(-126, 126).astype(np.float32).astype(np.float64), np.exp2, 3e-7),
    ("fast_db_to_gain", uniform(-100, 100).astype(np.float32).astype(np.float64), lambda x: 10 ** (x / 20), 1e-6),
]
LOGARITHMS: list[tuple[str, Callable[[Long], Long], float]] = [
    ("log", np.log, 3e-16),
    ("log2", np.log2, 5e-16),
    ("log10", np.log10, 5e-16),
]


@pytest.mark.parametrize(("name", "x", "reference", "bound"), ABSOLUTE, ids=[case[0] for case in ABSOLUTE])
def test_absolute_error_is_as_stated(name: str, x: Floats, reference: Callable[[Long], Long], bound: float) -> None:
    exact = reference(x.astype(np.longdouble))
    assert float(np.abs(elementary(name, x) - exact).max()) < bound


@pytest.mark.parametrize(("name", "x", "reference", "bound"), RELATIVE, ids=[case[0] for case in RELATIVE])
def test_relative_error_is_as_stated(name: str, x: Floats, reference: Callable[[Long], Long], bound: float) -> None:
    exact = reference(x.astype(np.longdouble))
    assert float(np.abs(elementary(name, x) / exact - 1).max()) < bound


@pytest.mark.parametrize(("name", "reference", "bound"), LOGARITHMS, ids=[case[0] for case in LOGARITHMS])
def test_logarithms_keep_their_error_from_the_smallest_to_the_largest(
    name: str, reference: Callable[[Long], Long], bound: float
) -> None:
    x = 10 ** uniform(-307, 308)
    exact = reference(x.astype(np.longdouble))
    assert float((np.abs(elementary(name, x) - exact) / np.maximum(1, np.abs(exact))).max()) < bound


@pytest.mark.parametrize("name", ["exp", "exp2", "db_to_gain", "fast_exp2", "fast_db_to_gain"])
def test_zero_decibels_are_exactly_one(name: str) -> None:
    assert elementary(name, np.zeros(1))[0] == 1.0


def test_no_gain_is_minus_infinity() -> None:
    assert elementary("gain_to_db", np.array([0.0, -1.0])).tolist() == [-np.inf, -np.inf]


def test_denormal_numbers_have_logarithms() -> None:
    x = np.array([5e-324, 1e-310])
    assert elementary("log", x) == pytest.approx(np.log(x), rel=1e-15)
