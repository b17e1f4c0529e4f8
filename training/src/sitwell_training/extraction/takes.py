"""Made-up wet vocals whose reverb is known: phrases of one singer, what a studio does to them, and what harms them."""

import io as memory
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from sitwell import core
from sitwell.analysis import LoudnessMeter, SpectrumMeter
from sitwell.analysis.tails import octave_powers
from sitwell.audio import Audio, Samples
from sitwell.units import power_to_db
from sitwell_training.extraction.responses import RATE, Tail

Floats = npt.NDArray[np.float64]

SECONDS = (10.0, 60.0)
RETURN_DB = (-26.0, -3.0)
PREDELAY_MS = (0.0, 100.0)
DRY_SHARE = 0.2
EARLY_S = 0.08  # C80, ISO 3382-1
_LEVEL = 0.1


@dataclass(frozen=True)
class Circumstances:
    """How often each thing happens to a take, 0 to 1."""

    compressor: float = 0.5
    bus_compressor: float = 0.15
    gate: float = 0.1
    delay: float = 0.2
    bleed: float = 0.15
    noise: float = 0.5
    codec: float = 0.1
    gaps: float = 0.5
    stereo: float = 0.7


CLEAN = Circumstances(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0)


@dataclass(frozen=True, eq=False)
class Take:
    """A vocal and what is true of its reverb; NaN where there is none, or where it cannot be told.

    `decay_s` and `octaves_db`, the return against the dry vocal in each octave, are (7,).
    """

    audio: Audio
    decay_s: Floats
    octaves_db: Floats
    return_db: float
    early_to_late_db: float
    predelay_ms: float


def make_take(
    phrases: Sequence[Samples],
    tail: Tail | None,
    backings: Sequence[Samples],
    *,
    rng: np.random.Generator,
    seconds: tuple[float, float] = SECONDS,
    return_db: tuple[float, float] = RETURN_DB,
    happens: Circumstances = Circumstances(),
) -> Take:
    """Sing phrases (n,) of one voice one after another, and put the return of `tail` beside them, None for none."""
    dry = _sung(phrases, np.exp(rng.uniform(*np.log(seconds))), rng, happens.gaps)
    if rng.random() < happens.gate:
        dry = _gated(dry, rng)
    if rng.random() < happens.compressor:
        dry = _compressed(dry, rng)
    send = dry + _echoes(dry, rng) if rng.random() < happens.delay else dry
    wet, truth = np.stack([send, send]), (np.full(7, np.nan), np.full(7, np.nan), -np.inf, np.inf, np.nan)
    if tail is not None:
        wet, truth = _reverberated(dry, send, tail, rng, return_db, stereo=rng.random() < happens.stereo)
    if rng.random() < happens.bus_compressor:
        wet = _compressed(wet, rng)
    if rng.random() < happens.bleed and len(backings):
        wet = wet + _leaked(backings, wet, rng)
    if rng.random() < happens.noise:
        wet = wet + rms(wet) * 10.0 ** (rng.uniform(-75.0, -45.0) / 20.0) * rng.standard_normal(wet.shape)
    if rng.random() < happens.codec:
        wet = _coded(wet, rng)
    return Take(Audio.of(wet, RATE, name="take"), *truth)


def rms(sound: npt.NDArray[np.floating]) -> float:
    """Measure the level of a sound."""
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) + 1e-12


