"""How much of the vocal the backing covers, band by band; works on powers, so a dip can be tried cheaply.

All functions take Bark powers (frames, 24) from `BandFrames.bark`, scaled or equalized by the caller as
the mix would. One spreading matrix product gives the threshold; nothing here depends on input gain, and
there is no threshold of hearing, since nobody knows how loud the mix will be played.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis.bands import BARK, hz_to_bark
from sitwell.analysis.spectrum import Active, Powers

Floats = npt.NDArray[np.float64]
OFFSET_DB = 6.0  # a noise-like masker hides what is 6 dB below its spread power (MPEG: 5.5 to 6 dB)
EMPTY_DB = 40.0  # a vocal cell this far below its band's mean while singing is not singing
GOAL_DB = 6.0  # signal-to-mask ratio at which a band needs no help
_PRESENCE_HZ = (1000.0, 5000.0)  # where words are understood
_FLOOR_POWER = 1e-20
_LIMIT_DB = 60.0  # ratios beyond this say no more


@dataclass(frozen=True, eq=False)
class Masking:
    """Masking of the vocal per Bark band over active frames, all (24,).

    `signal_to_mask_db` of the mean powers (within +-60 dB), `masked_share` of active cells below the
    threshold, `need_db` = (6 dB - ratio) where positive, halved outside 1 to 5 kHz, 0 where the vocal is
    silent. `audible_share` is the share of active cells between 1 and 5 kHz that can be heard.
    """

    signal_to_mask_db: Floats
    masked_share: Floats
    need_db: Floats
    audible_share: float


@dataclass(frozen=True, eq=False)
class MaskingMap:
    """Coarse picture of masking: times_s (columns,), centres_hz (24,), ratio in dB (24, columns).

    The ratio is within +-60 dB and NaN where the vocal does not sing.
    """

    times_s: Floats
    centres_hz: Floats
    signal_to_mask_db: npt.NDArray[np.float32]


def masked_threshold(bark_power: Powers) -> Powers:
    """Estimate the power below which another sound is masked: (frames, 24) -> (frames, 24).

    Band powers are spread over the Bark axis (Schroeder, Atal & Hall 1979, spreading function without
    normalisation) and lowered by 6 dB.
    """
    threshold: Powers = bark_power @ _SPREADING
    return threshold


def active_cells(vocal_bark: Powers, active: Active) -> npt.NDArray[np.bool_]:
    """Tell which cells hold singing: (frames, 24).

    A cell does when its frame is active and its power is within 40 dB of its band's mean over active
    frames. Scaling or equalizing the vocal per band does not change the answer.
    """
    if not active.any():
        return np.zeros(vocal_bark.shape, dtype=np.bool_)
    mean = vocal_bark[active].mean(axis=0, dtype=np.float64)
    return np.asarray(active[:, None] & (vocal_bark > mean * 10.0 ** (-EMPTY_DB / 10.0)))


def audible_share(vocal_bark: Powers, backing_bark: Powers, active: Active) -> float:
    """Measure the share of active cells between 1 and 5 kHz in which the vocal exceeds the threshold.

    Powers (frames, 24), active (frames,); 1.0 when there is no active cell, since nothing is masked.
    """
    vocal, backing = vocal_bark[:, PRESENCE], backing_bark
    cells = active_cells(vocal, active)
    if not cells.any():
        return 1.0
    audible = vocal > backing @ _SPREADING[:, PRESENCE]
    return float(np.count_nonzero(audible & cells) / np.count_nonzero(cells))


def measure_masking(vocal_bark: Powers, backing_bark: Powers, active: Active) -> Masking:
    """Measure masking per band while the vocal sings; powers (frames, 24), active (frames,)."""
    cells = active_cells(vocal_bark, active)
    threshold = masked_threshold(backing_bark)
    counts = np.maximum(np.count_nonzero(cells, axis=0), 1)
    masked_share = np.count_nonzero(cells & (vocal_bark <= threshold), axis=0) / counts
    ratio_db = _ratio_db(_mean(vocal_bark, active), _mean(threshold, active))
    weight = np.where(PRESENCE, 1.0, 0.5)
    need_db = np.where(cells.any(axis=0), np.maximum(GOAL_DB - ratio_db, 0.0) * weight, 0.0)
    return Masking(ratio_db, masked_share, need_db, audible_share(vocal_bark, backing_bark, active))


def at_frequencies(per_band: Floats, frequencies_hz: npt.ArrayLike) -> Floats:
    """Read a figure per Bark band (24,) at any frequencies, such as third octaves, along the Bark axis."""
    values: Floats = np.interp(hz_to_bark(frequencies_hz), hz_to_bark(BARK.centres_hz), per_band)
    return values


def masking_map(
    vocal_bark: Powers, backing_bark: Powers, active: Active, *, frame_rate_hz: float, columns: int = 400
) -> MaskingMap:
    """Draw the signal-to-mask ratio over time, in at most `columns` columns of equal length."""
    frames = len(active)
    step = max(1, -(-frames // columns))
    starts = np.arange(0, frames, step)
    cells = active_cells(vocal_bark, active)
    vocal = _sums(vocal_bark * cells, starts)
    threshold = _sums(masked_threshold(backing_bark) * cells, starts)
    ratio_db = np.where(_sums(cells, starts) > 0, _ratio_db(vocal, threshold), np.nan)
    times_s = (starts + 0.5 * np.minimum(step, frames - starts)) / frame_rate_hz
    return MaskingMap(times_s, BARK.centres_hz, ratio_db.T.astype(np.float32))


def pad_frames(power: Powers, frames: int) -> Powers:
    """Lengthen powers (n, bands) with silence to (frames, bands); longer ones are left alone."""
    return np.pad(power, ((0, max(0, frames - power.shape[0])), (0, 0)))


def _spreading() -> npt.NDArray[np.float32]:
    """Make the matrix that turns masker powers into thresholds: (24 maskers, 24 bands)."""
    bark = np.arange(len(BARK)) + 0.5
    distance = bark[None, :] - bark[:, None]
    spread_db = 15.81 + 7.5 * (distance + 0.474) - 17.5 * np.sqrt(1.0 + (distance + 0.474) ** 2)
    gain = 10.0 ** ((spread_db - OFFSET_DB) / 10.0)
    return gain.astype(np.float32)


def _mean(power: Powers, active: Active) -> Floats:
    if not active.any():
        return np.zeros(power.shape[1])
    mean: Floats = power[active].mean(axis=0, dtype=np.float64)
    return mean


def _sums(values: npt.NDArray[np.generic], starts: npt.NDArray[np.intp]) -> Floats:
    if len(starts) == 0:
        return np.zeros((0, values.shape[1]))
    return np.add.reduceat(values, starts, axis=0, dtype=np.float64)


def _ratio_db(signal: Floats, mask: Floats) -> Floats:
    ratio_db: Floats = 10.0 * (np.log10(signal + _FLOOR_POWER) - np.log10(mask + _FLOOR_POWER))
    return np.clip(ratio_db, -_LIMIT_DB, _LIMIT_DB)


_SPREADING = _spreading()
PRESENCE: npt.NDArray[np.bool_] = (BARK.centres_hz >= _PRESENCE_HZ[0]) & (BARK.centres_hz <= _PRESENCE_HZ[1])
