"""`sitwell reverb extract` and `analyze` as processes: fields, words, the response, refusals."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import sitwell
from sitwell.analysis import measure_response
from tests.models.bundles import extraction_bundle
from tests.songs import voice

SITWELL = (sys.executable, "-m", "sitwell")
_RATE = 44_100


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [*SITWELL, *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with `vocal.wav`, `silence.wav`, a bundle `wet` and a bundle `dry`."""
    soundfile.write(tmp_path / "vocal.wav", voice(6.0, _RATE, seed=1).samples.T, _RATE, subtype="PCM_16")
    soundfile.write(tmp_path / "silence.wav", np.zeros(6 * _RATE), _RATE, subtype="PCM_16")
    extraction_bundle(tmp_path / "wet", decay_s=1.5, level_db=-12.0)
    extraction_bundle(tmp_path / "dry", wetness=-5.0)
    return tmp_path


def test_json_has_the_figures_and_their_confidence(folder: Path) -> None:
    done = run("reverb", "extract", "vocal.wav", "--model", "wet", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"verdict", "decay_s", "return_db", "early_to_late_db", "predelay_ms", "confidence"}
    assert set(found["decay_s"]) == {"125", "250", "500", "1000", "2000", "4000", "8000"}
    assert set(found["confidence"]) == {"decay_s", "return_db", "early_to_late_db", "predelay_ms"}
    assert found["decay_s"]["1000"] == pytest.approx(1.5, abs=0.01)
    assert found["return_db"] == pytest.approx(-12.0, abs=0.1)


def test_words_say_how_wet_it_is(folder: Path) -> None:
    done = run("reverb", "extract", "vocal.wav", "--model", "wet", cwd=folder)
    assert "wet, its reverb 12 dB below the voice, lasting 1.5 s" in done.stdout
    assert "pre-delay          unknown" in done.stdout


def test_the_response_is_written_and_decays_as_told(folder: Path) -> None:
    done = run("reverb", "extract", "vocal.wav", "--model", "wet", "-o", "ir.wav", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert measure_response(sitwell.read(folder / "ir.wav")).decay_at(1000) == pytest.approx(1.5, rel=0.1)


def test_a_dry_vocal_has_no_response_to_write(folder: Path) -> None:
    done = run("reverb", "extract", "vocal.wav", "--model", "dry", "-o", "ir.wav", "--json", cwd=folder)
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == "reverb.unknown"
    assert not (folder / "ir.wav").exists()


def test_silence_is_refused(folder: Path) -> None:
    done = run("reverb", "extract", "silence.wav", "--model", "wet", cwd=folder)
    assert (done.returncode, "[vocal.not_found]" in done.stderr) == (3, True)


def test_the_vocal_is_never_written_over(folder: Path) -> None:
    done = run("reverb", "extract", "vocal.wav", "--model", "wet", "-o", "vocal.wav", cwd=folder)
    assert (done.returncode, "[output.is_input]" in done.stderr) == (1, True)


def test_python_gives_the_same_as_the_command(folder: Path) -> None:
    found = sitwell.extract_reverb(folder / "vocal.wav", model=folder / "wet").to_report()
    assert json.loads(run("reverb", "extract", "vocal.wav", "--model", "wet", "--json", cwd=folder).stdout) == found


def test_analyze_says_how_wet_a_file_is(folder: Path) -> None:
    done = run("analyze", "vocal.wav", "--json", cwd=folder)
    assert json.loads(done.stdout)["files"][0]["reverb"]["verdict"] in ("wet", "dry", "unknown")
