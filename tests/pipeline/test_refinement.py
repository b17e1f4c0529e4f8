"""A master done again: only its last try is written, and only its last try is drawn."""

import os
from pathlib import Path
from typing import Any

import pytest

import sitwell.report
from sitwell import pipeline
from sitwell.pipeline import Outputs
from sitwell.wishes import Wishes
from tests.songs import song

VOCAL, BACKING = song(8.0)
LOUD = Wishes(loudness_lufs=-12.0, ceiling_dbtp=-3.0)  # the limiter takes some of it, so that it is done again


def test_only_the_last_try_takes_the_files_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, real, named = tmp_path / "mix.wav", os.replace, list[str]()

    def replace(source: Any, to: Any) -> None:
        named.append(str(to))
        real(source, to)

    monkeypatch.setattr(os, "replace", replace)
    result = pipeline.mix(VOCAL, BACKING, wishes=LOUD, outputs=Outputs(mix=target))
    assert result.measured.limiter_reduction_db > 1.0  # dB: there was something to do again
    assert named.count(str(target)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mix.wav"]


def test_a_report_draws_the_last_try_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[sitwell.report.Recorder] = []

    def write_report(*arguments: Any) -> str:
        seen.append(arguments[-1])
        return "a report"

    monkeypatch.setattr(sitwell.report, "write_report", write_report)
    pipeline.mix(VOCAL, BACKING, wishes=LOUD, outputs=Outputs(report=tmp_path / "report.html"))
    curve = seen[0].finish().mix
    assert len(curve.lufs) == 80 - 29  # windows of 3 s in 8 s, every 100 ms
