"""`Bundle`: a trained model as a folder of ONNX files, configuration and a card; refused where it does not fit."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from sitwell.analysis import FEATURES, Portrait
from sitwell.errors import ModelError
from sitwell.models.checks import FIGURES, TASKS, check_card, check_config, check_graph
from sitwell.models.folder import read_card, read_config, read_hashed
from sitwell.models.graph import Graph, open_graph
from sitwell.models.prediction import PRIOR, Prediction, predict
from sitwell.models.voice import Heard, hear
from sitwell.value import Json

__all__ = ["TASKS", "Bundle", "default_bundle"]

Floats = npt.NDArray[np.float64]

_DEFAULT = Path(__file__).parent / "default"


@dataclass(frozen=True, eq=False)
class Bundle:
    """A model that fits this Sitwell: what it is called, its card for people, its configuration, its graphs."""

    name: str
    version: str
    card: Json
    config: Json
    graphs: Mapping[str, Graph] = field(default_factory=dict, repr=False)  # by task

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a folder, check that it is whole and fits this Sitwell, and open its graphs.

        Raises ModelError: `model.not_found` or `model.unreadable` (missing or damaged files), `model.json`,
        `model.schema` (another version or shape), `model.hash`, `model.features`, `model.knobs`, and
        `model.runtime` when onnxruntime does not start.
        """
        folder = Path(path)
        try:
            card = read_card(folder)
            check_card(card)
            config = read_config(folder, card)
            check_config(config, card)
            graphs = {
                name: open_graph(read_hashed(folder, task["file"], card), task["file"])
                for name, task in config["tasks"].items()
                if task["kind"] == "model"
            }
            for name in graphs.keys() & FIGURES:
                check_graph(name, config["tasks"][name], graphs[name])
        except ModelError as error:
            if str(folder) in error.message:
                raise
            raise ModelError(error.code, f"{folder}: {error.message}") from None
        return cls(config["name"], config["version"], card, config, graphs)

    @property
    def identity(self) -> str:
        """Name and version, as a plan keeps them."""
        return f"{self.name} {self.version}"

    @property
    def label(self) -> str:
        """The source of what this model says: `model NAME VERSION`."""
        return f"model {self.identity}"

    def has(self, task: str) -> bool:
        """Tell whether the bundle says anything about a task, be it a constant."""
        return task in self.config["tasks"]

    def shows_skill(self, task: str) -> bool:
        """Tell whether a task has a model that beat its constant on artists left out."""
        return self.has(task) and self.config["tasks"][task]["kind"] == "model"

    def predict(self, task: str, features: Floats, *, at_most: float = 1.0) -> Prediction:
        """Predict a figure, in its own unit, from all features of a song, (len(FEATURES),) as measured.

        `at_most` limits the confidence, and with it the way from the constant to the model's answer.
        """
        config = self.config["tasks"][task]
        chosen = features[[FEATURES.index(name) for name in config["features"]]]
        if not self.shows_skill(task):
            return predict(config, chosen, answer=None, source=PRIOR, at_most=at_most)
        return predict(
            config, chosen, answer=lambda values: self._value(task, values), source=self.label, at_most=at_most
        )

    def constant(self, task: str) -> Prediction:
        """Give what a song gets of which nothing is known."""
        return predict(self.config["tasks"][task], np.zeros(0), answer=None, source=PRIOR)

    def hear(self, portrait: Portrait) -> Heard:
        """Let the equalizer's model look at a voice, where there is one (`shows_skill`)."""
        task = self.config["tasks"]["equalizer"]
        return hear(task, portrait, lambda inputs: self.run("equalizer", inputs), label=self.label)

    def run(self, task: str, inputs: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Run the graph of a task as it is: arrays by name in and out."""
        return self.graphs[task].run(inputs)

    def _value(self, task: str, features: Floats) -> float:
        value = float(self.run(task, {"features": features[None, :]})["value"][0, 0])
        if not np.isfinite(value):
            raise ModelError("model.failed", f"{self.label}: its {task} is not a number for this song")
        return value


@functools.cache
def default_bundle() -> Bundle:
    """Load the model that comes with Sitwell, once; raises ModelError `model.not_found` where there is none."""
    if not (_DEFAULT / "card.json").is_file():
        raise ModelError(
            "model.not_found",
            "no model comes with this installation; name a bundle of your own, or let the rules decide",
        )
    return Bundle.load(_DEFAULT)
