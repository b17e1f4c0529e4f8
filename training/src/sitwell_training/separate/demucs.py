"""Demucs (htdemucs): better than Spleeter, slower, and it fetches its weights from the network at first use.

Rouard, Massa, Défossez: Hybrid Transformers for Music Source Separation, ICASSP 2023.
"""

from typing import Any

import numpy as np

from sitwell.audio import Audio
from sitwell.errors import InputError
from sitwell_training.separate.separator import missing

_MODEL = "htdemucs"


class Demucs:
    """The four-stem model, of which the vocal is taken."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.sample_rate = int(model.samplerate)

    @classmethod
    def load(cls) -> "Demucs":
        """Load the weights; raises InputError `separator.missing` or `separator.weights`."""
        try:
            from demucs.pretrained import get_model
        except ImportError:
            raise missing("demucs", "the package demucs is not installed") from None
        try:
            model = get_model(_MODEL)
        except (OSError, RuntimeError) as error:
            text = f"the weights of {_MODEL} could not be fetched: {error}; try again with a network"
            raise InputError("separator.weights", text) from None
        return cls(model.eval())

    def vocal_of(self, mix: Audio) -> Audio:
        """Estimate the vocal of a mix at the rate of the model."""
        import torch
        from demucs.apply import apply_model

        sound = torch.from_numpy(np.array(mix.samples, order="C"))
        # As demucs does at its own door: zero mean and unit spread of the mono sum.
        mono = sound.mean(0)
        mean, spread = mono.mean(), mono.std() + 1e-8
        with torch.inference_mode():
            # shifts=0: no random offsets, so that a mix is split the same way each time.
            stems = apply_model(self._model, ((sound - mean) / spread)[None], shifts=0, split=True, overlap=0.25)[0]
        vocal = stems[self._model.sources.index("vocals")] * spread + mean
        return Audio.of(vocal.numpy(), mix.sample_rate, name=mix.name)
