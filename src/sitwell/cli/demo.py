"""The song of `sitwell demo`: the excerpt that the package stempeg ships, split into vocal and backing."""

import importlib.util
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sitwell import io
from sitwell.audio import Audio
from sitwell.errors import CodecError

_SONG = "The Easton Ellises - Falcon 69.stem.mp4"
_VOCALS = 4  # stems of MUSDB18: mixture, drums, bass, other, vocals
_VOCAL_GAIN = 0.4  # so that there is something to do: the vocal starts 8 dB below its released level


def prepare(folder: Path) -> tuple[Path, Path]:
    """Write the vocal, 8 dB too quiet, and the backing of the excerpt into `folder`.

    Raises CodecError `demo.missing` when the extra is not installed.
    """
    found = importlib.util.find_spec("stempeg")
    if found is None or found.origin is None:
        raise CodecError("demo.missing", "the demo song is not installed; pip install 'sitwell[demo]'")
    _, *stems = io.read_streams(Path(found.origin).parent / "data" / _SONG)
    vocal = stems[_VOCALS - 1]
    backing = np.sum([stem.samples for stem in stems[: _VOCALS - 1]], axis=0, dtype=np.float32)
    io.make_folder(folder)
    return (
        _written(folder / "vocal.wav", vocal.samples * np.float32(_VOCAL_GAIN), vocal.sample_rate),
        _written(folder / "backing.wav", backing, vocal.sample_rate),
    )


def _written(path: Path, samples: npt.ArrayLike, sample_rate: int) -> Path:
    with io.open_writer(path, sample_rate=sample_rate, bit_depth="24") as writer:
        for block in Audio.of(samples, sample_rate).blocks():
            writer.write(block)
    return path
