"""Everything that is measured of one sound, in one pass over its blocks."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

from sitwell.analysis.activity import Active, Energies, frame_activity
from sitwell.analysis.bands import THIRD_OCTAVE
from sitwell.analysis.clipping import ClipMeter
from sitwell.analysis.defects import Defects, describe_defects, measure_defects
from sitwell.analysis.levels import HopMeter, crest_db
from sitwell.analysis.loudness import Loudness, LoudnessMeter
from sitwell.analysis.spectrum import BandFrames, SpectrumMeter, mean_level_db
from sitwell.analysis.stereo import Stereo, measure_stereo
from sitwell.analysis.tempo import Tempo, estimate_tempo, onsets_per_s
from sitwell.audio import BLOCK, Audio, Samples
from sitwell.errors import Notice
from sitwell.units import db_to_gain
from sitwell.value import Json

ANALYSIS_VERSION = 1  # higher with every change of a figure: what a catalogue holds is then measured anew


@dataclass(frozen=True, eq=False)
class Track:
    """One sound, measured: levels, spectra (frames, bands), image, defects, tempo.

    `energies` (pieces,) are the K-weighted energies of every full 100 ms; what is left over at the end,
    less than 100 ms, has none. `crest_db` is the sample peak over the rms of the active frames,
    `onsets_per_s` counts the notes and beats that stand out in them.
    """

    name: str
    sample_rate: int
    seconds: float
    energies: Energies
    loudness: Loudness
    crest_db: float
    stereo: Stereo
    defects: Defects
    spectrum: BandFrames
    tempo: Tempo
    onsets_per_s: float

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What a person should know about this recording."""
        return describe_defects(self.defects, self.name)

    def to_dict(self) -> Json:
        """Turn into plain JSON types; what has no value is None. The spectrum is that of active frames."""
        level_db = mean_level_db(self.spectrum.third_octave, active_frames(self))
        bpm = self.tempo.bpm if self.tempo.confidence > 0.0 else math.nan
        return {
            "name": self.name,
            "sample_rate": self.sample_rate,
            "seconds": round(self.seconds, 6),
            "loudness": _plain(asdict(self.loudness)),
            "crest_db": _plain(self.crest_db),
            "stereo": _plain(asdict(self.stereo)),
            "defects": _plain(asdict(self.defects)),
            "tempo": _plain({"bpm": bpm, "confidence": self.tempo.confidence}),
            "spectrum": {
                "centres_hz": [round(hz, 1) for hz in THIRD_OCTAVE.centres_hz.tolist()],
                "level_db": [round(db, 2) for db in level_db.tolist()],
            },
        }


def measure_track(audio: Audio, *, progress: Callable[[float], None] | None = None) -> Track:
    """Measure a sound in one streaming pass; `progress` is told the share done, 0 to 1."""
    meters = _Meters(audio.sample_rate)
    done = 0
    for block in audio.blocks(BLOCK):
        meters.process(block)
        done += block.shape[1]
        if progress is not None:
            progress(done / audio.length)
    return meters.finish(audio)


def active_frames(track: Track) -> Active:
    """Tell in which spectral frames the sound is active: within 20 LU of its own loudness, (frames,)."""
    return frame_activity(track.energies, track.spectrum.times_s)


class _Meters:
    """All meters of a track, fed with the same blocks."""

    def __init__(self, sample_rate: int) -> None:
        self._loudness = LoudnessMeter(sample_rate)
        self._spectrum = SpectrumMeter(sample_rate)
        self._hops = HopMeter(self._spectrum.hop_length)
        self._clips = ClipMeter()

    def process(self, block: Samples) -> None:
        self._spectrum.process(block)
        self._hops.process(block)
        self._clips.process(block)
        self._loudness.process(block)

    def finish(self, audio: Audio) -> Track:
        loudness, energies = self._loudness.finish(), self._loudness.energies
        spectrum, levels = self._spectrum.finish(), self._hops.finish()
        active = frame_activity(energies, spectrum.times_s)
        peak = db_to_gain(loudness.sample_peak_dbfs)
        clipped = self._clips.finish(sample_peak=peak)
        return Track(
            name=audio.name,
            sample_rate=audio.sample_rate,
            seconds=audio.seconds,
            energies=energies,
            loudness=loudness,
            crest_db=crest_db(levels, active, sample_peak=peak),
            stereo=measure_stereo(levels),
            defects=measure_defects(levels, active, clipped_samples=clipped, samples=audio.length),
            spectrum=spectrum,
            tempo=estimate_tempo(spectrum.third_octave, frame_rate_hz=spectrum.frame_rate_hz),
            onsets_per_s=onsets_per_s(spectrum, active),
        )


def _plain(value: float | dict[str, float]) -> Json | float | None:
    """Round for people and replace infinities, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return round(value, 6) if math.isfinite(value) else None
