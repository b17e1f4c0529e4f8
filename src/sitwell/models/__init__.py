"""Trained models as folders that are checked before they are trusted; the only home of onnxruntime."""

from sitwell.models.bundle import TASKS, Bundle, default_bundle
from sitwell.models.checks import FIGURES
from sitwell.models.prediction import Prediction

__all__ = ["FIGURES", "TASKS", "Bundle", "Prediction", "default_bundle"]
