"""What is done to a good vocal on purpose: a wrong level, uneven singing, a wrong colour; repairs nothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.audio import Audio
from sitwell.evaluate.corruption import Corruption, draw_corruption

Floats = npt.NDArray[np.float64]
_GAIN_DB = (3.0, 9.0)  # up or down
_KNOT_S = (2.0, 4.0)
_KNOT_SD_DB = 3.0


@dataclass(frozen=True, eq=False)
class Damage:
    """A constant gain, slow changes as levels in dB at times in seconds, and an equalizer."""

    gain_db: float
    times_s: Floats
    levels_db: Floats
    corruption: Corruption

    def envelope_db(self, times_s: Floats) -> Floats:
        """Read all gains at times (n,): half cosines from knot to knot, constant beyond them."""
        after = np.clip(np.searchsorted(self.times_s, times_s), 1, len(self.times_s) - 1)
        begin, end = self.times_s[after - 1], self.times_s[after]
        way = 0.5 - 0.5 * np.cos(np.pi * np.clip((times_s - begin) / (end - begin), 0.0, 1.0))
        return np.asarray(self.gain_db + (1.0 - way) * self.levels_db[after - 1] + way * self.levels_db[after])

    def apply(self, vocal: Audio) -> Audio:
        """Damage a vocal; length and time stay."""
        filtered = self.corruption.apply(vocal)
        gain_db = self.envelope_db(np.arange(vocal.length) / vocal.sample_rate)
        gain = (10.0 ** (gain_db / 20.0)).astype(np.float32)
        return Audio(filtered.samples * gain, vocal.sample_rate, vocal.name)


def draw_damage(rng: np.random.Generator, *, seconds: float, kind: str = "medium") -> Damage:
    """Draw 3 to 9 dB up or down, changes of 3 dB (sd) every 2 to 4 s, and an equalizer of a kind."""
    gain_db = float(rng.choice([-1.0, 1.0]) * rng.uniform(*_GAIN_DB))
    steps_s = rng.uniform(*_KNOT_S, size=max(1, int(np.ceil(seconds / _KNOT_S[0]))))
    times_s = np.concatenate([[0.0], np.cumsum(steps_s)])
    levels_db = rng.normal(0.0, _KNOT_SD_DB, size=len(times_s))
    return Damage(gain_db, times_s, levels_db, draw_corruption(kind, rng))
