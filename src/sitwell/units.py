"""Conversions between the units of the field; knows only arithmetic."""

import math


def db_to_gain(db: float) -> float:
    """Convert decibels to a linear amplitude factor."""
    return float(10.0 ** (db / 20.0))


def gain_to_db(gain: float) -> float:
    """Convert a linear amplitude factor to decibels; -inf for zero."""
    return 20.0 * math.log10(gain) if gain > 0.0 else -math.inf


def power_to_db(power: float) -> float:
    """Convert a power ratio to decibels; -inf for zero."""
    return 10.0 * math.log10(power) if power > 0.0 else -math.inf


def vmr_to_vbr(vmr_db: float) -> float:
    """Convert vocal-to-mix ratio (< 0 dB) to vocal-to-backing ratio in LU, parts adding incoherently.

    `VBR = VMR - 10 log10(1 - 10^(VMR/10))`; -3.01 dB of VMR is 0 LU of VBR.
    """
    if vmr_db >= 0.0:
        raise ValueError(f"vocal-to-mix ratio must be below 0 dB, got {vmr_db}")
    return vmr_db - power_to_db(1.0 - 10.0 ** (vmr_db / 10.0))


def vbr_to_vmr(vbr_lu: float) -> float:
    """Convert vocal-to-backing ratio in LU to vocal-to-mix ratio in dB, parts adding incoherently."""
    return -power_to_db(1.0 + 10.0 ** (-vbr_lu / 10.0))
