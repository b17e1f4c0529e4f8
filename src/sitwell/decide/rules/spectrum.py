"""The spectrum that rules of tone look at; decides nothing."""

import numpy as np
import numpy.typing as npt

from sitwell.analysis import Track, active_frames


def sung_spectrum(vocal: Track) -> npt.NDArray[np.float64]:
    """Average the power of third octaves (31,) over the frames in which the vocal sings."""
    return np.asarray(vocal.spectrum.third_octave[active_frames(vocal)].mean(axis=0, dtype=np.float64))
