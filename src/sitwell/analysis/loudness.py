"""How loud a sound is by EBU R 128, in one pass; the arithmetic is the core's."""

from dataclasses import dataclass

import numpy as np

from sitwell.analysis.activity import Energies
from sitwell.audio import Samples
from sitwell.core import Meter, integrated_lufs, loudness_range_lu, momentary_lufs, short_term_lufs
from sitwell.units import gain_to_db


@dataclass(frozen=True)
class Loudness:
    """Loudness and peaks of a sound (BS.1770-5, EBU Tech 3341 and 3342); -inf for what is silent.

    Sounds below 400 ms have no integrated loudness and below 3 s no short-term loudness: -inf too.
    """

    integrated_lufs: float
    loudness_range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    true_peak_dbtp: float
    sample_peak_dbfs: float


class LoudnessMeter:
    """Measures loudness block by block; `energies` holds the K-weighted energy of each full 100 ms."""

    def __init__(self, sample_rate: int) -> None:
        self._meter = Meter(sample_rate=sample_rate, channels=2)
        self._energies: list[Energies] = []

    @property
    def energies(self) -> Energies:
        """K-weighted energies so far, (pieces,)."""
        return np.concatenate(self._energies) if self._energies else np.zeros(0)

    def process(self, block: Samples) -> None:
        """Take a block (2, n) of any length."""
        self._energies.append(self._meter.process(block))

    def finish(self) -> Loudness:
        """Give the figures of everything processed."""
        energies = self.energies
        return Loudness(
            integrated_lufs=integrated_lufs(energies),
            loudness_range_lu=loudness_range_lu(energies),
            max_momentary_lufs=float(momentary_lufs(energies).max(initial=-np.inf)),
            max_short_term_lufs=float(short_term_lufs(energies).max(initial=-np.inf)),
            true_peak_dbtp=gain_to_db(self._meter.true_peak),
            sample_peak_dbfs=gain_to_db(self._meter.sample_peak),
        )
