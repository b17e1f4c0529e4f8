"""The impulse response of our reverb; knows nothing of targets."""

import numpy as np

from sitwell.audio import Audio
from sitwell.effects import Reverb


def reverb_response(reverb: Reverb, sample_rate: int, seconds: float | None = None) -> Audio:
    """Render the return of a unit impulse in both channels, at its return level.

    Without `seconds` it lasts until the longest decay has fallen by 72 dB, and a tenth of a second more.
    """
    longest_s = max(reverb.decay_low_s, reverb.decay_mid_s, reverb.decay_high_s)
    length_s = 1.2 * longest_s + reverb.predelay_ms / 1e3 + 0.1 if seconds is None else seconds
    block = np.zeros((2, max(1, round(length_s * sample_rate))), dtype=np.float32)
    block[:, 0] = 1.0
    processor = reverb.replace(enabled=True).processor(sample_rate)
    assert processor is not None  # it is switched on
    processor.process(block)
    return Audio(block, sample_rate, "reverb")
