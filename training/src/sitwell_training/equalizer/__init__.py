"""Learning the corrective equalizer from mixed vocals that were spoiled on purpose."""

from sitwell_training.equalizer.task import fit_equalizer_task
from sitwell_training.equalizer.voices import Voice, read_voices, voices_of, write_voices

__all__ = ["Voice", "fit_equalizer_task", "read_voices", "voices_of", "write_voices"]
