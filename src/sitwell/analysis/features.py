"""What kind of song this is, in figures a model may look at; says nothing of how loud the vocal is.

Every figure is of the vocal alone or the backing alone, each levelled on its own, or of both at equal
loudness. So neither the vocal's level against the backing nor the vocal's own dynamics, which are what a
model is to predict, can be read off: the vocal is levelled second by second before its spectrum is taken.
Left out for the same reason: anything above 9 kHz and below 70 Hz, and the vocal's width, where a source
separator leaves more of the backing in a soft vocal than in a loud one.
"""

import math

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from sitwell.analysis.activity import PIECE_S, active_windows, frame_activity, window_energies
from sitwell.analysis.balance import measure_balance
from sitwell.analysis.bands import K_WEIGHT, THIRD_OCTAVE
from sitwell.analysis.masking import at_frequencies, audible_share, measure_masking
from sitwell.analysis.spectrum import BandFrames, Powers
from sitwell.analysis.tempo import onset_strength
from sitwell.analysis.track import Track
from sitwell.core import energies_lufs, loudness_range_lu

Floats = npt.NDArray[np.float64]
Active = npt.NDArray[np.bool_]

FEATURES_VERSION = 1
# Name, and the figure when nothing is there to measure. Spectra in dB are against the sound's own total,
# octaves from 1 kHz and 120 beats a minute, `_log_lu` is log2 of 1 + LU.
_NEUTRAL = {
    "vocal_tilt_db_per_octave": -3.0, "vocal_low_db": -8.0, "vocal_mid_db": -4.0, "vocal_presence_db": -10.0,
    "vocal_air_db": -18.0, "vocal_register_octaves": -2.0, "vocal_centre_octaves": -0.7,
    "vocal_onsets_per_s": 3.0, "vocal_active_share": 0.0,
    "backing_tilt_db_per_octave": -4.0, "backing_bass_db": -3.0, "backing_low_db": -6.0, "backing_mid_db": -8.0,
    "backing_presence_db": -12.0, "backing_air_db": -18.0, "backing_flatness_db": -8.0, "backing_dense_share": 0.5,
    "backing_active_share": 0.0, "backing_onsets_per_s": 3.0, "backing_crest_db": 14.0, "backing_range_log_lu": 2.5,
    "backing_spread_log_lu": 1.5, "backing_beat_log_lu": 1.3, "backing_lift_lu": 0.0, "backing_width_db": -10.0,
    "tempo_octaves": 0.0, "tempo_confidence": 0.0,
    "spectral_distance_db": 8.0, "audible_share": 0.5, "presence_to_mask_db": 0.0, "low_to_mask_db": 0.0,
}  # fmt: skip
FEATURES: tuple[str, ...] = tuple(_NEUTRAL)

_GROUPS_HZ = {"bass": (70, 141), "low": (141, 447), "mid": (447, 1413), "presence": (1413, 4467), "air": (4467, 8912)}
_SPAN_HZ = (71.0, 8912.0)  # edges of third octaves
_FLOOR_DB = -40.0  # a group further below the total is simply absent
_LEVELLING_S = 1.0
_DENSE_DB = -25.0  # a Bark band this far below the loudest of its frame still fills the sound


def measure_features(vocal: Track, backing: Track) -> Floats:
    """Measure the figures named in FEATURES, (len(FEATURES),), all finite; some milliseconds a song.

    Invariant to the gain of either sound and, but for edges, to silence around them and sample rate.
    """
    found = dict(_NEUTRAL)
    times_s = vocal.spectrum.times_s
    singing = frame_activity(vocal.energies, times_s)
    playing = frame_activity(backing.energies, backing.spectrum.times_s)
    found |= _of_backing(backing, playing)
    if singing.any():
        found |= _of_vocal(vocal, singing)
    if singing.any() and playing.any():
        under = _at_times(backing.spectrum, times_s)
        found |= _of_both(vocal, backing, singing, under)
        last_s = max(float(times_s[singing][-1]), float(backing.spectrum.times_s[playing][-1]))
        first_s = min(float(times_s[singing][0]), float(backing.spectrum.times_s[playing][0]))
        song_frames = max((last_s - first_s) * vocal.spectrum.frame_rate_hz, 1.0) + 1.0
        found["vocal_active_share"] = min(float(np.count_nonzero(singing)) / song_frames, 1.0)
    values = np.array([found[name] for name in FEATURES])
    return np.where(np.isfinite(values), values, np.array(list(_NEUTRAL.values())))


