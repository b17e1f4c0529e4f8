"""A backing's track in few bytes: powers on a grid of levels, and time as coarse as a decision allows.

A catalogue keeps a track of four minutes in 150 kB instead of 2.3 MB. `sketch` gives the track that such a
file holds, so that a mix over a backing that is in no catalogue decides from the very same figures.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell.analysis.spectrum import BandFrames
from sitwell.analysis.track import Track

Powers = npt.NDArray[Any]
Codes = npt.NDArray[Any]
BARK_STEP_DB = 1.0  # an error of 0.3 dB rms in a cell of 23 ms; a mean over 100 of them errs by 0.03 dB
THIRD_STEP_DB = 1.5
ENERGY_STEP_DB = 0.02
MOST_FRAMES = 10_000  # 3 min 50 s; longer sounds are kept in coarser steps of time
_THIRDS_POOL = 4  # 93 ms: third octaves are only ever averaged over windows of 400 ms and more


@dataclass(frozen=True)
class Grid:
    """Powers (frames, ...) as whole numbers: steps below the loudest, the mean of `pool` frames each.

    Code 0 stands for silence: digital, or more than `levels` steps below the loudest.
    """

    step_db: float
    levels: int
    pool: int = 1

    def encode(self, power: Powers) -> tuple[Codes, float]:
        """Turn powers (frames, ...) into codes (ceil(frames / pool), ...) and the power of the loudest."""
        starts = np.arange(0, len(power), self.pool)
        counts = np.diff(np.append(starts, len(power))).reshape(-1, *[1] * (power.ndim - 1))
        pooled = np.add.reduceat(power, starts, axis=0, dtype=np.float64) / counts if len(power) else power
        loudest = float(np.float32(pooled.max(initial=0.0)))  # as what comes back will be kept
        relative = np.divide(pooled, loudest, out=np.zeros(pooled.shape), where=pooled > 0.0)
        steps = np.full(pooled.shape, -float(self.levels))
        np.log10(relative, out=steps, where=relative > 0.0)
        steps[relative > 0.0] *= 10.0 / self.step_db
        kept = np.maximum(np.rint(steps) + self.levels, 0.0)
        return kept.astype(np.uint8 if self.levels < 256 else np.uint16), loudest

    def decode(self, codes: Codes, loudest: float, *, frames: int) -> npt.NDArray[np.float64]:
        """Turn codes back into powers (frames, ...)."""
        below = np.arange(self.levels + 1) - self.levels
        table = loudest * 10.0 ** (below * self.step_db / 10.0)
        table[0] = 0.0
        return np.asarray(np.repeat(table[codes], self.pool, axis=0)[:frames])


def grids(frames: int) -> dict[str, Grid]:
    """Give the grid of every array of a track that is kept on one, by its dotted path."""
    pool = max(1, math.ceil(frames / MOST_FRAMES))
    return {
        "energies": Grid(ENERGY_STEP_DB, 8000),
        "spectrum.bark": Grid(BARK_STEP_DB, 96, pool),
        "spectrum.third_octave": Grid(THIRD_STEP_DB, 64, pool * _THIRDS_POOL),
    }


def sketch(track: Track) -> Track:
    """Bring a backing's track to what a catalogue keeps of it; a sketch of a sketch is the same."""
    kept = grids(track.spectrum.frames)

    def snapped(name: str, power: Powers) -> Powers:
        codes, loudest = kept[name].encode(power)
        return kept[name].decode(codes, loudest, frames=len(power)).astype(power.dtype)

    spectrum = BandFrames(
        track.spectrum.frame_rate_hz,
        third_octave=snapped("spectrum.third_octave", track.spectrum.third_octave),
        bark=snapped("spectrum.bark", track.spectrum.bark),
    )
    return dataclasses.replace(track, energies=snapped("energies", track.energies), spectrum=spectrum)
