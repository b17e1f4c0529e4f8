"""What a finished mix tells about how its vocal was mixed: balance, dynamics, how it follows the backing, spectra."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell.analysis import Track, active_windows, frame_activity, mean_level_db, measure_balance, window_energies
from sitwell.core import energies_lufs
from sitwell.errors import InputError

LABELS_VERSION = 1  # raise it when a figure below is measured in another way: what is cached is measured again
MIN_SINGING_S = 5.0
_MIN_WINDOWS = 5  # for a slope
_MIN_MOVE_LU = 0.5  # a backing steadier than this says nothing about what follows it
_SILENT_LUFS = -70.0  # absolute gate of BS.1770

Levels = tuple[float, ...]


@dataclass(frozen=True)
class Labels:
    """Labels of one song, all over its whole length.

    `vbr_lu` power means over the windows of 3 s in which the vocal sings; `loudness_range_lu` of the vocal (EBU Tech
    3342); `vbr_spread_lu` the standard deviation of the short-term VBR; `vbr_slope` how many LU the vocal's short-term
    loudness moves when the backing's moves by one, None when the backing hardly moves. `vocal_db` and `backing_db`
    are third-octave levels (31,) while the vocal sings.
    """

    vbr_lu: float
    loudness_range_lu: float
    vbr_spread_lu: float
    vbr_slope: float | None
    vocal_lufs: float
    backing_lufs: float
    active_share: float
    seconds: float
    vocal_db: Levels
    backing_db: Levels

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, read: dict[str, Any]) -> "Labels":
        """Build from what `to_dict` gave; raises KeyError or TypeError when it is something else."""
        return cls(**read | {name: tuple(read[name]) for name in ("vocal_db", "backing_db")})


def measure_labels(vocal: Track, backing: Track) -> Labels:
    """Measure the labels of a song from both tracks.

    Raises InputError `song.no_singing`, `song.little_singing` or `song.backing_silent`: nothing can be learned then.
    """
    balance = measure_balance(vocal.energies, backing.energies)
    if balance.active_share == 0.0:
        raise InputError("song.no_singing", f"{vocal.name}: never loud enough to be a vocal")
    if balance.active_share * vocal.seconds < MIN_SINGING_S:
        sung_s = balance.active_share * vocal.seconds
        text = f"{vocal.name}: only {sung_s:.1f} s of singing; at least {MIN_SINGING_S:g} s are needed"
        raise InputError("song.little_singing", text)
    if balance.backing_lufs < _SILENT_LUFS:
        raise InputError("song.backing_silent", f"{backing.name}: silent while the vocal sings")
    vocal_lu, backing_lu = _short_term_lufs(vocal, backing)
    return Labels(
        vbr_lu=balance.vbr_lu,
        loudness_range_lu=vocal.loudness.loudness_range_lu,
        vbr_spread_lu=float(np.std(vocal_lu - backing_lu)),
        vbr_slope=_slope(vocal_lu, backing_lu),
        vocal_lufs=balance.vocal_lufs,
        backing_lufs=balance.backing_lufs,
        active_share=balance.active_share,
        seconds=vocal.seconds,
        vocal_db=_levels_db(vocal, vocal),
        backing_db=_levels_db(backing, vocal),
    )


def _short_term_lufs(vocal: Track, backing: Track) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give the loudness of both in the windows in which the vocal sings and the backing plays: (windows,) each."""
    pieces = max(len(vocal.energies), len(backing.energies))
    both = [np.pad(track.energies, (0, pieces - len(track.energies))) for track in (vocal, backing)]
    windows = [np.asarray(energies_lufs(window_energies(energies))) for energies in both]
    chosen = active_windows(both[0]) & (windows[1] >= _SILENT_LUFS)
    return windows[0][chosen], windows[1][chosen]


def _slope(vocal_lu: npt.NDArray[np.float64], backing_lu: npt.NDArray[np.float64]) -> float | None:
    """Regress the vocal's loudness on the backing's."""
    if len(backing_lu) < _MIN_WINDOWS or float(np.std(backing_lu)) < _MIN_MOVE_LU:
        return None
    moves = backing_lu - backing_lu.mean()
    slope = float(moves @ (vocal_lu - vocal_lu.mean()) / (moves @ moves))
    return slope if math.isfinite(slope) else None


def _levels_db(track: Track, vocal: Track) -> Levels:
    """Average third-octave levels over the frames in which the vocal sings."""
    singing = frame_activity(vocal.energies, track.spectrum.times_s)
    return tuple(round(db, 3) for db in mean_level_db(track.spectrum.third_octave, singing).tolist())
