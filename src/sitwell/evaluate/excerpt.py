"""Which stretch of a song is listened to; knows nothing of what is done with it."""

import numpy as np
import numpy.typing as npt

from sitwell.analysis import Track, frame_activity
from sitwell.audio import Audio

Floats = npt.NDArray[np.float64]
_PIECE_S = 0.1
_ENOUGH = 0.9  # of the most singing any stretch holds


def most_singing_s(vocal: Track, seconds: float) -> float:
    """Find where the stretch with the most singing begins, in seconds; the first of equal ones."""
    singing = _per_stretch(_singing(vocal), seconds)
    return int(np.argmax(singing)) * _PIECE_S if len(singing) else 0.0


def verse_to_chorus_s(vocal: Track, backing: Track, seconds: float) -> float:
    """Find where a stretch begins that is sung throughout and in which the song rises the most, in seconds.

    The rise is that of the mix from the first half to the second, as from a verse to a chorus.
    """
    singing = _per_stretch(_singing(vocal), seconds)
    if not len(singing):
        return 0.0
    pieces = len(_singing(vocal))
    mix = np.zeros(pieces)
    for track in (vocal, backing):
        shared = min(pieces, len(track.energies))
        mix[:shared] += track.energies[:shared]
    half = round(seconds / 2 / _PIECE_S)
    loud = _per_stretch(mix, seconds / 2) + 1e-12
    rise = loud[half : half + len(singing)] / loud[: len(singing)]
    sung = singing[: len(rise)] >= _ENOUGH * singing.max()
    return int(np.argmax(np.where(sung, rise, -1.0))) * _PIECE_S


def cut(audio: Audio, *, start_s: float, seconds: float) -> Audio:
    """Take a stretch out of a sound; all of it when it is shorter."""
    start = round(start_s * audio.sample_rate)
    piece = np.array(audio.samples[:, start : start + round(seconds * audio.sample_rate)], order="C")
    return Audio(piece, audio.sample_rate, audio.name)


def _singing(vocal: Track) -> Floats:
    times_s = np.asarray((np.arange(len(vocal.energies)) + 0.5) * _PIECE_S, dtype=np.float64)
    return frame_activity(vocal.energies, times_s).astype(np.float64)


def _per_stretch(per_piece: Floats, seconds: float) -> Floats:
    """Sum over stretches that begin at each piece: (pieces,) -> (starts,), empty when there is but one."""
    length = round(seconds / _PIECE_S)
    total = np.concatenate([[0.0], np.cumsum(per_piece)])
    return np.asarray(total[length:] - total[:-length]) if len(total) > length > 0 else np.zeros(0)