def levelled(band_power: Powers, active: Active, *, frame_rate_hz: float) -> Floats:
    """Bring active frames (n, bands) to the same power second by second; the others become silent.

    What is left of a slow gain, a ride or a compressor is less than what fits in a second.
    """
    chosen = np.where(active[:, None], band_power, 0.0).astype(np.float64)
    half = max(1, round(_LEVELLING_S * frame_rate_hz / 2))
    sums = np.concatenate([[0.0], np.cumsum(chosen.sum(axis=1))])
    counts = np.concatenate([[0.0], np.cumsum(active)])
    frames = np.arange(len(chosen))
    low, high = np.maximum(frames - half, 0), np.minimum(frames + half + 1, len(chosen))
    level = (sums[high] - sums[low]) / np.maximum(counts[high] - counts[low], 1.0)
    gain = np.divide(1.0, level, out=np.zeros_like(level), where=active & (level > 0.0))
    return np.asarray(chosen * gain[:, None])


def _of_vocal(vocal: Track, singing: Active) -> dict[str, float]:
    rate_hz = vocal.spectrum.frame_rate_hz
    power = levelled(vocal.spectrum.third_octave, singing, frame_rate_hz=rate_hz).mean(axis=0)
    found = {f"vocal_{name}": value for name, value in _balance_of(power).items() if name != "bass_db"}
    found["vocal_register_octaves"] = _quantile_octaves(power, 0.1)
    found["vocal_centre_octaves"] = _quantile_octaves(power, 0.5)
    found["vocal_onsets_per_s"] = _onsets_per_s(vocal.spectrum, singing)
    return found


def _of_backing(backing: Track, playing: Active) -> dict[str, float]:
    if not playing.any():
        return {}
    spectrum = backing.spectrum
    frames = np.flatnonzero(playing)
    bark = spectrum.bark[playing]
    power = spectrum.third_octave[playing].mean(axis=0, dtype=np.float64)
    found = {f"backing_{name}": value for name, value in _balance_of(power).items()}
    found["backing_flatness_db"] = _flatness_db(power)
    loudest = bark.max(axis=1, keepdims=True)
    found["backing_dense_share"] = float((bark[:, :21] > loudest * 10.0 ** (_DENSE_DB / 10.0)).mean())  # to 7.7 kHz
    found["backing_active_share"] = float(len(frames) / (frames[-1] - frames[0] + 1))
    found["backing_onsets_per_s"] = _onsets_per_s(spectrum, playing)
    found["backing_crest_db"] = min(max(backing.crest_db, 0.0), 30.0)
    energies = _trimmed(backing.energies)
    found["backing_range_log_lu"] = _log_lu(loudness_range_lu(energies))
    found["backing_spread_log_lu"] = _log_lu(_spread_lu(window_energies(energies)[active_windows(energies)]))
    found["backing_beat_log_lu"] = _log_lu(_beat_lu(energies))
    found["backing_width_db"] = min(max(backing.stereo.width_db, -30.0), 6.0)
    found["tempo_octaves"] = math.log2(backing.tempo.bpm / 120.0) * float(backing.tempo.confidence > 0.0)
    found["tempo_confidence"] = backing.tempo.confidence
    return found


def _of_both(vocal: Track, backing: Track, singing: Active, under: BandFrames) -> dict[str, float]:
    """Compare both at equal loudness, the vocal levelled; `under` holds the backing at the vocal's frames."""
    rate_hz = vocal.spectrum.frame_rate_hz
    voice = levelled(vocal.spectrum.third_octave, singing, frame_rate_hz=rate_hz)
    bark = levelled(vocal.spectrum.bark, singing, frame_rate_hz=rate_hz)
    below = under.third_octave[singing].mean(axis=0, dtype=np.float64)
    equal = _loudness_weighted(below) / max(_loudness_weighted(voice[singing].mean(axis=0)), 1e-30)
    if not equal > 0.0:
        return {}
    bark_at_equal = (bark * equal).astype(np.float32)
    masking = measure_masking(bark_at_equal, under.bark, singing)
    ratio_db = np.clip(masking.signal_to_mask_db, -30.0, 30.0)
    found = {
        "audible_share": audible_share(bark_at_equal, under.bark, singing),
        "presence_to_mask_db": float(at_frequencies(ratio_db, [1500.0, 2000.0, 3000.0, 4000.0]).mean()),
        "low_to_mask_db": float(at_frequencies(ratio_db, [200.0, 300.0, 400.0, 500.0]).mean()),
    }
    difference_db = _relative_db(voice[singing].mean(axis=0)) - _relative_db(below)
    middle = (THIRD_OCTAVE.centres_hz > 190.0) & (THIRD_OCTAVE.centres_hz < 8100.0)
    found["spectral_distance_db"] = float(difference_db[middle].std())
    playing = window_energies(backing.energies)[active_windows(backing.energies)]
    lift_lu = measure_balance(vocal.energies, backing.energies).backing_lufs - float(energies_lufs(playing.mean()))
    found["backing_lift_lu"] = min(max(lift_lu, -10.0), 10.0)
    return found


