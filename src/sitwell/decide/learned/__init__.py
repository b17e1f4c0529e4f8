"""What a trained model aims at: its answer where it has shown skill, its constant as a prior, else the rules."""

from dataclasses import replace
from typing import Any

from sitwell.analysis import measure_features, without_tails
from sitwell.decide.aims import Aim, Aims
from sitwell.decide.learned.equalizer import correct as correct_tone
from sitwell.decide.learned.reverb import lacking
from sitwell.decide.rules import rule_aims, rule_correction
from sitwell.decide.stem import Stem
from sitwell.extraction import estimate_reverb
from sitwell.models import REVERB, Bundle, Prediction

_FIGURES = {  # field of the aims, task of the bundle
    "vbr_lu": "level", "loudness_range_lu": "range", "decay_s": "decay", "brightness": "brightness",
    "predelay_ms": "predelay", "return_db": "return",
}  # fmt: skip


def model_aims(bundle: Bundle, vocal: Stem, backing: Stem, *, correct: bool = True, listen: bool = True) -> Aims:
    """Give what a model asks of this song; without `correct` the tone is left alone, without `listen` the reverb.

    The equalizer's model hears whether this is a voice like those it knows; where it is not, no other target of
    the model is surer, since a song's features tell an instrument from a singer less well. What is asked of the reverb
    is all that the vocal should have, whatever it carries: its own is taken out before it is looked at.
    """
    aims = rule_aims(vocal, backing, correct=False)
    features = measure_features(vocal.track, backing.track)
    heard = correct_tone(bundle, vocal) if bundle.shows_skill("equalizer") else None
    sure = 1.0 if heard is None or heard.confidence is None else heard.confidence
    chooses = any(bundle.has(task) for task in REVERB)
    clean = measure_features(without_tails(vocal.track), backing.track) if chooses else features
    found: dict[str, Any] = {
        field: _aim(bundle, bundle.predict(task, clean if task in REVERB else features, at_most=sure))
        for field, task in _FIGURES.items()
        if bundle.has(task)
    }
    aims = replace(aims, **found)
    if listen and bundle.shows_skill("extraction"):
        reverb = estimate_reverb(vocal.audio, vocal.track, bundle, likeness=sure)
        aims = replace(aims, return_db=lacking(bundle, aims.return_db, reverb), heard=reverb)
    return replace(aims, correction=(heard or rule_correction(vocal)) if correct else None)


def _aim(bundle: Bundle, found: Prediction) -> Aim:
    citation = found.source if found.source == bundle.label else f"prior: middle of what {bundle.label} learned from"
    return Aim(
        value=found.value, source=found.source, citation=citation,
        low=found.low, high=found.high, confidence=found.confidence,
    )  # fmt: skip
