"""Many takes, unattended: a manifest in, mixes and a list of results out, on this machine or on a Ray cluster."""

from sitwell.batch.engine import Engine, Failure, Pace, Work, words
from sitwell.batch.engines import ENGINES, choose_engine
from sitwell.batch.local import Local
from sitwell.batch.manifest import Manifest, Take, read_manifest
from sitwell.batch.mixer import Mixer, Places
from sitwell.batch.on_ray import OnRay
from sitwell.batch.options import OPTIONS, Options, read_options, read_pairs
from sitwell.batch.run import MAY_PASS, Progress, Summary, check_batch, run_batch

__all__ = [
    "ENGINES", "MAY_PASS", "OPTIONS", "Engine", "Failure", "Local", "Manifest", "Mixer", "OnRay", "Options", "Pace",
    "Places", "Progress", "Summary", "Take", "Work", "check_batch", "choose_engine", "read_manifest",
    "read_options", "read_pairs", "run_batch", "words",
]  # fmt: skip
