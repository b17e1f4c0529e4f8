"""What was done, for people to read: a plan as text, and a mix as one page that needs nothing else."""

from sitwell.report.explain import explain
from sitwell.report.html import write_report
from sitwell.report.picture import write_picture
from sitwell.report.recorder import Recorder
from sitwell.report.reverb import reverb_picture

__all__ = ["Recorder", "explain", "reverb_picture", "write_picture", "write_report"]
