"""A sketched track as bytes: an .npz file without pickle, at most 200 kB whatever the length of the song."""

import hashlib
import io
import json
import lzma
import zipfile
import zlib

import numpy as np
import numpy.typing as npt

from sitwell.analysis import ANALYSIS_VERSION, Track, grids, outline, put_together, take_apart
from sitwell.errors import InputError

_FIGURES = "figures"
_MOST_BYTES = 64 * 2**20  # unpacked; half an hour needs 3 MB
_DAMAGE = (
    OSError, EOFError, ValueError, KeyError, TypeError, IndexError, AttributeError, RuntimeError, OverflowError,
    zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip


def analysis_key() -> str:
    """Name what is measured and how it is kept: a file of another key is not used."""
    kept = {name: str(grid) for name, grid in grids(0).items()}
    told = json.dumps([ANALYSIS_VERSION, outline(Track), kept])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def pack(track: Track) -> bytes:
    """Turn a sketched track into bytes; the same track gives the same bytes."""
    figures, arrays = take_apart(track)
    kept = grids(track.spectrum.frames)
    stored, loudest = dict[str, npt.NDArray[np.generic]](), dict[str, float]()
    for name, array in arrays.items():
        stored[name] = array
        if name in kept:
            codes, loudest[name] = kept[name].encode(array)
            stored[name] = np.ascontiguousarray(np.diff(codes, axis=0, prepend=codes.dtype.type(0)).T)  # wraps around
    told = {"track": figures, "frames": track.spectrum.frames, "pieces": len(track.energies), "loudest": loudest}
    stored[_FIGURES] = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_LZMA) as file:
        for name, array in stored.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), zipfile.ZIP_LZMA)  # no date inside
    return held.getvalue()


def unpack(content: bytes, place: str) -> Track:
    """Build the track again, bit for bit what was packed; InputError `catalog.damaged`, naming the place."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            if sum(entry.file_size for entry in file.infolist()) > _MOST_BYTES:
                raise ValueError("too large")
        with np.load(io.BytesIO(content), allow_pickle=False) as opened:
            arrays = {name: opened[name] for name in opened.files}
        told = json.loads(arrays.pop(_FIGURES).tobytes())
        kept = grids(told["frames"])
        for name, grid in kept.items():
            codes = np.cumsum(arrays[name].T, axis=0, dtype=arrays[name].dtype)
            frames = told["pieces"] if name == "energies" else told["frames"]
            power = grid.decode(codes, told["loudest"][name], frames=frames)
            arrays[name] = power if name == "energies" else power.astype(np.float32)
        return put_together(Track, told["track"], arrays)
    except _DAMAGE:
        raise InputError(
            "catalog.damaged", f"{place}: not an analysis; `sitwell catalog verify --repair` makes it anew"
        ) from None
