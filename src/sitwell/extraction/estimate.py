"""How wet a vocal is and how long its reverb lasts, with how sure that is; says unknown where nothing can be heard.

A model reads decay and level of each octave from how the sound fades (`sitwell.analysis.tails`); level and balance of
the whole follow in closed form from the octaves.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis import OCTAVES_HZ, Track, active_frames, measure_voice, portray
from sitwell.analysis.tails import TAIL_FEATURES, TAILS_VERSION, measure_tails, tail_features
from sitwell.audio import Audio
from sitwell.errors import ModelError
from sitwell.models import Bundle, default_bundle
from sitwell.value import Json, Value

Floats = npt.NDArray[np.float64]

TASK = "extraction"
WET, DRY, UNKNOWN = "wet", "dry", "unknown"
SHORTEST_S = 4.0  # below it there are hardly two pauses to listen to
SURE = 0.9  # from here a confidence is called high
EARLY_S = 0.08  # C80, ISO 3382-1
PREDELAY_S = 0.03  # of a usual reverb: it cannot be heard from outside
_LIKE_A_VOICE = 0.9  # all sung vocals at hand are above; noise, speech and most instruments below
_KNOWN = 0.5  # a decay less sure than this is not told
_ROOM_S, _ROOM_DB = 0.7, -12.0  # nine in ten professional reverbs last longer (DiffVox)
_LEVEL_UNIT_DB = 10.0
_BODY = slice(2, 6)  # 500 Hz to 4 kHz


@dataclass(frozen=True)
class Confidence(Value):
    """How likely each figure is near the truth: a decay within 25 %, a level or balance within 2.5 dB; 0 if unknown."""

    decay_s: dict[str, float]
    return_db: float = 0.0
    early_to_late_db: float = 0.0
    predelay_ms: float = 0.0


@dataclass(frozen=True)
class ReverbEstimate(Value):
    """The reverb of a vocal; None is unknown. Octaves are keyed by their centre in Hz: 125, 250 ... 8000.

    `verdict` is wet, dry or unknown, `decay_s` T60, `return_db` the K-weighted energy of the reverb against that of
    the dry vocal, as in a plan. `early_to_late_db` is C80 as this vocal makes it heard: the voice and what follows it
    within 80 ms against what comes later. `octaves_db` is the return against the dry vocal in each octave: its tone.
    """

    verdict: str
    decay_s: dict[str, float | None]
    return_db: float | None
    early_to_late_db: float | None
    predelay_ms: float | None
    confidence: Confidence
    octaves_db: dict[str, float | None]

    def to_report(self) -> Json:
        """Give the figures that people and programs are told: all but the tone."""
        return {name: value for name, value in self.to_dict().items() if name != "octaves_db"}

    @property
    def is_room(self) -> bool:
        """Tell whether the vocal seems to have been sung in a live room: short, and louder than an engineer adds it."""
        decay_s, return_db = self.middle_decay_s, self.return_db
        return decay_s is not None and return_db is not None and decay_s < _ROOM_S and return_db > _ROOM_DB

    @property
    def below(self) -> str:
        """Say how loud the reverb is: `12 dB below`; nothing where that is unknown."""
        if self.return_db is None:
            return ""
        return f"{abs(self.return_db):.0f} dB {'above' if self.return_db > 0 else 'below'}"

    @property
    def middle_decay_s(self) -> float | None:
        """Give the decay at 500 Hz to 2 kHz, as a room is told by; None where none of them is known."""
        known = [decay_s for hz in ("500", "1000", "2000") if (decay_s := self.decay_s[hz]) is not None]
        return math.exp(sum(map(math.log, known)) / len(known)) if known else None


def estimate_reverb(
    audio: Audio, track: Track, bundle: Bundle | None = None, *, likeness: float | None = None
) -> ReverbEstimate:
    """Estimate the reverb of a vocal, from the sound and what was measured of it, by the model that comes along.

    `likeness` says how much it resembles a singing voice, 0 to 1, where that is known already: what does not is
    unknown, and so is what is shorter than 4 s. Raises ModelError `model.features` when the model was made for other
    measurements, `model.failed` when it gives no numbers, and `model.not_found` when the bundle has no such model.
    """
    bundle = bundle or default_bundle()
    if not bundle.shows_skill(TASK):
        raise ModelError("model.not_found", f"{bundle.label}: it has no model that extracts reverb; train it with one")
    _checked(bundle)
    if track.seconds < SHORTEST_S or not active_frames(track).any():
        return _nothing(UNKNOWN)
    if (likeness_of(audio, track, bundle) if likeness is None else likeness) < _LIKE_A_VOICE:
        return _nothing(UNKNOWN)
    return estimate_singing(track, bundle)


def estimate_singing(track: Track, bundle: Bundle) -> ReverbEstimate:
    """Estimate the reverb of what is known to be singing, from what was measured of it; raises as `estimate_reverb`."""
    config = _checked(bundle)
    if track.seconds < SHORTEST_S or not active_frames(track).any():
        return _nothing(UNKNOWN)
    tails = measure_tails(track.spectrum)
    octaves = bundle.run(TASK, {"features": tail_features(tails)[None]})["octaves"][0].astype(np.float64)
    if not np.isfinite(octaves).all():
        raise ModelError("model.failed", f"{bundle.label}: its reverb is not a number for this vocal")
    return read_octaves(octaves, tails.shares, config, highest_hz=track.sample_rate / 2)


def likeness_of(audio: Audio, track: Track, bundle: Bundle) -> float:
    """Say how much a sound resembles the singing voices that the equalizer's model knows; 1 where there is none."""
    if not bundle.shows_skill("equalizer"):
        return 1.0
    portrait = portray(measure_voice(audio, track))
    return 0.0 if portrait is None else bundle.hear(portrait).confidence


