"""How loud the vocal is against the backing while it sings; knows nothing of how to change it."""

import math
from dataclasses import dataclass

import numpy as np

from sitwell.analysis.activity import Energies, active_windows, window_energies
from sitwell.core import energies_lufs
from sitwell.units import vbr_to_vmr


@dataclass(frozen=True)
class Balance:
    """Vocal against backing over the windows in which the vocal sings.

    `vbr_lu` is measured; `vmr_db` is its incoherent mapping (a mix in which both parts add by power).
    When nothing sings `vbr_lu` is -inf; when the backing is silent while the vocal sings it is +inf (and
    `vmr_db` 0): check `math.isfinite` before solving a gain from it.
    """

    vbr_lu: float
    vmr_db: float
    vocal_lufs: float
    backing_lufs: float
    active_share: float


def measure_balance(vocal_energies: Energies, backing_energies: Energies) -> Balance:
    """Measure from K-weighted energies per 100 ms, (pieces,) each; the shorter one is padded with silence.

    Loudnesses are power means over the vocal's active windows: 3 s every 1 s, 400 ms every 100 ms for
    sounds below 3 s.
    """
    pieces = max(len(vocal_energies), len(backing_energies))
    vocal = np.pad(vocal_energies, (0, pieces - len(vocal_energies)))
    backing = np.pad(backing_energies, (0, pieces - len(backing_energies)))
    active = active_windows(vocal)
    if not active.any():
        return Balance(-math.inf, -math.inf, -math.inf, -math.inf, 0.0)
    vocal_lufs = float(energies_lufs(float(window_energies(vocal)[active].mean())))
    backing_lufs = float(energies_lufs(float(window_energies(backing)[active].mean())))
    vbr_lu = vocal_lufs - backing_lufs
    return Balance(vbr_lu, vbr_to_vmr(vbr_lu), vocal_lufs, backing_lufs, float(active.mean()))
