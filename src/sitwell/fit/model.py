"""What our reverb does at each frequency, in closed form: decay time and energy; renders nothing.

From the absorption filters of the running network (core/include/sitwell/absorption.hpp, reverb.hpp).
"""

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.effects import Reverb

Floats = npt.NDArray[np.float64]


def network_decay_s(reverb: Reverb, hz: Floats, sample_rate: int) -> Floats:
    """Compute T60 in s at `hz` (n,): that of the mean loss per second over all lines."""
    network, lost_db = _losses(reverb, hz, sample_rate)
    return np.asarray(60.0 * network.line_samples.sum() / sample_rate / lost_db.sum(axis=0))


def energy_spectrum(reverb: Reverb, hz: Floats, sample_rate: int) -> Floats:
    """Compute the energy per Hz of the return's response at `hz` (n,), relative to other frequencies, with its cuts.

    What comes past the lines once, and what stays in them: early² + G / (1 - G), where G is what a pass keeps.
    """
    _, lost_db = _losses(reverb, hz, sample_rate)
    kept = (10 ** (-lost_db / 10)).mean(axis=0)
    return np.asarray((reverb.diffusion**2 + kept / (1 - kept)) * cuts_power(reverb, hz, sample_rate))


def cuts_power(reverb: Reverb, hz: Floats, sample_rate: int) -> Floats:
    """Compute the power response of low cut and high cut at `hz` (n,)."""
    q = 0.5**0.5
    sections = np.array([
        core.design_highpass(sample_rate=sample_rate, frequency_hz=reverb.low_cut_hz, q=q),
        core.design_lowpass(sample_rate=sample_rate, frequency_hz=min(reverb.high_cut_hz, 0.45 * sample_rate), q=q),
    ])  # fmt: skip
    return np.asarray(10 ** (core.response_db(sections, sample_rate=sample_rate, frequencies_hz=hz) / 10))


def _losses(reverb: Reverb, hz: Floats, sample_rate: int) -> tuple[core.Reverb, Floats]:
    """Give the network, and what a pass through each line loses in dB: (16, n)."""
    network = reverb.network(sample_rate)
    z = np.exp(2j * np.pi * hz / sample_rate)
    b, c1, a1, c2, a2 = (column[:, None] for column in network.absorption.T)
    passed = (b + c1 / (z + a1)) * (1 + c2 / (z + a2))
    return network, np.asarray(-20 * np.log10(np.abs(passed)))