def read_octaves(octaves: Floats, shares: Floats, config: Json, *, highest_hz: float = math.inf) -> ReverbEstimate:
    """Turn what the model says of each octave (7, 5) and shares (7,) of the energy into an estimate.

    An octave that goes on above `highest_hz` is unknown.
    """
    wetness = float(octaves[_BODY, 4].mean())
    if wetness < config["dry_below"]:
        return _nothing(DRY)
    decay_s, octaves_db = np.exp(octaves[:, 0]), _LEVEL_UNIT_DB * octaves[:, 1]
    return_db, clarity_db = whole(decay_s, octaves_db, shares)
    sure = config["sureness"]
    level_scale = float(octaves[_BODY, 3].mean())
    decays, sureness = dict[str, float | None](), dict[str, float]()
    for hz, fall_s, log_scale in zip(OCTAVES_HZ, decay_s, octaves[:, 2], strict=True):
        near = _sureness(sure["decay_s"], log_scale)
        known = near >= _KNOWN and hz * math.sqrt(2.0) <= highest_hz
        decays[str(hz)], sureness[str(hz)] = (_rounded(fall_s, 3), near) if known else (None, 0.0)
    return ReverbEstimate(
        verdict=WET,
        decay_s=decays,
        return_db=_rounded(return_db + config["return_offset_db"], 2),
        early_to_late_db=_rounded(clarity_db + config["early_to_late_offset_db"], 2),
        predelay_ms=None,
        confidence=Confidence(
            decay_s=sureness,
            return_db=_sureness(sure["return_db"], level_scale),
            early_to_late_db=_sureness(sure["early_to_late_db"], level_scale),
        ),
        octaves_db={str(hz): _rounded(float(db), 2) for hz, db in zip(OCTAVES_HZ, octaves_db, strict=True)},
    )


def whole(decay_s: Floats, octaves_db: Floats, shares: Floats) -> tuple[float, float]:
    """Sum octaves (..., 7) up to the level of the return and to C80, in dB, for a vocal with such shares of energy."""
    ratio = 10.0 ** (octaves_db / 10.0)
    dry = shares / (1.0 + ratio)
    wet = dry * ratio
    late = wet * 10.0 ** (-6.0 * (EARLY_S - PREDELAY_S) / decay_s)
    return_db = 10.0 * np.log10(wet.sum(axis=-1) / dry.sum(axis=-1))
    clarity_db = 10.0 * np.log10((dry + wet - late).sum(axis=-1) / late.sum(axis=-1))
    return return_db, clarity_db


def _sureness(curve: Json, log_scale: float) -> float:
    """Turn a log scale into the likelihood to be near the truth, by the curve of the calibration."""
    return _rounded(float(np.interp(log_scale, curve["log_scale"], curve["near"])), 3)


def _checked(bundle: Bundle) -> Json:
    config: Json = bundle.config["tasks"][TASK]
    if (config.get("features"), config.get("tails_version")) != (TAIL_FEATURES, TAILS_VERSION):
        raise ModelError("model.features", f"{bundle.label}: it extracts reverb from other measurements; train it anew")
    return config


def _nothing(verdict: str) -> ReverbEstimate:
    empty: dict[str, float | None] = {str(hz): None for hz in OCTAVES_HZ}
    return ReverbEstimate(verdict, empty, None, None, None, Confidence({str(hz): 0.0 for hz in OCTAVES_HZ}), empty)


def _rounded(value: float, digits: int) -> float:
    return round(float(value), digits)
