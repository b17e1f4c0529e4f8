"""Learning which reverb suits a song: labels heard in mixed vocals, and the settings of professionals behind them."""

from sitwell_training.reverb.task import ears_of, fit_reverb_tasks, hash_of, with_rooms

__all__ = ["ears_of", "fit_reverb_tasks", "hash_of", "with_rooms"]
