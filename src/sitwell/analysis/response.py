"""What an impulse response says of a room or a reverb: onset, decay per band, level, balance, tone; no knobs.

The direct sound, where a recording has one, is told apart from what the room adds: figures of decay, tone and
balance are those of the room alone. Terms after ISO 3382-1:2009.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis.clipping import ClipMeter
from sitwell.analysis.decay import Decay, measure_decay
from sitwell.analysis.octaves import OCTAVES_HZ, BandEnergy, fast_length, octave_energies, octave_weight
from sitwell.audio import Audio, Samples
from sitwell.errors import InputError, Notice
from sitwell.value import Value

Floats = npt.NDArray[np.float64]

SHORTEST_S = 0.05
MOST_SECONDS = 60.0
_ONSET_DB = -20.0  # of the peak (ISO 3382-1, 5.3.2)
_DIRECT_S = 0.0025  # what comes within 2.5 ms of the onset is the direct sound, if there is one
_DIRECT_OVER_DB = 10.0  # a direct sound stands out so much over the 20 ms that follow, in power
_LEAD_S = 0.001
_SILENT_DB = -110.0  # of the peak: digital silence after a response is not its noise
_EARLY_S = 0.08  # clarity C80
_LONGEST_PREDELAY_S = 0.2  # longer silence is a margin of the recording
_LOWEST_HZ = 60.0


@dataclass(frozen=True)
class Response(Value):
    """What was measured; None is unknown. Bands are keyed by their centre in Hz: 125, 250 ... 8000.

    `decay_s` is T60; `evaluated_db` says down to which level it was read (-35: T30, -25: T20). `level_db` is the
    energy of the response without its direct sound: against the direct sound where there is one (`direct`), otherwise
    against a unit impulse; noise is taken off, and only 88 Hz to 11 kHz count. `early_to_late_db` is C80, from the
    start of the reverberation. `tone_db` is the mean power response per band against that at 1 kHz. `predelay_ms` is
    the gap from the direct sound, or from the start of the file, to the reverberation. `width_db` is side over mid.
    """

    sample_rate: int
    seconds: float
    onset_s: float
    direct: bool
    predelay_ms: float | None
    level_db: float
    early_to_late_db: float
    width_db: float
    decay_s: dict[str, float | None]
    evaluated_db: dict[str, float | None]
    tone_db: dict[str, float | None]
    noise_db: dict[str, float | None]

    def decay_at(self, hz: int) -> float | None:
        """Give T60 in s of the band at `hz`, None where it is unknown."""
        return self.decay_s.get(str(hz))


@dataclass(frozen=True, eq=False)
class Reverberation:
    """The part of a response that a reverb can make: samples (2, n) from its start on, without the direct sound."""

    samples: Samples
    decays: dict[int, Decay]


def measure_response(audio: Audio) -> Response:
    """Measure an impulse response, mono or stereo, 0.05 to 60 s.

    Raises InputError `response.too_short`, `response.too_long`, `response.silent` or `response.no_decay`.
    """
    return measure_reverberation(audio)[0]


def measure_reverberation(audio: Audio) -> tuple[Response, Reverberation]:
    """Measure an impulse response, and give what is left of it without its direct sound; raises as above."""
    _check(audio)
    rate = audio.sample_rate
    power = _audible_power(audio.samples, rate)
    onset = _onset(power, 0, len(power))
    start, direct = _after_direct(power, onset, rate)
    stop = int(np.flatnonzero(power > power.max() * 10 ** (_SILENT_DB / 10))[-1]) + 1
    bands = octave_energies(audio.samples[:, start:stop], rate)
    decays = {hz: measure_decay(band) for hz, band in bands.items()}
    if all(decay.decay_s is None for decay in decays.values()):
        raise InputError(
            "response.no_decay",
            f"{audio.name}: nothing in it decays by 25 dB above its noise; an impulse response is needed",
        )
    energy = sum(decay.energy for decay in decays.values())
    reference = 2.0 if not direct else float(power[max(onset - round(_LEAD_S * rate), 0) : start].sum())
    response = Response(
        sample_rate=rate,
        seconds=round(audio.seconds, 4),
        onset_s=onset / rate,
        direct=direct,
        predelay_ms=_predelay_ms(onset, start, direct=direct, rate=rate),
        level_db=_db(energy / reference),
        early_to_late_db=_clarity_db(bands, decays),
        width_db=_width_db(audio.samples[:, start:]),
        decay_s={str(hz): decays[hz].decay_s if hz in decays else None for hz in OCTAVES_HZ},
        evaluated_db={str(hz): _range(decays.get(hz)) for hz in OCTAVES_HZ},
        tone_db=_tone_db(decays, rate),
        noise_db={str(hz): _finite(decays[hz].noise_db) if hz in decays else None for hz in OCTAVES_HZ},
    )
    return response, Reverberation(audio.samples[:, start:stop], decays)


def response_notices(audio: Audio, response: Response) -> tuple[Notice, ...]:
    """Say what makes the figures of a response less sure."""
    found = list(audio.notices)
    meter = ClipMeter()
    for block in audio.blocks():
        meter.process(block)
    if clipped := meter.finish(sample_peak=float(np.abs(audio.samples).max(initial=0.0))):
        found.append(Notice("response.clipped", f"{audio.name}: {clipped} clipped samples; its start is less sure"))
    if response.predelay_ms is None:
        text = f"{audio.name}: {response.onset_s:.2f} s of silence at its start are not taken for a pre-delay"
        found.append(Notice("response.predelay_unknown", text))
    unknown = [band for band, decay_s in response.decay_s.items() if decay_s is None]
    if unknown:
        text = f"{audio.name}: the decay at {', '.join(unknown)} Hz cannot be seen above the noise"
        found.append(Notice("response.decay_unknown", text))
    return tuple(found)


def _check(audio: Audio) -> None:
    if audio.seconds < SHORTEST_S:
        text = f"{audio.name}: lasts {audio.seconds:.3f} s; at least {SHORTEST_S:g} s are needed to see a decay"
        raise InputError("response.too_short", text)
    if audio.seconds > MOST_SECONDS:
        text = f"{audio.name}: lasts {audio.seconds:.0f} s; an impulse response of at most {MOST_SECONDS:g} s is read"
        raise InputError("response.too_long", text)
    if not np.any(audio.samples):
        raise InputError("response.silent", f"{audio.name}: is silent; an impulse response is needed")


def _audible_power(samples: Samples, rate: int) -> Floats:
    """Give the power (n,) over both channels above 60 Hz: rumble must not be taken for an onset."""
    n = samples.shape[1]
    padded = fast_length(n + rate // 20)
    hz = np.fft.rfftfreq(padded, 1 / rate)
    filtered = np.fft.irfft(np.fft.rfft(samples, padded) * np.clip(2 * hz / _LOWEST_HZ - 1, 0, 1), padded)[:, :n]
    return np.asarray((filtered**2).sum(axis=0))


def _onset(power: Floats, low: int, high: int) -> int:
    piece = power[low:high]
    return low + int(np.argmax(piece >= piece.max() * 10 ** (_ONSET_DB / 10)))


def _after_direct(power: Floats, onset: int, rate: int) -> tuple[int, bool]:
    """Find where the reverberation starts, and whether a direct sound stands before it."""
    end = onset + round(_DIRECT_S * rate)
    after = power[end : end + round(0.02 * rate)]
    if not len(after) or power[onset:end].mean() <= 10 ** (_DIRECT_OVER_DB / 10) * after.mean():
        return onset, False
    return (_onset(power, end, len(power)) if after.any() else end), True


def _predelay_ms(onset: int, start: int, *, direct: bool, rate: int) -> float | None:
    gap_s = (start - onset if direct else onset) / rate
    return 1e3 * gap_s if gap_s <= _LONGEST_PREDELAY_S else None


def _clarity_db(bands: dict[int, BandEnergy], decays: dict[int, Decay]) -> float:
    early = sum(float(band.energy[: round(_EARLY_S * band.rate_hz)].sum()) for band in bands.values())
    late = sum(decay.energy for decay in decays.values()) - early
    return _db(early / late) if late > 0 else 99.0


def _tone_db(decays: dict[int, Decay], rate: int) -> dict[str, float | None]:
    """Divide energies by the bands' widths, so that a flat response has 0 dB in all."""
    density = {hz: decay.energy / _width_hz(hz, rate) for hz, decay in decays.items()}
    middle = density.get(1000, 0.0)
    return {
        str(hz): 10 * math.log10(density[hz] / middle) if density.get(hz, 0.0) > 0 < middle else None
        for hz in OCTAVES_HZ
    }


def _width_hz(centre_hz: int, rate: int) -> float:
    hz = np.linspace(centre_hz / 2, min(2 * centre_hz, rate / 2), 400)
    return float(np.trapezoid(octave_weight(hz, centre_hz), hz))


def _width_db(samples: Samples) -> float:
    left, right = samples.astype(np.float64)
    side, mid = float(((left - right) ** 2).sum()), float(((left + right) ** 2).sum())
    return _db(side / mid) if mid > 0 and side > 1e-12 * mid else (-120.0 if mid > 0 else 120.0)


def _range(decay: Decay | None) -> float | None:
    return decay.range_db[1] if decay is not None and decay.range_db is not None else None


def _db(ratio: float) -> float:
    return 10 * math.log10(max(ratio, 1e-12))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
