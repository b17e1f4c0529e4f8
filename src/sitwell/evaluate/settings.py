"""What an evaluation is run with; one value, so that every process does the same."""

from dataclasses import dataclass

from sitwell.evaluate.published import CONSTANT_RANGE_LU, CONSTANT_VBR_LU

RULES, LEARNED = "rules", "learned"
METHODS = (RULES, LEARNED)
TABLES = ("level", "equalizer", "damage")

# A take that was mixed carries its reverb already, and a master would hide the balance in its limiter.
STAGES = ("equalizer", "compressor", "level", "masking")


@dataclass(frozen=True)
class Settings:
    """Methods, the model's folder as text or None for the default, and how much of each song is used.

    The constants are what the row of that name asks of every song: the means of the model's training songs
    where it carries them, else published ones.
    """

    methods: tuple[str, ...] = (RULES,)
    model: str | None = None
    seed: int = 0
    excerpt_s: float = 60.0
    draws: int = 2  # corruptions of each kind, and damages, a song
    constant_vbr_lu: float = CONSTANT_VBR_LU
    constant_range_lu: float = CONSTANT_RANGE_LU
    stages: tuple[str, ...] = STAGES  # that act in the damage test
