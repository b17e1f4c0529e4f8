"""A song that stays open: read and measured once, decided and listened to as often as a person turns a knob.

A file-to-file mix is one call (`pipeline.mix`); an editor asks the same questions again and again of the same two
sounds, and wants to see the answer over time.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis import BARK, Masking, active_frames, measure_masking, measure_track, pad_frames, sketch
from sitwell.audio import Audio
from sitwell.core import response_db
from sitwell.decide import Stem, decide, load_model, refine_master
from sitwell.errors import Notice
from sitwell.pipeline.job import REFINEMENTS, Progress, with_got
from sitwell.plan import MixPlan
from sitwell.render import Energies, Measured, MixMeter, StemBlock, mix_length, render_blocks
from sitwell.version import __version__
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]
_PIECES_PER_S = 10


@dataclass(frozen=True, eq=False)
class Heard:
    """What a plan sounds like, over time and in figures.

    `energies` (pieces, 3, 3) are those of vocal, reverb return and backing before the master, 100 ms each;
    `mix_energies` (pieces,) those of the mix; `reduction_db` (pieces,) the compressor's largest, <= 0.
    """

    plan: MixPlan
    measured: Measured
    energies: Energies
    mix_energies: Floats
    reduction_db: Floats
    masking: Masking


@dataclass(frozen=True, eq=False)
class Session:
    """Two sounds at one rate, read and measured."""

    vocal: Stem
    backing: Stem

    @classmethod
    def of(cls, vocal: Audio, backing: Audio, *, progress: Progress) -> "Session":
        """Measure both sounds, at the same time where there are two cores."""
        shares = [0.0, 0.0]

        def measured(part: int, audio: Audio) -> Stem:
            def told(share: float) -> None:
                shares[part] = share
                progress("analyze", sum(shares) / 2.0)

            track = measure_track(audio, progress=told)
            return Stem(audio, sketch(track) if part else track)  # a backing's sketch, as `pipeline.mix` decides from

        with ThreadPoolExecutor(2) as both:
            stems = both.map(measured, (0, 1), (vocal, backing))
            return cls(*stems)

    @property
    def seconds(self) -> float:
        """Length of the longer sound."""
        return max(self.vocal.audio.seconds, self.backing.audio.seconds)

    def decide(self, wishes: Wishes, *, progress: Progress) -> tuple[MixPlan, tuple[Notice, ...]]:
        """Decide a plan; raises InputError `vocal.not_found` and the like."""
        bundle = load_model(wishes)
        decision = decide(
            self.vocal, self.backing, wishes, bundle=bundle, progress=lambda share: progress("decide", share)
        )
        found = tuple(notice for stem in (self.vocal, self.backing) for notice in stem.track.notices)
        return decision.plan.replace(engine=f"sitwell {__version__}"), found + decision.notices

    def listen(self, plan: MixPlan, *, refine: bool, progress: Progress) -> Heard:
        """Render a plan and measure it; with `refine` the master is raised by what its limiter took."""
        for left in range(REFINEMENTS if refine else 0, -1, -1):
            heard = self._heard(plan, decided=refine, progress=progress)
            better = refine_master(plan, heard.measured) if left else None
            if better is None:
                break
            plan = better
        return heard

    def _heard(self, plan: MixPlan, *, decided: bool, progress: Progress) -> Heard:
        vocal, backing = self.vocal.audio, self.backing.audio
        rate, done = vocal.sample_rate, 0
        length = max(mix_length(plan, vocal, backing), 1)
        meter, reduction = MixMeter(rate), _Reduction(rate, length)
        for parts, mix, limiter_db in render_blocks(plan, vocal, backing):
            meter.process(parts, mix, limiter_db)
            if parts is not None:
                reduction.process(parts)
                done += parts.vocal.shape[1]
                progress("listen", done / length)
        measured = meter.finish()
        return Heard(
            plan=with_got(plan, measured, sample_rate=rate, decided=decided),
            measured=measured,
            energies=meter.energies,
            mix_energies=meter.mix_energies,
            reduction_db=reduction.finish(),
            masking=self._masking(plan),
        )

    def _masking(self, plan: MixPlan) -> Masking:
        """Predict what the backing covers, from the spectra as recorded and the responses of the filters."""
        vocal, backing = self.vocal.track, self.backing.track
        rate, frames = vocal.sample_rate, vocal.spectrum.frames
        made_up_db = plan.vocal.compressor.makeup_db if plan.vocal.compressor.enabled else 0.0
        chain = (plan.vocal.highpass.sections(rate), plan.vocal.equalizer.sections(rate))
        gain = _power(np.concatenate(chain), rate, plan.vocal.gain_db + made_up_db)
        under = _power(plan.backing.equalizer.sections(rate), rate, plan.backing.gain_db)
        return measure_masking(
            vocal.spectrum.bark * gain,
            pad_frames(backing.spectrum.bark, frames)[:frames] * under,
            active_frames(vocal),
        )


def _power(sections: Floats, sample_rate: int, gain_db: float) -> npt.NDArray[np.float32]:
    """Compute the power response (24,) of filters and a gain in the Bark bands."""
    below = np.minimum(BARK.centres_hz, 0.49 * sample_rate)
    response = response_db(sections, sample_rate=sample_rate, frequencies_hz=below)
    return np.asarray(10.0 ** ((response + gain_db) / 10.0), dtype=np.float32)


class _Reduction:
    """Largest gain reduction of the compressor in each 100 ms."""

    def __init__(self, sample_rate: int, length: int) -> None:
        self._step = sample_rate / _PIECES_PER_S
        self._lowest = np.zeros(int(length / self._step) + 2)
        self._position = 0

    def process(self, parts: StemBlock) -> None:
        """Take one block; a piece that lies across two blocks gets the lower of both."""
        gain_db = parts.reduction_db
        pieces = ((self._position + np.arange(len(gain_db))) / self._step).astype(np.intp)
        starts = np.concatenate([[0], np.flatnonzero(np.diff(pieces)) + 1])
        here = pieces[starts]
        self._lowest[here] = np.minimum(self._lowest[here], np.minimum.reduceat(gain_db, starts))
        self._position += len(gain_db)

    def finish(self) -> Floats:
        """Give the reduction (pieces,) in dB, <= 0."""
        return self._lowest[: int(np.ceil(self._position / self._step))]
