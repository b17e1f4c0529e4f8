"""What the page draws of a song and of a mix, as plain JSON: curves every 100 ms, spectra, figures."""

import math

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import BARK, THIRD_OCTAVE, Track, active_frames, mean_level_db
from sitwell.pipeline import Heard, Session, measured_to_dict
from sitwell.value import Json

Floats = npt.NDArray[np.float64]
_PIECE_S = 0.1
_SHORTEST_PHRASE_S, _SHORTEST_PAUSE_S = 0.4, 0.6


def analysis(session: Session) -> Json:
    """Turn two measured sounds into what is drawn before anything is decided."""
    vocal, backing = session.vocal.track, session.backing.track
    return {
        "seconds": round(session.seconds, 3),
        "vocal": _track(vocal),
        "backing": _track(backing),
        "phrases_s": _phrases(vocal),
        "dry_lufs": _rounded(core.integrated_lufs(_dry_energies(session))),
        "hz": [round(hz, 1) for hz in THIRD_OCTAVE.centres_hz.tolist()],
    }


def heard(heard: Heard) -> Json:
    """Turn a rendering into what is drawn of it."""
    energies = heard.energies
    return {
        "plan": heard.plan.to_dict(),
        "measured": measured_to_dict(heard.measured),
        "vocal_lufs": _curve(energies[:, 0, 0]),
        "backing_lufs": _curve(energies[:, 2, 2]),
        "mix_lufs": _curve(heard.mix_energies),
        "reduction_db": [round(db, 1) for db in heard.reduction_db.tolist()],
        "masking": {
            "hz": [round(hz, 1) for hz in BARK.centres_hz.tolist()],
            "masked_share": [round(share, 3) for share in heard.masking.masked_share.tolist()],
            "audible_share": round(heard.masking.audible_share, 4),
        },
    }


def _track(track: Track) -> Json:
    level_db = mean_level_db(track.spectrum.third_octave, active_frames(track))
    return {
        "seconds": round(track.seconds, 3),
        "integrated_lufs": _rounded(track.loudness.integrated_lufs),
        "loudness_range_lu": _rounded(track.loudness.loudness_range_lu),
        "true_peak_dbtp": _rounded(track.loudness.true_peak_dbtp),
        "lufs": _curve(track.energies),
        "spectrum_db": [round(db, 1) for db in level_db.tolist()],
    }


def _curve(energies: Floats) -> Json:
    """Measure loudness over 3 s (400 ms for what is shorter), at the middle of each window, every 100 ms."""
    window, measure = (30, core.short_term_lufs) if len(energies) >= 30 else (4, core.momentary_lufs)
    lufs = measure(np.ascontiguousarray(energies)) if len(energies) >= window else np.zeros(0)
    return {"start_s": window * _PIECE_S / 2, "step_s": _PIECE_S, "values": [_rounded(value) for value in lufs]}


def _phrases(track: Track) -> list[list[float]]:
    """Find where the vocal sings, as [begin, end] in s; short pauses do not end a phrase."""
    active = np.concatenate([[False], active_frames(track), [False]])
    changes = np.flatnonzero(np.diff(active.astype(np.int8))) / track.spectrum.frame_rate_hz
    phrases: list[list[float]] = []
    for begin, end in changes.reshape(-1, 2).tolist():
        if phrases and begin - phrases[-1][1] < _SHORTEST_PAUSE_S:
            phrases[-1][1] = round(end, 2)
        else:
            phrases.append([round(begin, 2), round(end, 2)])
    return [phrase for phrase in phrases if phrase[1] - phrase[0] >= _SHORTEST_PHRASE_S]


def _dry_energies(session: Session) -> Floats:
    """Measure the plain sum of both sounds, (pieces,)."""
    vocal, backing = session.vocal.audio, session.backing.audio
    length = max(vocal.length, backing.length)
    meter = core.Meter(sample_rate=vocal.sample_rate, channels=2)
    both = zip(vocal.blocks(length=length), backing.blocks(length=length), strict=True)
    return np.concatenate([meter.process(one + other) for one, other in both])


def _rounded(value: float) -> float | None:
    return round(float(value), 2) if math.isfinite(value) else None
