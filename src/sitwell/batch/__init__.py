"""Many takes, unattended: a manifest in, mixes and a list of results out, by an engine."""

from sitwell.batch.manifest import Manifest, Take, read_manifest
from sitwell.batch.mixer import Mixer, Places
from sitwell.batch.options import OPTIONS, Options, read_options, read_pairs
from sitwell.batch.run import MAY_PASS, Progress, Summary, check_batch, run_batch

__all__ = [
    "MAY_PASS", "OPTIONS", "Manifest", "Mixer", "Options", "Places", "Progress", "Summary", "Take", "check_batch",
    "read_manifest", "read_options", "read_pairs", "run_batch",
]  # fmt: skip