def _sung(phrases: Sequence[Samples], seconds: float, rng: np.random.Generator, gaps: float) -> Floats:
    """Put phrases in random order, levelled, faded at both ends, at times with pauses in between."""
    parts, length = list[Floats](), 0
    pause_s = rng.uniform(0.1, 1.5) if rng.random() < gaps else 0.0
    fade = np.minimum(1.0, np.arange(1, RATE // 50 + 1) / (RATE / 50))
    while length < seconds * RATE:
        for index in rng.permutation(len(phrases)):
            phrase = (
                phrases[index].astype(np.float64) * (_LEVEL * 10.0 ** (rng.uniform(-3, 3) / 20)) / rms(phrases[index])
            )
            phrase[: fade.size] *= fade
            phrase[-fade.size :] *= fade[::-1]
            parts += [phrase, np.zeros(round(rng.exponential(pause_s) * RATE))]
            length += parts[-1].size + parts[-2].size
    return np.concatenate(parts)[: round(seconds * RATE)]


def _reverberated(
    dry: Floats, send: Floats, tail: Tail, rng: np.random.Generator, return_db: tuple[float, float], *, stereo: bool
) -> tuple[Floats, tuple[Floats, Floats, float, float, float]]:
    """Add the return at a level drawn from a range; say what was done."""
    predelay_ms = float(rng.uniform(*PREDELAY_MS)) if rng.random() < 0.7 else 0.0
    start = round(predelay_ms * RATE / 1000.0)
    response = np.pad(tail.samples if stereo else tail.samples[:1], ((0, 0), (start, 0)))
    early = round(EARLY_S * RATE)
    first = _convolved(send, response[:, :early])
    late = np.pad(_convolved(send, response[:, early:]), ((0, 0), (early, 0)))[:, : dry.size]
    wanted_db = float(rng.uniform(*return_db))
    gain = np.sqrt(10.0 ** (wanted_db / 10.0) * _loud(dry) / _loud(first + late))
    octaves_db = 10.0 * np.log10(_octaves(gain * (first + late)) / _octaves(dry))
    clarity_db = power_to_db(_loud(dry + gain * first) / _loud(gain * late))
    return send + gain * (first + late), (tail.decay_s, octaves_db, wanted_db, clarity_db, predelay_ms)


def _convolved(sound: Floats, response: npt.NDArray[np.floating]) -> Floats:
    if not response.shape[1]:
        return np.zeros((len(response), sound.size))
    return np.asarray(fftconvolve(sound[None, :], response.astype(np.float64), axes=1)[:, : sound.size])


def _loud(sound: Floats) -> float:
    """Add up the K-weighted energy of a sound (n,), (1, n) or (2, n), as a plan measures its return."""
    meter = LoudnessMeter(RATE)
    meter.process(_stereo(sound))
    return float(meter.energies.sum()) + 1e-12


def _octaves(sound: Floats) -> Floats:
    """Add up the energy of a sound in each octave, (7,)."""
    meter = SpectrumMeter(RATE)
    meter.process(_stereo(sound))
    return np.asarray(octave_powers(meter.finish()).sum(axis=0, dtype=np.float64) + 1e-12)


def _stereo(sound: Floats) -> Samples:
    return np.array(np.broadcast_to(np.atleast_2d(sound), (2, sound.shape[-1])), dtype=np.float32, order="C")


def _compressed(sound: Floats, rng: np.random.Generator) -> Floats:
    """Compress as professional presets do (DiffVox): threshold against the level, ratio, attack, release."""
    block = _stereo(sound)
    core.Compressor(
        sample_rate=RATE, threshold_db=20.0 * np.log10(rms(sound)) + rng.uniform(-8.0, 4.0),
        ratio=float(np.exp(rng.uniform(np.log(1.8), np.log(6.0)))), knee_db=6.0,
        attack_ms=float(np.exp(rng.uniform(np.log(0.5), np.log(16.0)))),
        release_ms=float(np.exp(rng.uniform(np.log(36.0), np.log(700.0)))), makeup_db=0.0,
    ).process(block)  # fmt: skip
    return block.astype(np.float64) if sound.ndim == 2 else block[0].astype(np.float64)


def _gated(dry: Floats, rng: np.random.Generator) -> Floats:
    """Turn the pauses down by 6 to 40 dB, closing within 50 to 300 ms."""
    hop = RATE // 100
    power = np.square(dry[: dry.size // hop * hop]).reshape(-1, hop).mean(axis=1)
    open_ = power > power.mean() * 10.0 ** (rng.uniform(-35.0, -22.0) / 10.0)
    hold = max(1, round(rng.uniform(0.05, 0.3) * 100))
    wide = np.convolve(open_, np.full(hold, 1.0 / hold), mode="same")
    gain = np.repeat(10.0 ** (rng.uniform(-40.0, -6.0) / 20.0 * (1.0 - np.minimum(2.0 * wide, 1.0))), hop)
    return dry * np.pad(gain, (0, dry.size - gain.size), mode="edge")


def _echoes(dry: Floats, rng: np.random.Generator) -> Floats:
    """Repeat a sound as a studio's delay does: 140 to 800 ms, each repeat softer and darker."""
    step = round(rng.uniform(0.14, 0.8) * RATE)
    gain, feedback = 10.0 ** (rng.uniform(-28.0, -12.0) / 20.0), rng.uniform(0.0, 0.6)
    lowpass = core.design_lowpass(sample_rate=RATE, frequency_hz=rng.uniform(1500.0, 9000.0), q=0.7)
    total, repeat = np.zeros_like(dry), np.ascontiguousarray(np.stack([dry, dry]), dtype=np.float32)
    for number in range(1, 8):
        if number * step >= dry.size or gain < 1e-3:
            break
        core.Biquads(lowpass[None, :], 2).process(repeat)
        total[number * step :] += gain * repeat[0, : dry.size - number * step]
        gain *= feedback
    return total


def _leaked(backings: Sequence[Samples], wet: Floats, rng: np.random.Generator) -> Floats:
    """Let a backing be heard from the singer's headphones, 25 to 55 dB below the voice."""
    backing = backings[int(rng.integers(len(backings)))]
    start = int(rng.integers(max(backing.size - wet.shape[1], 1)))
    piece = np.resize(backing[start : start + wet.shape[1]], wet.shape[1])
    return np.asarray(piece * (rms(wet) / rms(piece) * 10.0 ** (rng.uniform(-55.0, -25.0) / 20.0)))


def _coded(wet: Floats, rng: np.random.Generator) -> Floats:
    """Send a sound through an MP3 of low or middling quality."""
    import soundfile

    file = memory.BytesIO()
    peak = max(float(np.abs(wet).max()), 1e-9)
    soundfile.write(file, 0.9 * wet.T / peak, RATE, format="MP3", compression_level=rng.uniform(0.3, 0.9))
    file.seek(0)
    found = soundfile.read(file, always_2d=True)[0].T
    return np.asarray(np.resize(found, (2, wet.shape[1])) * peak / 0.9)
