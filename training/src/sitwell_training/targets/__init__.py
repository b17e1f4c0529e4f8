"""What a model aims for: the level of the vocal against its backing, and the vocal's loudness range."""

from sitwell_training.targets.examples import Example, song_weights
from sitwell_training.targets.target import LEVEL, RANGE, Target

__all__ = ["LEVEL", "RANGE", "Example", "Target", "song_weights"]
