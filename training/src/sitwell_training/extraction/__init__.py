"""Learning to hear the reverb of a mixed vocal from dry vocals that were given one."""

from sitwell_training.extraction.task import fit_extraction_task

__all__ = ["fit_extraction_task"]
