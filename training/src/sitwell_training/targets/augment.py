"""Making a produced vocal look like anybody's take, so that what is to be predicted cannot be read off it.

Everything happens to what was measured (`Track`): energies and frames are multiplied in time, bands by a
response. No sound is read again, so a song gives many examples for the price of one.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sitwell.analysis import BARK_HZ, THIRD_OCTAVES_HZ, Loudness, Track, active_frames
from sitwell.core import integrated_lufs, loudness_range_lu, momentary_lufs, short_term_lufs
from sitwell.evaluate.corruption import draw_corruption

Floats = npt.NDArray[np.float64]

PIECE_S = 0.1
GAIN_DB = 12.0
RANGES_LU = (4.0, 24.0)  # of the input, whatever the label is
_KNOTS_S, _KNOTS_SD_DB = (1.0, 4.0), (2.0, 6.0)
_EXPANDER = (1.0, 1.6)
_DEEPEST_DB = 30.0  # a slow gain never turns singing into a pause
_EQ_KINDS, _EQ_SHARES = ("none", "mild", "medium", "origin"), (0.2, 0.4, 0.25, 0.15)
_K_WEIGHT: Floats = 10.0 ** (
    np.interp(np.log2(THIRD_OCTAVES_HZ), np.log2([20, 40, 60, 100, 500, 1000, 2000, 4000]),
              [-14.0, -6.0, -3.0, -1.0, 0.0, 0.7, 3.3, 4.0]) / 10.0
)  # fmt: skip


def augment_vocal(track: Track, rng: np.random.Generator, *, range_lu: float | None = None) -> Track:
    """Give a vocal another tone, noise, microphone, dynamics of a drawn loudness range, and gain."""
    if range_lu is None:
        range_lu = float(rng.uniform(*RANGES_LU))
    toned = with_response(track, _tone(rng))
    noisy = with_noise(toned, level_db=float(rng.uniform(-70.0, -40.0)), tilt_db=float(rng.uniform(-4.0, 0.0)))
    moved = with_dynamics(noisy, rng, range_lu=range_lu)
    return with_gain(moved, np.full(len(moved.energies), rng.uniform(-GAIN_DB, GAIN_DB)))


def augment_backing(track: Track, rng: np.random.Generator) -> Track:
    """Give a backing another gain; it is a finished track, and its sound is what is to be learned from."""
    return with_gain(track, np.full(len(track.energies), rng.uniform(-GAIN_DB, GAIN_DB)))


def with_dynamics(track: Track, rng: np.random.Generator, *, range_lu: float) -> Track:
    """Ride, expand or compress a vocal until its loudness range is as wanted, so far as it can be.

    A random slow gain (knots every 1 to 4 s, standard deviation 2 to 6 dB) and an expander of 1 to 1.6 come
    first; then the slow gain grows, or a compressor does, until the range is met.
    """
    if len(track.energies) < 60:
        return track
    knots_db = _slow_gain_db(rng, len(track.energies)) * rng.uniform(*_KNOTS_SD_DB)
    level_db = _level_db(track.energies)
    start_db = 0.5 * knots_db + (rng.uniform(*_EXPANDER) - 1.0) * level_db

    def met(gain_of: Callable[[float], Floats], top: float) -> tuple[float, Floats]:
        """Search the strength, 0 to top, with which the range comes nearest to what is wanted."""
        strengths = np.linspace(0.0, top, 25)
        ranges = np.array([_range_lu(track.energies, gain_of(strength)) for strength in strengths])
        near = int(np.argmin(np.abs(ranges - range_lu)))
        around = strengths[max(near - 1, 0)], strengths[min(near + 1, len(strengths) - 1)]
        fine = np.linspace(*around, 13)
        error = [abs(_range_lu(track.energies, gain_of(strength)) - range_lu) for strength in fine]
        return float(min(error)), gain_of(float(fine[int(np.argmin(error))]))

    started = _level_db(_scaled(track.energies, start_db))
    candidates = [
        met(lambda strength: start_db + strength * knots_db, 4.0),
        met(lambda strength: start_db - strength * started, 1.3),
        met(lambda strength: strength * start_db - (1.0 - strength) * level_db, 1.0),
    ]
    return with_gain(track, min(candidates, key=lambda found: found[0])[1])


def with_gain(track: Track, gain_db: Floats) -> Track:
    """Change the level in time: gain_db (pieces,) one figure for each 100 ms."""
    if len(gain_db) == 0:
        return track
    at_frames = np.interp(track.spectrum.times_s / PIECE_S - 0.5, np.arange(len(gain_db)), gain_db)
    frames = (10.0 ** (at_frames / 10.0)).astype(np.float32)[:, None]
    spectrum = dataclasses.replace(
        track.spectrum, third_octave=track.spectrum.third_octave * frames, bark=track.spectrum.bark * frames
    )
    return _measured(track, _scaled(track.energies, gain_db), spectrum=spectrum)


def with_response(track: Track, response_db: Callable[[Floats], Floats]) -> Track:
    """Change the tone by a response in dB over frequencies in Hz."""
    thirds, barks = (10.0 ** (response_db(hz) / 10.0) for hz in (THIRD_OCTAVES_HZ, BARK_HZ))
    power = track.spectrum.third_octave
    before, after = power @ _K_WEIGHT, power @ (_K_WEIGHT * thirds)
    ratio = np.divide(after, before, out=np.ones_like(before), where=before > 0.0)
    energies = track.energies * _at_pieces(ratio, track)
    spectrum = dataclasses.replace(
        track.spectrum,
        third_octave=power * thirds.astype(np.float32),
        bark=track.spectrum.bark * barks.astype(np.float32),
    )
    return _measured(track, energies, spectrum=spectrum)


def with_noise(track: Track, *, level_db: float, tilt_db: float) -> Track:
    """Add a steady noise, its level in dB against the singing and its slope in dB per octave."""
    active = active_frames(track)
    if not active.any():
        return track
    thirds, barks = (
        10.0 ** (tilt_db * np.log2(hz / 1000.0) / 10.0) * width
        for hz, width in ((THIRD_OCTAVES_HZ, 0.23 * THIRD_OCTAVES_HZ), (BARK_HZ, _bark_widths_hz()))
    )
    singing = float(track.spectrum.third_octave[active].sum(axis=1, dtype=np.float64).mean())
    power = singing * 10.0 ** (level_db / 10.0) / float(thirds.sum())
    loudness = float(track.spectrum.third_octave[active].mean(axis=0, dtype=np.float64) @ _K_WEIGHT)
    pieces = _at_pieces(active.astype(np.float64), track) > 0.5
    energy_of_power = float(track.energies[pieces].mean()) / loudness if pieces.any() and loudness > 0.0 else 0.0
    energies = track.energies + energy_of_power * power * float(thirds @ _K_WEIGHT)
    spectrum = dataclasses.replace(
        track.spectrum,
        third_octave=track.spectrum.third_octave + (power * thirds).astype(np.float32),
        bark=track.spectrum.bark + (power * barks).astype(np.float32),
    )
    return _measured(track, energies, spectrum=spectrum)


def _tone(rng: np.random.Generator) -> Callable[[Floats], Floats]:
    """Draw an equalizer and the band limits of a microphone or a telephone."""
    corruption = draw_corruption(str(rng.choice(_EQ_KINDS, p=_EQ_SHARES)), rng)
    low_hz = np.exp(rng.uniform(np.log(30.0), np.log(150.0)))
    high_hz = np.exp(rng.uniform(np.log(7000.0), np.log(20000.0)))

    def response_db(hz: Floats) -> Floats:
        low_db = -10.0 * np.log10(1.0 + (low_hz / hz) ** 4)
        high_db = -10.0 * np.log10(1.0 + (hz / high_hz) ** 6)
        return np.asarray(corruption.response_db(hz) + low_db + high_db)

    return response_db


def _slow_gain_db(rng: np.random.Generator, pieces: int) -> Floats:
    """Draw a gain of standard deviation 1 dB over time, a knot every 1 to 4 s: (pieces,)."""
    every = rng.uniform(*_KNOTS_S) / PIECE_S
    knots = rng.standard_normal(int(pieces / every) + 3)
    return np.asarray(np.interp(np.arange(pieces) / every + rng.uniform(0.0, 1.0), np.arange(len(knots)), knots))


def _level_db(energies: Floats) -> Floats:
    """Find how far the level of 400 ms strays from the mean of what sings, within 30 dB: (pieces,)."""
    smooth = np.convolve(energies, np.full(4, 0.25), mode="same")
    level_db = 10.0 * np.log10(np.maximum(smooth, 1e-12))
    singing = level_db > 10.0 * np.log10(np.maximum(smooth.mean(), 1e-12)) - 15.0
    middle_db = float(level_db[singing].mean()) if singing.any() else 0.0
    return np.asarray(np.clip(level_db - middle_db, -15.0, 15.0))


def _range_lu(energies: Floats, gain_db: Floats) -> float:
    return loudness_range_lu(_scaled(energies, gain_db))


def _scaled(energies: Floats, gain_db: Floats) -> Floats:
    return np.asarray(energies * 10.0 ** (np.clip(gain_db, -_DEEPEST_DB, _DEEPEST_DB) / 10.0))


def _at_pieces(per_frame: Floats, track: Track) -> Floats:
    """Average a figure per frame over pieces of 100 ms: (frames,) -> (pieces,)."""
    if len(per_frame) == 0:
        return np.ones(len(track.energies))
    centres_s = (np.arange(len(track.energies)) + 0.5) * PIECE_S
    smooth = np.convolve(np.pad(per_frame, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    return np.asarray(np.interp(centres_s, track.spectrum.times_s, smooth))


def _bark_widths_hz() -> Floats:
    edges_hz: Floats = np.concatenate([[20.0], (BARK_HZ[1:] + BARK_HZ[:-1]) / 2, [15500.0]])
    return np.asarray(np.diff(edges_hz))


def _measured(track: Track, energies: Floats, **changes: object) -> Track:
    """Keep the loudness figures true to the energies; peaks move by the change of loudness."""
    shift_db = integrated_lufs(energies) - track.loudness.integrated_lufs
    shift_db = shift_db if np.isfinite(shift_db) else 0.0
    loudness = Loudness(
        integrated_lufs=integrated_lufs(energies),
        loudness_range_lu=loudness_range_lu(energies),
        max_momentary_lufs=float(momentary_lufs(energies).max(initial=-np.inf)),
        max_short_term_lufs=float(short_term_lufs(energies).max(initial=-np.inf)),
        true_peak_dbtp=track.loudness.true_peak_dbtp + shift_db,
        sample_peak_dbfs=track.loudness.sample_peak_dbfs + shift_db,
    )
    return dataclasses.replace(track, energies=energies, loudness=loudness, **changes)  # type: ignore[arg-type]


def crop(track: Track, *, start_s: float, seconds: float) -> Track:
    """Cut a stretch out; tempo, image, crest and defects stay those of the whole."""
    pieces = slice(round(start_s / PIECE_S), round((start_s + seconds) / PIECE_S))
    rate_hz = track.spectrum.frame_rate_hz
    frames = slice(round(start_s * rate_hz), round((start_s + seconds) * rate_hz))
    spectrum = dataclasses.replace(
        track.spectrum, third_octave=track.spectrum.third_octave[frames], bark=track.spectrum.bark[frames]
    )
    return _measured(track, track.energies[pieces], spectrum=spectrum, seconds=seconds)
