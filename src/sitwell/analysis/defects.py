"""What is wrong with a recording: clipping, DC, silence, noise floor; repairs nothing."""

from dataclasses import dataclass

import numpy as np

from sitwell.analysis.activity import Active
from sitwell.analysis.levels import HopLevels
from sitwell.errors import Notice
from sitwell.units import power_to_db

_SILENT_DB = -60.0  # against the mean level of the active parts
_FLOOR_PERCENTILE = 5.0
_DC_NOTABLE = 0.005  # -46 dBFS
_CLIPPING_NOTABLE = 1e-5  # share of samples: about half a sample in a second


@dataclass(frozen=True)
class Defects:
    """Defects of a sound.

    `clipped_samples` and `clipped_share` of the worse channel; `dc_offset` is the larger mean of the two
    channels (linear, signed); `silent_share` the share of time more than 60 dB below the active parts;
    `noise_floor_dbfs` the level exceeded 95 % of the time that is not digital silence, -inf when all is.
    """

    clipped_samples: int
    clipped_share: float
    dc_offset: float
    silent_share: float
    noise_floor_dbfs: float


def measure_defects(levels: HopLevels, active: Active, *, clipped_samples: int, samples: int) -> Defects:
    """Measure defects from levels per hop (hops,), active hops (hops,) and what was counted."""
    return Defects(
        clipped_samples=clipped_samples,
        clipped_share=clipped_samples / max(samples, 1),
        dc_offset=float(max(levels.mean, key=abs)),
        silent_share=_silent_share(levels, active),
        noise_floor_dbfs=_noise_floor_dbfs(levels),
    )


def describe_defects(defects: Defects, name: str) -> tuple[Notice, ...]:
    """Put what a person should know into words; silence in pauses is no defect and not mentioned."""
    notices = []
    if defects.clipped_share > _CLIPPING_NOTABLE:
        text = f"{name}: {defects.clipped_samples} samples are clipped ({defects.clipped_share:.2%})"
        notices.append(Notice("audio.clipped", f"{text}; a take with less input gain will sound cleaner"))
    if abs(defects.dc_offset) > _DC_NOTABLE:
        text = f"{name}: the waveform is off centre by {defects.dc_offset:+.3f} of full scale"
        notices.append(Notice("audio.dc_offset", f"{text}; the vocal's high-pass removes it"))
    return tuple(notices)


def _silent_share(levels: HopLevels, active: Active) -> float:
    power = levels.power
    if len(power) == 0 or not power.any():
        return 1.0
    reference = float(power[active].mean()) if active.any() else float(power.max())
    return float(np.mean(power <= reference * 10.0 ** (_SILENT_DB / 10.0)))


def _noise_floor_dbfs(levels: HopLevels) -> float:
    power = levels.power
    sounding = power[power > 0.0]
    return power_to_db(float(np.percentile(sounding, _FLOOR_PERCENTILE))) if len(sounding) else -np.inf
