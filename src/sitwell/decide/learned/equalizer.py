"""The learned equalizer: what a model hears as not belonging to this voice, turned into a correction."""

import numpy as np
import numpy.typing as npt

from sitwell.analysis import VOICE_HZ, VoiceFrames, measure_voice, portray
from sitwell.decide.aims import Correction
from sitwell.decide.stem import Stem
from sitwell.models import Bundle

Floats = npt.NDArray[np.float64]

_HIGHEST_HZ = 12500.0
_LOWEST_HZ = (100.0, 200.0)  # the lowest notes decide within this: below them there is no voice to correct
_NOTHING_DB = 1.0  # a correction that stays below says that the voice is right as it is
_CITATION = "{label}: equalizers were put on mixed vocals at random and learned to be undone"


def correct(bundle: Bundle, vocal: Stem) -> Correction:
    """Estimate what to change, in dB at `VOICE_HZ`, scaled by how much the voice resembles those learned from.

    Nothing is changed where too little is sung to judge it. Raises ModelError `model.features` when the model was
    made for another portrait of the voice, `model.failed` when it gives no numbers.
    """
    frames = measure_voice(vocal.audio, vocal.track)
    portrait = portray(frames)
    if portrait is None:
        text = "too little is sung to judge the tone; it is left alone"
        return _correction(bundle, np.zeros_like(VOICE_HZ), 0.0, text)
    heard = bundle.hear(portrait)
    scaled_db = np.clip(heard.response_db * heard.confidence, -heard.limit_db, heard.limit_db)
    wanted_db = np.where(portrait.audible & _sung(frames), scaled_db, 0.0)
    return _correction(bundle, wanted_db, heard.confidence, _text(wanted_db, heard.confidence))


def _correction(bundle: Bundle, wanted_db: Floats, confidence: float, text: str) -> Correction:
    return Correction(
        frequencies_hz=VOICE_HZ,
        wanted_db=wanted_db,
        deviation_db=-wanted_db,
        text=text,
        source=bundle.label,
        citation=_CITATION.format(label=bundle.label),
        confidence=confidence,
    )


def _sung(frames: VoiceFrames) -> npt.NDArray[np.bool_]:
    """Tell which bands can hold singing: from a little below the lowest notes up, (46,)."""
    notes_hz = frames.f0_hz[frames.voicing > np.median(frames.voicing)]
    lowest_hz = float(np.clip(0.8 * np.percentile(notes_hz, 5), *_LOWEST_HZ)) if notes_hz.size else _LOWEST_HZ[0]
    return np.asarray([lowest_hz < hz < _HIGHEST_HZ for hz in VOICE_HZ.tolist()])


def _text(wanted_db: Floats, confidence: float) -> str:
    sure = (
        "" if confidence > 0.8 else f"; the voice is unlike those learned from, so only {confidence:.0%} of it is done"
    )
    strongest = int(np.argmax(np.abs(wanted_db)))
    change_db, hz = wanted_db[strongest], VOICE_HZ[strongest]
    if abs(change_db) < _NOTHING_DB:
        return f"for this voice its tone is nearly as mixed vocals are; at most {abs(change_db):.1f} dB to change{sure}"
    what = f"{abs(change_db):.1f} dB {'too little' if change_db > 0 else 'too much'} around {_hz(hz)}"
    verb = "raised" if change_db > 0 else "cut"
    return f"for a voice with these vowels, pitches and sibilants there is {what}, which is {verb}{sure}"


def _hz(hz: float) -> str:
    return f"{hz / 1000:.2g} kHz" if hz >= 1000 else f"{hz:.0f} Hz"
