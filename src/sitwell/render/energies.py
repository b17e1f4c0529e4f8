"""K-weighted cross energies of the parts of a mix: the pass a decider solves its gains from."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.audio import Audio
from sitwell.plan import MixPlan
from sitwell.render.parts import KeptRoom, mix_length, stem_blocks, vocal_blocks
from sitwell.units import db_to_gain, power_to_db

Progress = Callable[[float], None]
Energies = npt.NDArray[np.float64]  # (pieces, 3, 3): K-weighted, vocal, reverb, backing; 100 ms each
VOCAL, REVERB, BACKING = 0, 1, 2


def measure_stems(
    plan: MixPlan,
    vocal: Audio,
    backing: Audio,
    *,
    room: KeptRoom | None = None,
    progress: Progress = lambda _: None,
) -> Energies:
    """Measure the K-weighted cross energies (pieces, 3, 3) of vocal, reverb return and backing; `room` is filled."""
    meter = core.CrossMeter(sample_rate=vocal.sample_rate, signals=3)
    length, done, pieces = mix_length(plan, vocal, backing), 0, []
    for parts in stem_blocks(plan, vocal, backing, room=room):
        pieces.append(meter.process([parts.vocal, parts.reverb, parts.backing]))
        done += parts.vocal.shape[1]
        progress(done / length)
    return np.concatenate(pieces) if pieces else np.zeros((0, 3, 3))


def vocal_energies(plan: MixPlan, vocal: Audio) -> npt.NDArray[np.float64]:
    """Measure the K-weighted energies (pieces,) of the dry vocal after all its stages."""
    meter = core.CrossMeter(sample_rate=vocal.sample_rate, signals=1)
    pieces = [meter.process([block])[:, 0, 0] for block, _ in vocal_blocks(plan, vocal)]
    return np.concatenate(pieces) if pieces else np.zeros(0)


def mix_energies(energies: Energies) -> npt.NDArray[np.float64]:
    """Sum cross energies (pieces, 3, 3) to the energies (pieces,) of the mix, correlation included."""
    mixed: npt.NDArray[np.float64] = np.maximum(energies.sum(axis=(1, 2)), 0.0)
    return mixed


def scaled_energies(energies: Energies, measured: MixPlan, wanted: MixPlan) -> Energies:
    """Turn the energies of one plan into those of another that differs only in the gains of its parts.

    Exact: with weights w the cross energies C of each 100 ms become w C w.
    """
    vocal = db_to_gain(wanted.vocal.gain_db - measured.vocal.gain_db)
    room = db_to_gain(wanted.reverb.return_db - measured.reverb.return_db)
    backing = db_to_gain(wanted.backing.gain_db - measured.backing.gain_db)
    weights = np.array([vocal, vocal * room, backing])
    scaled: Energies = energies * np.outer(weights, weights)
    return scaled


def return_ratio_db(energies: Energies) -> float:
    """Compare the energy of the reverb return with that of the dry vocal, in dB; -inf without one."""
    dry, wet = energies[:, VOCAL, VOCAL].sum(), energies[:, REVERB, REVERB].sum()
    return power_to_db(float(wet / dry)) if dry > 0 else -math.inf
