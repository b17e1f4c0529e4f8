"""`python -m sitwell_training` is `sitwell-train`."""

from sitwell_training.cli import run

run()
