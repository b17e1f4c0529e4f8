"""Measures a mix while it is rendered."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import Loudness, LoudnessMeter, measure_balance
from sitwell.audio import Samples
from sitwell.render.energies import BACKING, VOCAL, Energies, return_ratio_db
from sitwell.render.parts import StemBlock

_STRIDE = 16  # samples between looks at the reduction, a third of a millisecond
_ACTING_DB = -0.1  # the compressor acts where its gain is below this


@dataclass(frozen=True)
class Measured:
    """What came out: balance of the parts before the master, and the finished mix."""

    vmr_db: float
    vbr_lu: float
    return_db: float
    vocal_loudness_range_lu: float
    reduction_db: float
    limiter_reduction_db: float
    mix: Loudness


class MixMeter:
    """Measures a mix while it is rendered: feed it what `render_blocks` yields, then call `finish`.

    Where the energies of the parts are known already, as after a decision, they are not measured again.
    """

    def __init__(self, sample_rate: int, energies: Energies | None = None) -> None:
        self._sample_rate, self._known = sample_rate, energies
        self._parts = core.CrossMeter(sample_rate=sample_rate, signals=3)
        self._pieces = [np.zeros((0, 3, 3))]
        self._reduction, self._reduced = 0.0, 0
        self.restart_mix()

    def process(self, parts: StemBlock | None, mix: Samples, limiter_db: float) -> None:
        """Take one step of a rendering."""
        if parts is not None:
            self.process_parts(parts)
        self.process_mix(mix, limiter_db)

    def process_parts(self, parts: StemBlock) -> None:
        """Take the parts of one step."""
        if self._known is None:
            self._pieces.append(self._parts.process([parts.vocal, parts.reverb, parts.backing]))
        seen = parts.reduction_db[::_STRIDE]
        acting = seen[seen < _ACTING_DB]
        self._reduction -= float(acting.sum(dtype=np.float64))
        self._reduced += acting.size

    def process_mix(self, mix: Samples, limiter_db: float) -> None:
        """Take the mix of one step, and the largest reduction of the limiter so far in dB."""
        self._mix.process(mix)
        self._limiter_db = limiter_db

    def restart_mix(self) -> None:
        """Forget the mix, not the parts: they go through another master."""
        self._mix, self._limiter_db = LoudnessMeter(self._sample_rate), 0.0

    @property
    def energies(self) -> Energies:
        """Cross energies (pieces, 3, 3) of the parts so far."""
        return np.concatenate(self._pieces) if self._known is None else self._known

    @property
    def mix_energies(self) -> npt.NDArray[np.float64]:
        """K-weighted energies (pieces,) of the mix so far."""
        return self._mix.energies

    def finish(self) -> Measured:
        """Return the figures."""
        energies = self.energies
        vocal = np.ascontiguousarray(energies[:, VOCAL, VOCAL])
        balance = measure_balance(vocal, np.ascontiguousarray(energies[:, BACKING, BACKING]))
        return Measured(
            vmr_db=balance.vmr_db,
            vbr_lu=balance.vbr_lu,
            return_db=return_ratio_db(energies),
            vocal_loudness_range_lu=core.loudness_range_lu(vocal),
            reduction_db=self._reduction / max(self._reduced, 1),
            limiter_reduction_db=self._limiter_db,
            mix=self._mix.finish(),
        )
