"""What a report needs, collected in little memory while the mix is rendered; draws nothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import (
    BandFrames,
    Masking,
    MaskingMap,
    active_frames,
    masking_map,
    mean_level_db,
    measure_masking,
    pad_frames,
)
from sitwell.analysis.spectrum import SpectrumMeter
from sitwell.audio import Samples
from sitwell.decide import Stem
from sitwell.plan import MixPlan
from sitwell.render import StemBlock, mix_length
from sitwell.report.columns import Columns, peaks, stacked
from sitwell.report.excerpt import SECONDS, Excerpt, choose_start_s, make_excerpt

Floats = npt.NDArray[np.float64]
_PIECE_S = 0.1
MASKING_COLUMNS = 240


@dataclass(frozen=True, eq=False)
class Curve:
    """Loudness over time: times_s (n,), lufs (n,), -inf where silent; windows of 3 s, or 0.4 s if short."""

    times_s: Floats
    lufs: Floats
    window_s: float


@dataclass(frozen=True, eq=False)
class State:
    """Vocal against backing, before or after: loudness over time, mean third octaves (31,) dB, masking."""

    vocal: Curve
    backing: Curve
    vocal_thirds_db: Floats
    backing_thirds_db: Floats
    masking: Masking
    masking_map: MaskingMap


@dataclass(frozen=True, eq=False)
class Recording:
    """All that a report draws; waveforms are (lowest, highest) per column, as is the gain reduction in dB."""

    seconds: float
    vocal_peaks: tuple[Floats, Floats]
    backing_peaks: tuple[Floats, Floats]
    reduction_db: Floats
    mix: Curve
    before: State
    after: State
    excerpt: Excerpt | None


class Recorder:
    """Listens to a rendering: feed it what `render_blocks` yields, then call `finish`."""

    def __init__(self, plan: MixPlan, vocal: Stem, backing: Stem) -> None:
        self.plan, self.vocal, self.backing = plan, vocal, backing
        self._rate = rate = vocal.audio.sample_rate
        self._offset = round(plan.vocal.offset_ms * rate / 1000.0)
        self._length = max(mix_length(plan, vocal.audio, backing.audio), 0)
        self._reduction = Columns(self._length)
        self._part_meter = core.CrossMeter(sample_rate=rate, signals=2)
        self._mix_meter = core.CrossMeter(sample_rate=rate, signals=1)
        self._energies: tuple[list[Floats], list[Floats]] = ([], [])
        self._spectra = (SpectrumMeter(rate), SpectrumMeter(rate))
        start = round(choose_start_s(vocal.track) * rate) + self._offset
        frames = min(round(SECONDS * rate), self._length)
        self._start = min(max(start, 0), self._length - frames)
        self._kept: Samples = np.zeros((2, frames), dtype=np.float32)
        self._position = 0
        self._recording: Recording | None = None

    def process(self, parts: StemBlock | None, mix: Samples) -> None:
        """Take one step of a rendering."""
        if parts is not None:
            self.process_parts(parts)
        self.process_mix(mix)

    def process_parts(self, parts: StemBlock) -> None:
        """Take the parts of one step."""
        self._reduction.process(parts.reduction_db, parts.reduction_db)
        self._energies[0].append(self._part_meter.process([parts.vocal, parts.backing]))
        self._spectra[0].process(parts.vocal)
        self._spectra[1].process(parts.backing)

    def process_mix(self, mix: Samples) -> None:
        """Take the mix of one step."""
        if mix.shape[1]:
            self._energies[1].append(self._mix_meter.process([np.ascontiguousarray(mix)]))
            self._keep(mix)

    def finish(self) -> Recording:
        """Measure what was collected, once, and compare it with the sounds as they came."""
        if self._recording is None:
            self._recording = self._measured()
        return self._recording

    def _measured(self) -> Recording:
        parts = stacked(self._energies[0], (0, 2, 2))
        spectra = (self._spectra[0].finish(), self._spectra[1].finish())
        active = _shifted(active_frames(self.vocal.track), self._frames_late(spectra[0]))
        return Recording(
            seconds=self._length / self._rate,
            vocal_peaks=peaks(self.vocal.audio, start=-self._offset, length=self._length),
            backing_peaks=peaks(self.backing.audio, start=0, length=self._length),
            reduction_db=self._reduction.finish()[0],
            mix=loudness_curve(stacked(self._energies[1], (0, 1, 1))[:, 0, 0]),
            before=self._before(active),
            after=_state((loudness_curve(parts[:, 0, 0]), loudness_curve(parts[:, 1, 1])), spectra, active),
            excerpt=make_excerpt(self._plain_sum(), self._kept, self._rate, self._start / self._rate),
        )

    def _keep(self, mix: Samples) -> None:
        """Copy what lies in the excerpt."""
        begin = max(self._start - self._position, 0)
        at = self._position + begin - self._start
        piece = mix[:, begin : begin + max(self._kept.shape[1] - at, 0)]
        self._kept[:, at : at + piece.shape[1]] = piece
        self._position += mix.shape[1]

    def _plain_sum(self) -> Samples:
        """Add the two sounds of the excerpt as they came, the vocal in its place."""
        frames = self._kept.shape[1]
        total = np.zeros((2, frames), dtype=np.float32)
        for stem, offset in ((self.vocal, self._offset), (self.backing, 0)):
            for block in stem.audio.blocks(max(frames, 1), start=self._start - offset, length=frames):
                total += block
        return total

    def _frames_late(self, spectrum: BandFrames) -> int:
        return round(self._offset / self._rate * spectrum.frame_rate_hz)

    def _before(self, active: npt.NDArray[np.bool_]) -> State:
        vocal, backing = self.vocal.track, self.backing.track
        late = self._frames_late(vocal.spectrum)
        moved = BandFrames(
            vocal.spectrum.frame_rate_hz,
            _shifted(vocal.spectrum.third_octave, late),
            _shifted(vocal.spectrum.bark, late),
        )
        curves = (
            loudness_curve(vocal.energies, start_s=self._offset / self._rate),
            loudness_curve(backing.energies),
        )
        return _state(curves, (moved, backing.spectrum), active)


def loudness_curve(energies: Floats, *, start_s: float = 0.0) -> Curve:
    """Measure loudness over time from energies (pieces,) of 100 ms, at the middle of each window."""
    window, measure = (30, core.short_term_lufs) if len(energies) >= 30 else (4, core.momentary_lufs)
    lufs = measure(np.ascontiguousarray(energies)) if len(energies) >= window else np.zeros(0)
    times_s = start_s + _PIECE_S * (np.arange(len(lufs)) + window / 2)
    return Curve(np.asarray(times_s, dtype=np.float64), lufs, window * _PIECE_S)


def _state(curves: tuple[Curve, Curve], spectra: tuple[BandFrames, BandFrames], active: npt.NDArray[np.bool_]) -> State:
    frames = max(spectra[0].frames, spectra[1].frames, len(active))
    singing = np.pad(active, (0, frames - len(active)))
    vocal, backing = (pad_frames(spectrum.bark, frames) for spectrum in spectra)
    thirds = [mean_level_db(pad_frames(spectrum.third_octave, frames), singing) for spectrum in spectra]
    rate_hz = spectra[0].frame_rate_hz
    return State(
        vocal=curves[0],
        backing=curves[1],
        vocal_thirds_db=thirds[0],
        backing_thirds_db=thirds[1],
        masking=measure_masking(vocal, backing, singing),
        masking_map=masking_map(vocal, backing, singing, frame_rate_hz=rate_hz, columns=MASKING_COLUMNS),
    )


def _shifted(frames: npt.NDArray[np.generic], late: int) -> npt.NDArray:  # type: ignore[type-arg]
    """Move frames (n, ...) later by filling the front with zeros, or earlier by dropping them."""
    if late <= 0:
        return frames[-late:]
    return np.concatenate([np.zeros_like(frames[:1]).repeat(late, axis=0), frames])
