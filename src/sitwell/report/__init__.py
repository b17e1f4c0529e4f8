"""What was done, for people to read: a plan as text, and a mix as one page that needs nothing else."""

from sitwell.report.explain import explain
from sitwell.report.html import write_report
from sitwell.report.picture import write_picture
from sitwell.report.recorder import Recorder

__all__ = ["Recorder", "explain", "write_picture", "write_report"]
