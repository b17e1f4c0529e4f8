"""Knobs from figures, without rendering: decay times and tone per octave become a `Reverb` by closed forms."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from sitwell.analysis import OCTAVES_HZ, Response
from sitwell.effects import Reverb
from sitwell.fit.model import cuts_power, energy_spectrum, network_decay_s
from sitwell.knob import Knob

Floats = npt.NDArray[np.float64]

DECAY_KNOBS = ("decay_low_s", "decay_mid_s", "decay_high_s", "damping_hz")
_WEIGHTS = {125: 0.5, 250: 0.7, 500: 1.0, 1000: 1.0, 2000: 1.0, 4000: 1.0, 8000: 0.5}  # what is heard most
LEAST_DIFFUSION = 0.65  # below it single echoes are heard (docs/reverb.md)
_SIZE_PER_S = 0.45
_ROUNDS, _STEP = 12, 0.02
_CUT_STEPS = 40
_RATE = 48000


def seed_reverb(response: Response) -> Reverb:
    """Turn the figures of an impulse response into knobs: decay, tone, pre-delay, width, level as it is."""
    reverb = reverb_from_figures(
        decay_s={int(band): value for band, value in response.decay_s.items()},
        tone_db={int(band): value for band, value in response.tone_db.items()},
        predelay_ms=response.predelay_ms,
        sample_rate=response.sample_rate,
    )
    knobs = Reverb.knobs()
    width = _knob(knobs, "width").clamp(10 ** (response.width_db / 20))
    return reverb.replace(width=width, return_db=_knob(knobs, "return_db").clamp(response.level_db))


def reverb_from_figures(
    *,
    decay_s: Mapping[int, float | None],
    tone_db: Mapping[int, float | None] | None = None,
    predelay_ms: float | None = None,
    return_db: float = 0.0,
    sample_rate: int = _RATE,
) -> Reverb:
    """Choose the knobs whose decay times and tone come nearest to those given per octave (125 Hz to 8 kHz).

    None is unknown. At least one decay time must be known; without tone the cuts stay open. Nothing is rendered: the
    decay times of the network are known in closed form. Takes about 0.05 s.
    """
    bands, times = _known(decay_s, sample_rate)
    reverb = _with_decays(np.asarray(bands, dtype=np.float64), np.log(times), sample_rate)
    if tone_db is not None:
        reverb = _with_cuts(reverb, tone_db, sample_rate)
    else:
        reverb = reverb.replace(low_cut_hz=20.0, high_cut_hz=20000.0)
    knobs = Reverb.knobs()
    changes = {"return_db": return_db, "predelay_ms": predelay_ms or 0.0}
    reverb = reverb.replace(size=max(reverb.size, least_size(reverb)))
    return reverb.replace(**{name: _knob(knobs, name).clamp(value) for name, value in changes.items()})


def least_size(reverb: Reverb) -> float:
    """Give the size from which the modes of a decay are as dense as those of a plate (docs/reverb.md)."""
    return _knob(Reverb.knobs(), "size").clamp(_SIZE_PER_S * reverb.decay_mid_s)


def _known(figures: Mapping[int, float | None], sample_rate: int) -> tuple[list[int], list[float]]:
    known = [(hz, value) for hz in OCTAVES_HZ if (value := figures.get(hz)) is not None and hz < 0.45 * sample_rate]
    if not known:
        raise ValueError("no decay time is known")
    return [hz for hz, _ in known], [value for _, value in known]


def _with_decays(bands: Floats, wanted: Floats, sample_rate: int) -> Reverb:
    """Fit the three decay times and the crossover to log decay times, by Gauss-Newton on their scales."""
    knobs = [_knob(Reverb.knobs(), name) for name in DECAY_KNOBS]
    weights = np.array([_WEIGHTS[int(hz)] for hz in bands])
    at = np.interp(np.log([100.0, 1000.0, 8000.0]), np.log(bands), wanted)
    best: tuple[float, Floats] = (np.inf, np.zeros(4))

    def residual(position: Floats) -> Floats:
        reverb = _placed(position, knobs)
        return np.asarray((np.log(network_decay_s(reverb, bands, sample_rate)) - wanted) * weights)

    for start_hz in (2500.0, 6000.0):  # two valleys: the crossover below or above what bends the curve
        values = (*np.exp(at), start_hz)
        position = np.array([k.to_unit(k.clamp(value)) for k, value in zip(knobs, values, strict=True)])
        position = _descend(residual, position)
        if (cost := float((residual(position) ** 2).sum())) < best[0]:
            best = (cost, position)
    return _placed(best[1], knobs).rounded()


def _descend(residual: Callable[[Floats], Floats], position: Floats) -> Floats:
    """Take damped Gauss-Newton steps within the unit cube, keeping only those that help."""
    here, damping = residual(position), 1e-3
    for _ in range(_ROUNDS):
        steps = np.where(position < 0.5, _STEP, -_STEP)
        jacobian = np.stack(
            [(residual(position + step * axis) - here) / step for step, axis in zip(steps, np.eye(4), strict=True)]
        ).T
        normal = jacobian.T @ jacobian
        move = np.linalg.solve(normal + damping * np.eye(4), -jacobian.T @ here)
        trial = np.clip(position + move, 0.0, 1.0)
        there = residual(trial)
        if there @ there < here @ here:
            position, here, damping = trial, there, damping / 4
        else:
            damping *= 8
    return position


def _placed(position: Floats, knobs: list[Knob]) -> Reverb:
    values = {name: k.from_unit(float(p)) for name, k, p in zip(DECAY_KNOBS, knobs, position, strict=True)}
    return Reverb().replace(**values)


def _with_cuts(reverb: Reverb, tone_db: Mapping[int, float | None], sample_rate: int) -> Reverb:
    """Choose the cuts that leave the tone nearest to what is wanted, apart from its level."""
    bands, wanted_db = _known(tone_db, sample_rate)
    hz, wanted = np.asarray(bands, dtype=np.float64), np.asarray(wanted_db)
    loud = np.clip(1 + (wanted - wanted.max()) / 40, 0.1, 1.0)  # what is 36 dB softer hardly counts
    open_db = 10 * np.log10(energy_spectrum(reverb.replace(low_cut_hz=20.0, high_cut_hz=20000.0), hz, sample_rate))
    knobs = Reverb.knobs()
    low, high = _knob(knobs, "low_cut_hz"), _knob(knobs, "high_cut_hz")
    lows_hz, highs_hz = _grid(low), _grid(high)
    lows_db = np.array(
        [_cut_db(reverb.replace(low_cut_hz=cut, high_cut_hz=high.high), hz, sample_rate) for cut in lows_hz]
    )
    highs_db = np.array(
        [_cut_db(reverb.replace(low_cut_hz=low.low, high_cut_hz=cut), hz, sample_rate) for cut in highs_hz]
    )
    error = open_db - wanted + lows_db[:, None] + highs_db[None]  # (lows, highs, bands)
    error -= np.average(error, axis=2, weights=loud)[:, :, None]
    best = np.unravel_index(int(np.argmin((loud * error**2).sum(axis=2))), error.shape[:2])
    return reverb.replace(low_cut_hz=lows_hz[best[0]], high_cut_hz=highs_hz[best[1]]).rounded()


def _cut_db(reverb: Reverb, hz: Floats, sample_rate: int) -> Floats:
    return np.asarray(10 * np.log10(cuts_power(reverb, hz, sample_rate)))


def _grid(knob: Knob) -> list[float]:
    return [knob.clamp(knob.from_unit(position)) for position in np.linspace(0, 1, _CUT_STEPS)]


def _knob(knobs: Mapping[str, Knob | None], name: str) -> Knob:
    found = knobs[name]
    assert found is not None  # a number, no switch
    return found
