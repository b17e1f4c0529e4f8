"""The masking rule's limits, on a scene made so that a dip would help more than it may cost."""

import numpy as np
import pytest

from sitwell.analysis import BARK, THIRD_OCTAVE, masked_threshold
from sitwell.decide.rules import masking
from sitwell.decide.rules.masking import Dip, Scene

AT = int(np.argmin(np.abs(BARK.centres_hz - 2000.0)))
THIRD = int(np.argmin(np.abs(THIRD_OCTAVE.centres_hz - 2000.0)))
LOW = int(np.argmin(np.abs(THIRD_OCTAVE.centres_hz - 100.0)))


def scene(low_power: float) -> Scene:
    """Cover a vocal at 2 kHz by 1.5 dB; `low_power` is how much louder than that the backing is below."""
    backing = np.zeros((50, len(BARK)), dtype=np.float32)
    backing[:, AT] = 1.0
    vocal = np.zeros_like(backing)
    vocal[:, AT] = 0.7 * masked_threshold(backing)[:, AT]
    thirds = np.zeros(len(THIRD_OCTAVE))
    thirds[THIRD], thirds[LOW] = 1.0, low_power
    return Scene(vocal, backing, np.ones(50, dtype=bool), thirds, thirds, 44100)


@pytest.mark.parametrize(("low_power", "chosen"), [(50.0, 1), (4.0, 0)])
def test_a_dip_is_taken_only_while_the_backing_keeps_its_loudness(low_power: float, chosen: int) -> None:
    offered = (Dip(float(THIRD_OCTAVE.centres_hz[THIRD]), 3.0),)
    dips, share, shift_lu = masking._choose(scene(low_power), offered, before=0.0)
    assert len(dips) == chosen
    assert share == float(chosen)
    assert shift_lu >= -masking.MAX_BACKING_LU
