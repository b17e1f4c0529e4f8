"""Surround to stereo (ITU-R BS.775-4, table 2): L + 0.707 C + 0.707 Ls; the effects channel is left out."""

import numpy as np

from sitwell.audio import Samples

_HALF = float(np.sqrt(0.5))
_GAINS = {  # name: gain into left, gain into right
    "L": (1.0, 0.0), "R": (0.0, 1.0), "C": (_HALF, _HALF), "LFE": (0.0, 0.0),
    "Ls": (_HALF, 0.0), "Rs": (0.0, _HALF), "Lb": (_HALF, 0.0), "Rb": (0.0, _HALF), "Cs": (0.5, 0.5),
}  # fmt: skip
# Order of channels by their number: Microsoft's for WAV, FLAC, MP4; Xiph's for Vorbis and Opus.
_WAVE_ORDER = {
    3: "L R C", 4: "L R Ls Rs", 5: "L R C Ls Rs", 6: "L R C LFE Ls Rs", 7: "L R C LFE Cs Ls Rs",
    8: "L R C LFE Lb Rb Ls Rs",
}  # fmt: skip
_XIPH_ORDER = {
    3: "L C R", 4: "L R Ls Rs", 5: "L C R Ls Rs", 6: "L C R Ls Rs LFE", 7: "L C R Ls Rs Cs LFE",
    8: "L C R Ls Rs Lb Rb LFE",
}  # fmt: skip
MAX_CHANNELS = 8


def downmix_matrix(channels: int, *, xiph_order: bool) -> Samples:
    """Gains (2, channels) that bring 3 to 8 channels to stereo."""
    order = (_XIPH_ORDER if xiph_order else _WAVE_ORDER)[channels]
    return np.array([_GAINS[name] for name in order.split()], dtype=np.float32).T
