"""The mixes that are compared: what each method decides, and its parts as sound; judges nothing."""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import measure_balance, measure_track
from sitwell.audio import Audio, Samples
from sitwell.decide import Stem, decide
from sitwell.effects import HighPass, Master, Reverb
from sitwell.evaluate.settings import LEARNED, STAGES, Settings
from sitwell.models import Bundle, default_bundle
from sitwell.plan import MixPlan, Vocal
from sitwell.render import BACKING, VOCAL, Energies, stem_blocks
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Parts:
    """A mix before its master: vocal and backing (2, n), and their cross energies (pieces, 3, 3)."""

    vocal: Samples
    backing: Samples
    energies: Energies

    @property
    def mix(self) -> Samples:
        """The sum of both, (2, n)."""
        total: Samples = self.vocal + self.backing
        return total

    @property
    def vocal_energies(self) -> Floats:
        """K-weighted energies (pieces,) of the vocal."""
        return np.ascontiguousarray(self.energies[:, VOCAL, VOCAL])

    @property
    def backing_energies(self) -> Floats:
        """K-weighted energies (pieces,) of the backing."""
        return np.ascontiguousarray(self.energies[:, BACKING, BACKING])


def stem(audio: Audio) -> Stem:
    """Measure a sound, as every method needs it."""
    return Stem(audio, measure_track(audio))


def plan_by(
    method: str, vocal: Stem, backing: Stem, *, settings: Settings, stages: tuple[str, ...] = STAGES
) -> MixPlan:
    """Let a method decide some stages; all others, and the master, are off."""
    bundle = _bundle(settings.model) if method == LEARNED else None
    return decide(vocal, backing, wishes_for(method, settings, only=stages), bundle=bundle).plan


@functools.cache
def _bundle(model: str | None) -> Bundle:
    """Load a model once in each process, not once a plan."""
    return default_bundle() if model is None else Bundle.load(model)


def wishes_for(method: str, settings: Settings, **wishes: Any) -> Wishes:
    """Make the wishes that choose a method and its model."""
    if method == LEARNED and settings.model is not None:
        wishes["model"] = settings.model
    return Wishes(method=method, **wishes)


def neutral_plan(gain_db: float = 0.0) -> MixPlan:
    """Make a plan that does nothing but set the level of the vocal."""
    return MixPlan(
        method="none",
        vocal=Vocal(highpass=HighPass(enabled=False), gain_db=gain_db),
        reverb=Reverb(enabled=False),
        master=Master(enabled=False),
    )


def constant_plan(vocal: Stem, backing: Stem, *, vbr_lu: float) -> MixPlan:
    """Make a plan that brings every vocal to the same balance and does nothing else."""
    now = measure_balance(vocal.track.energies, backing.track.energies).vbr_lu
    return neutral_plan(min(max(vbr_lu - now, -80.0), 80.0) if math.isfinite(now) else 0.0)


def render_parts(plan: MixPlan, vocal: Audio, backing: Audio) -> Parts:
    """Render a plan without its reverb and master, and measure the energies of its parts."""
    meter = core.CrossMeter(sample_rate=vocal.sample_rate, signals=3)
    vocals, backings, pieces = [], [], []
    for parts in stem_blocks(plan, vocal, backing):
        pieces.append(meter.process([parts.vocal, parts.reverb, parts.backing]))
        vocals.append(parts.vocal)
        backings.append(parts.backing)
    return Parts(np.concatenate(vocals, axis=1), np.concatenate(backings, axis=1), np.concatenate(pieces))