def _balance_of(power: Floats) -> dict[str, float]:
    """Share a mean spectrum (31,) into groups, in dB against its total, and take its slope."""
    level_db = _relative_db(power)
    inside = _inside(*_SPAN_HZ)
    octaves = np.log2(THIRD_OCTAVE.centres_hz / 1000.0)
    upper = inside & (THIRD_OCTAVE.centres_hz > 240.0)
    found = {"tilt_db_per_octave": float(np.polyfit(octaves[upper], level_db[upper], 1)[0])}
    total = max(float(power[inside].sum()), 1e-30)
    for name, (low_hz, high_hz) in _GROUPS_HZ.items():
        share = float(power[_inside(low_hz, high_hz)].sum()) / total
        found[f"{name}_db"] = max(10.0 * math.log10(max(share, 1e-30)), _FLOOR_DB)
    return found


def _relative_db(power: Floats) -> Floats:
    total = max(float(power[_inside(*_SPAN_HZ)].sum()), 1e-30)
    return np.asarray(10.0 * np.log10(np.maximum(power / total, 10.0 ** ((_FLOOR_DB - 10.0) / 10.0))))


def _flatness_db(power: Floats) -> float:
    inside = power[_inside(*_SPAN_HZ)]
    level_db = 10.0 * np.log10(np.maximum(inside / max(float(inside.mean()), 1e-30), 1e-6))
    return float(level_db.mean())


def _quantile_octaves(power: Floats, share: float) -> float:
    """Find the frequency below which a share of the power lies, in octaves from 1 kHz, between bands."""
    inside = _inside(*_SPAN_HZ)
    sums = np.concatenate([[0.0], np.cumsum(power[inside])])
    first = int(np.flatnonzero(inside)[0])
    edges = np.log2(THIRD_OCTAVE.edges_hz[first : first + len(sums)] / 1000.0)
    return float(np.interp(share * sums[-1], sums, edges))


def _onsets_per_s(spectrum: BandFrames, active: Active) -> float:
    """Count the peaks of the rise of the bands that stand out from the rest, per active second."""
    rise = onset_strength(spectrum.third_octave[active], frame_rate_hz=spectrum.frame_rate_hz)
    if len(rise) < 3 or not rise.any():
        return 0.0
    reach = max(1, round(0.05 * spectrum.frame_rate_hz))
    around = sliding_window_view(np.pad(rise, reach), 2 * reach + 1).max(axis=1)
    peaks = np.count_nonzero((rise >= around) & (rise > rise.std()))
    return float(peaks * spectrum.frame_rate_hz / len(rise))


def _trimmed(energies: Floats) -> Floats:
    """Cut silence off both ends, so that no window straddles it: (pieces,) -> (fewer,)."""
    times_s = np.asarray((np.arange(len(energies)) + 0.5) * PIECE_S, dtype=np.float64)
    loud = np.flatnonzero(frame_activity(energies, times_s))
    return energies[loud[0] + 2 : max(loud[-1] - 1, loud[0] + 3)] if len(loud) else energies[:0]


def _log_lu(range_lu: float) -> float:
    """Compress a range, log2 of 1 + LU: 2 against 4 LU says more of a song than 12 against 14."""
    return math.log2(1.0 + min(max(range_lu, 0.0), 30.0))


def _spread_lu(energies: Floats) -> float:
    return float(np.std(energies_lufs(np.maximum(energies, 1e-12)))) if len(energies) else 0.0


def _beat_lu(energies: Floats) -> float:
    """Measure how far 400 ms windows stray from the 3 s around them: the pulse of the music."""
    if len(energies) < 30:
        return 1.5
    momentary = sliding_window_view(energies, 4).mean(axis=1)[13:-13]
    around = sliding_window_view(energies, 30).mean(axis=1)[: len(momentary)]
    loud = around > 0.01 * float(around.mean())
    ratio = np.maximum(momentary[loud], 1e-30) / around[loud]
    return float(np.std(10.0 * np.log10(np.maximum(ratio, 1e-3))))


def _at_times(spectrum: BandFrames, times_s: Floats) -> BandFrames:
    """Read the backing's frames at the vocal's times; silent where it has none."""
    index = np.floor(times_s * spectrum.frame_rate_hz).astype(np.intp)
    there = index < spectrum.frames
    index = np.minimum(index, max(spectrum.frames - 1, 0))
    third_octave = np.where(there[:, None], spectrum.third_octave[index], np.float32(0.0))
    return BandFrames(spectrum.frame_rate_hz, third_octave, np.where(there[:, None], spectrum.bark[index], 0.0))


def _loudness_weighted(power: Floats) -> float:
    """Sum a spectrum (31,) as loudness does: BS.1770's K weighting read at the centres of the bands."""
    return float(power @ K_WEIGHT)


def _inside(low_hz: float, high_hz: float) -> Active:
    return np.asarray((THIRD_OCTAVE.centres_hz > low_hz) & (THIRD_OCTAVE.centres_hz < high_hz))
