"""Sets high-pass and equalizer: the cut below the voice, and the six bands nearest to a wanted correction."""

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.decide.aims import BY_HAND, Correction
from sitwell.decide.eq_fit import fit_equalizer
from sitwell.decide.rules.equalization import SOURCE, highpass_at, lowest_voice_hz
from sitwell.effects import Equalizer, HighPass
from sitwell.plan import MixPlan, Target
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]

_PATH = "vocal.equalizer."
_POINTS_HZ = np.geomspace(200.0, 10_000.0, 64)  # where a correction is judged
_TILT_HZ, _TILT_OCTAVES = 1000.0, 2.0
_NEAR_DB, _NEAR_SHARE = 1.0, 0.5  # by how much, rms, six smooth bands may miss what is wanted: the larger of both


def decide(plan: MixPlan, spectrum: Floats, correction: Correction | None, sample_rate: int, wishes: Wishes) -> MixPlan:
    """Choose the high-pass from the mean power (bands,) of the vocal while it sings, and fit the correction."""
    if correction is None:
        highpass = plan.vocal.highpass.replace(enabled=False)
        equalizer = plan.vocal.equalizer.replace(enabled=False)
        off = plan.replace(vocal=plan.vocal.replace(highpass=highpass, equalizer=equalizer))
        off = off.because("highpass", "off, as asked", SOURCE).because("equalizer", "off, as asked", SOURCE)
        return wishes.apply(off)
    lowest_hz = lowest_voice_hz(spectrum)
    highpass = HighPass(frequency_hz=highpass_at(lowest_hz)).rounded()
    wanted_db = correction.wanted_db * wishes.amount / 100.0 + _tilt_db(correction.frequencies_hz, wishes)
    equalizer = fit_equalizer(correction.frequencies_hz, wanted_db, sample_rate)
    plan = plan.replace(vocal=plan.vocal.replace(highpass=highpass, equalizer=equalizer))
    cut_hz = highpass.frequency_hz
    low = f"the voice begins around {lowest_hz:.0f} Hz; below {cut_hz:.0f} Hz there is only rumble"
    plan = plan.because("highpass", low, "studio practice: 80 to 120 Hz")
    plan = wishes.apply(plan.because("equalizer", correction.text + _asked_tone(wishes), correction.citation))
    if any(path.startswith(_PATH) for path in wishes.locked):
        got = strength_db(plan.vocal.equalizer, sample_rate)
        return plan.aim(equalizer_db=Target(got=got, source=BY_HAND, status="set by hand"))
    return plan.aim(equalizer_db=_target(plan.vocal.equalizer, correction, wanted_db, sample_rate))


def strength_db(equalizer: Equalizer, sample_rate: int) -> float:
    """Measure how much an equalizer does: the rms of its response in dB, evenly over octaves, 200 Hz to 10 kHz."""
    return _rms(_response_db(equalizer, sample_rate))


def _tilt_db(frequencies_hz: Floats, wishes: Wishes) -> Floats:
    """Tilt about 1 kHz: half of what is asked above 4 kHz, half of it the other way below 250 Hz."""
    octaves = np.clip(np.log2(frequencies_hz / _TILT_HZ) / _TILT_OCTAVES, -1.0, 1.0)
    return np.asarray(0.5 * wishes.vocal_tone_db * octaves)


def _asked_tone(wishes: Wishes) -> str:
    tone_db = wishes.vocal_tone_db
    return f"; and {abs(tone_db):.1f} dB {'brighter' if tone_db > 0 else 'darker'}, as asked" if tone_db else ""


def _target(equalizer: Equalizer, correction: Correction, wanted_db: Floats, sample_rate: int) -> Target:
    at = _judged_hz(sample_rate)
    wanted = np.interp(np.log2(at), np.log2(correction.frequencies_hz), wanted_db)
    found = _response_db(equalizer, sample_rate)
    asked, missed = _rms(wanted), _rms(found - wanted)
    return Target(
        asked=asked,
        got=_rms(found),
        source=correction.source,
        confidence=correction.confidence,
        status="met" if missed <= max(_NEAR_DB, _NEAR_SHARE * asked) else "limit reached",
    )


def _response_db(equalizer: Equalizer, sample_rate: int) -> Floats:
    at = _judged_hz(sample_rate)
    if not equalizer.enabled:
        return np.zeros_like(at)
    return core.response_db(equalizer.sections(sample_rate), sample_rate=sample_rate, frequencies_hz=at)


def _judged_hz(sample_rate: int) -> Floats:
    return _POINTS_HZ[sample_rate * 0.4 > _POINTS_HZ]


def _rms(values: Floats) -> float:
    return round(float(np.sqrt(np.mean(values**2))), 4) if values.size else 0.0
