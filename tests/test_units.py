"""Units: the two conventions of vocal level are not confused, and conversions undo each other."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitwell.units import db_to_gain, gain_to_db, power_to_db, vbr_to_vmr, vmr_to_vbr

ROUNDED_IN_TABLE = 0.06  # dB: the table is given to one or two decimals


@pytest.mark.parametrize(
    ("vmr_db", "vbr_lu"),
    [
        (-7, -6.0), (-6, -4.7), (-5.2, -3.6), (-5, -3.35), (-4, -1.8), (-3.5, -0.9), (-3, 0.0),
        (-2.5, 1.1), (-2, 2.3), (-1.5, 3.9), (-1, 5.9),
    ],
)  # fmt: skip
def test_vocal_to_mix_becomes_vocal_to_backing(vmr_db: float, vbr_lu: float) -> None:
    assert vmr_to_vbr(vmr_db) == pytest.approx(vbr_lu, abs=ROUNDED_IN_TABLE)


@pytest.mark.parametrize(
    ("vbr_lu", "vmr_db"), [(-6, -7.0), (-4, -5.5), (-3, -4.8), (-2, -4.1), (0, -3.0), (2, -2.1), (3, -1.8)]
)
def test_vocal_to_backing_becomes_vocal_to_mix(vbr_lu: float, vmr_db: float) -> None:
    assert vbr_to_vmr(vbr_lu) == pytest.approx(vmr_db, abs=ROUNDED_IN_TABLE)


def test_equal_powers_are_three_db_below_their_sum() -> None:
    assert vbr_to_vmr(0.0) == pytest.approx(-10 * math.log10(2), abs=1e-12)  # dB, exact


@given(st.floats(-60, 20))
def test_the_two_vocal_levels_undo_each_other(vbr_lu: float) -> None:
    assert vmr_to_vbr(vbr_to_vmr(vbr_lu)) == pytest.approx(vbr_lu, abs=1e-9)  # LU, rounding of float64


@given(st.floats(-60, 20), st.floats(0.01, 10))
def test_a_louder_vocal_is_louder_in_both_conventions(vbr_lu: float, more_lu: float) -> None:
    assert vbr_to_vmr(vbr_lu + more_lu) > vbr_to_vmr(vbr_lu)


@pytest.mark.parametrize("vmr_db", [0.0, 0.5, 20.0])
def test_a_vocal_cannot_be_louder_than_its_mix(vmr_db: float) -> None:
    with pytest.raises(ValueError, match="below 0 dB"):
        vmr_to_vbr(vmr_db)


@given(st.floats(-300, 300))
def test_gain_and_db_undo_each_other(db: float) -> None:
    assert gain_to_db(db_to_gain(db)) == pytest.approx(db, abs=1e-9)  # dB, rounding of float64


def test_six_db_double_the_amplitude_and_three_db_the_power() -> None:
    assert db_to_gain(20 * math.log10(2)) == pytest.approx(2.0, rel=1e-12)
    assert power_to_db(2.0) == pytest.approx(3.0103, abs=1e-4)  # dB


def test_silence_is_minus_infinity_db() -> None:
    assert gain_to_db(0.0) == -math.inf
    assert power_to_db(0.0) == -math.inf
    assert vbr_to_vmr(-math.inf) == -math.inf
