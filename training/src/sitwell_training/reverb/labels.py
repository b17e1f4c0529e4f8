"""Labels of reverb: what is heard in a mixed vocal, turned into knobs of our reverb, as far as it is sure enough."""

from sitwell.analysis import Track
from sitwell.extraction import WET, ReverbEstimate, estimate_singing
from sitwell.fit import reverb_from_figures
from sitwell.models import Bundle
from sitwell.songs import Song
from sitwell_training.targets.examples import RoomLabels

_SURE = 0.4  # as sure as a decay must be to be told
_NO_REVERB = ("separated", "raw")  # a separator leaves no tails, and raw tracks were not mixed


def carries_reverb(song: Song) -> bool:
    """Tell whether a song's vocal is as an engineer left it, its reverb included."""
    return not song.kind.startswith(_NO_REVERB)


def hear_room(vocal: Track, ears: Bundle) -> RoomLabels:
    """Listen to a mixed vocal with a bundle that extracts reverb; what is dry or unknown has no labels."""
    return room_of(estimate_singing(vocal, ears))


def room_of(estimate: ReverbEstimate) -> RoomLabels:
    """Turn an estimate into the knobs whose decays come nearest; brightness needs an octave of 4 kHz or more."""
    if estimate.verdict != WET:
        return RoomLabels()
    sure = estimate.return_db is not None and estimate.confidence.return_db >= _SURE
    return_db = estimate.return_db if sure else None
    decay_s = {int(hz): value for hz, value in estimate.decay_s.items()}
    if estimate.middle_decay_s is None:
        return RoomLabels(return_db=return_db, predelay_ms=estimate.predelay_ms)
    knobs = reverb_from_figures(decay_s=decay_s)
    bright = decay_s[4000] is not None or decay_s[8000] is not None
    brightness = knobs.decay_high_s / knobs.decay_mid_s if bright else None
    return RoomLabels(knobs.decay_mid_s, brightness, estimate.predelay_ms, return_db)
