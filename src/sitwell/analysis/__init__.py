"""What can be measured of a sound and of a vocal against its backing; decides nothing."""

from sitwell.analysis.activity import active_windows, frame_activity, window_energies
from sitwell.analysis.balance import Balance, measure_balance
from sitwell.analysis.bands import BARK, THIRD_OCTAVE, Bands, hz_to_bark
from sitwell.analysis.defects import Defects
from sitwell.analysis.density import measure_echo_density, measure_mode_spread
from sitwell.analysis.dereverberation import without_tails
from sitwell.analysis.features import FEATURES, FEATURES_VERSION, measure_features
from sitwell.analysis.flat import outline, put_together, take_apart
from sitwell.analysis.loudness import Loudness, LoudnessMeter
from sitwell.analysis.masking import (
    Masking,
    MaskingMap,
    active_cells,
    at_frequencies,
    audible_share,
    masked_threshold,
    masking_map,
    measure_masking,
    pad_frames,
)
from sitwell.analysis.octaves import OCTAVES_HZ
from sitwell.analysis.response import Response, measure_response, measure_reverberation, response_notices
from sitwell.analysis.sketch import grids, sketch
from sitwell.analysis.spectrum import BandFrames, SpectrumMeter, mean_level_db
from sitwell.analysis.stereo import Stereo
from sitwell.analysis.tempo import Tempo, estimate_tempo
from sitwell.analysis.track import ANALYSIS_VERSION, Track, active_frames, measure_track
from sitwell.analysis.voice import FRAMES, VOICE_HZ, VoiceFrames, measure_voice
from sitwell.analysis.voice_portrait import SPECTRA, Portrait, portray

THIRD_OCTAVES_HZ = THIRD_OCTAVE.centres_hz
BARK_HZ = BARK.centres_hz

__all__ = [
    "ANALYSIS_VERSION", "BARK", "BARK_HZ", "FEATURES", "FEATURES_VERSION", "FRAMES", "OCTAVES_HZ", "SPECTRA",
    "THIRD_OCTAVE", "THIRD_OCTAVES_HZ", "VOICE_HZ", "Balance", "BandFrames", "Bands", "Defects", "Loudness",
    "LoudnessMeter", "Masking", "MaskingMap", "Portrait", "Response", "SpectrumMeter", "Stereo", "Tempo", "Track",
    "VoiceFrames", "active_cells", "active_frames", "active_windows", "at_frequencies", "audible_share",
    "estimate_tempo", "frame_activity", "grids", "hz_to_bark", "masked_threshold", "masking_map", "mean_level_db",
    "measure_balance", "measure_echo_density", "measure_features", "measure_masking", "measure_mode_spread",
    "measure_response", "measure_reverberation", "measure_track", "measure_voice", "outline", "pad_frames",
    "portray", "put_together", "response_notices", "sketch", "take_apart", "window_energies", "without_tails",
]  # fmt: skip
