"""From what was measured of an impulse response to the knobs of our reverb; knows no files, plans or doors."""

from sitwell.fit.model import energy_spectrum, network_decay_s
from sitwell.fit.relief import mel_centres_hz, mel_powers
from sitwell.fit.response import reverb_response
from sitwell.fit.search import DEFAULT_EVALUATIONS, Fit, fit_response
from sitwell.fit.seed import reverb_from_figures, seed_reverb

__all__ = [
    "DEFAULT_EVALUATIONS", "Fit", "energy_spectrum", "fit_response", "mel_centres_hz", "mel_powers",
    "network_decay_s", "reverb_from_figures", "reverb_response", "seed_reverb",
]  # fmt: skip
