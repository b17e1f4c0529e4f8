"""What the rules aim at, one file a rule; `masking`, `reverb` and `master` also decide their stages by rule."""

from sitwell.decide.aims import Aims, Correction
from sitwell.decide.rules import compression, equalization, level, reverb
from sitwell.decide.rules.spectrum import sung_spectrum
from sitwell.decide.stem import Stem


def rule_aims(vocal: Stem, backing: Stem, *, correct: bool = True) -> Aims:
    """Give what the rules ask of a song; without `correct` the tone is left alone."""
    correction = rule_correction(vocal) if correct else None
    return Aims(level.AIM, compression.AIM, *reverb.tempo_aims(backing.track.tempo), correction)


def rule_correction(vocal: Stem) -> Correction:
    """Give the rule's correction of a vocal's tone."""
    return equalization.correct(sung_spectrum(vocal.track), vocal.audio.sample_rate)
