"""The report as one self-contained page."""

import html
from collections.abc import Iterable

from sitwell.errors import Notice
from sitwell.plan import MixPlan
from sitwell.render import Measured
from sitwell.report.explain import explain
from sitwell.report.recorder import Recorder


def write_report(plan: MixPlan, _measured: Measured, _notices: Iterable[Notice], _recorder: Recorder) -> str:
    """Make the page."""
    return f"<!doctype html><meta charset=utf-8><title>Sitwell</title><pre>{html.escape(explain(plan))}</pre>"
