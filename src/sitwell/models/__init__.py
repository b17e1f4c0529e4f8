"""Trained models as folders that are checked before they are trusted; the only home of onnxruntime."""

from sitwell.models.bundle import TASKS, Bundle, default_bundle
from sitwell.models.checks import FIGURES, REVERB
from sitwell.models.prediction import Prediction
from sitwell.models.voice import Heard

__all__ = ["FIGURES", "REVERB", "TASKS", "Bundle", "Heard", "Prediction", "default_bundle"]
