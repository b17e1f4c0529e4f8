"""When a vocal sings: windows and frames loud enough against its own loudness; knows no absolute level.

The threshold is relative (20 LU below the sound's own integrated loudness), so that decisions do not
depend on input gain; only the absolute gate of BS.1770 (-70 LUFS) stays.
"""

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from sitwell.core import energies_lufs, integrated_lufs

Energies = npt.NDArray[np.float64]  # (pieces,) K-weighted energy of each 100 ms
Active = npt.NDArray[np.bool_]
PIECE_S = 0.1
RELATIVE_GATE_LU = -20.0
_ABSOLUTE_GATE_LUFS = -70.0
_SHORT_TERM = 30  # pieces in a window of 3 s, hop 1 s
_MOMENTARY = 4  # pieces in a window of 400 ms, hop 100 ms


def window_energies(energies: Energies) -> Energies:
    """Average energies over windows of 3 s every 1 s: (pieces,) -> (windows,).

    Sounds shorter than 3 s get windows of 400 ms every 100 ms, shorter than 400 ms a single window. Only
    whole windows count, as in EBU Tech 3341, so that other meters find the same figures.
    """
    length, hop = (_SHORT_TERM, 10) if len(energies) >= _SHORT_TERM else (_MOMENTARY, 1)
    if len(energies) <= length:
        return energies.mean(keepdims=True) if len(energies) else energies
    means: Energies = sliding_window_view(energies, length)[::hop].mean(axis=1)
    return means


def active_windows(vocal_energies: Energies) -> Active:
    """Tell which windows of `window_energies` hold singing: (windows,)."""
    return np.asarray(window_energies(vocal_energies) > _gate(vocal_energies))


def frame_activity(energies: Energies, times_s: npt.NDArray[np.float64]) -> Active:
    """Tell at which times the 400 ms around hold singing: times (frames,) -> (frames,)."""
    if len(energies) == 0:
        return np.zeros(len(times_s), dtype=np.bool_)
    length = min(_MOMENTARY, len(energies))
    means = sliding_window_view(energies, length).mean(axis=1)
    nearest = np.rint(times_s / PIECE_S - length / 2).astype(np.intp)
    return np.asarray(means[np.clip(nearest, 0, len(means) - 1)] > _gate(energies))


def _gate(energies: Energies) -> float:
    """Find the energy above which a window is active; never reached when the sound is silent."""
    lufs = integrated_lufs(energies) if len(energies) >= _MOMENTARY else _mean_lufs(energies)
    loudness = max(_ABSOLUTE_GATE_LUFS, lufs + RELATIVE_GATE_LU)
    return _lufs_to_energy(loudness)


def _mean_lufs(energies: Energies) -> float:
    return float(energies_lufs(float(energies.mean()))) if len(energies) else -np.inf


def _lufs_to_energy(lufs: float) -> float:
    """Invert `energies_lufs`: BS.1770 eq. 2, loudness = -0.691 + 10 log10(energy)."""
    return float(10.0 ** ((lufs + 0.691) / 10.0))
