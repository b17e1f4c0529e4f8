"""Separators behind one interface, for songs that come as finished mixes."""

from sitwell_training.separate.separator import SEPARATORS, Separator, load_separator

__all__ = ["SEPARATORS", "Separator", "load_separator"]
