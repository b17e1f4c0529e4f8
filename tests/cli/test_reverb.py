"""`sitwell reverb` as a process: fit, render, list, and reverbs in a mix."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import sitwell
from sitwell.analysis import measure_response
from sitwell.effects import Reverb, named_reverbs
from sitwell.fit import network_decay_s
from tests.analysis.test_response import decaying_noise
from tests.cli.test_commands import files_in, run
from tests.songs import song


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with `ir.wav`, half a second of decay."""
    soundfile.write(tmp_path / "ir.wav", 0.5 * decaying_noise(0.5, 0.7, rate=32000).T, 32000, subtype="FLOAT")
    return tmp_path


def test_fit_writes_what_render_turns_into_the_same_decay(folder: Path) -> None:
    done = run("reverb", "fit", "ir.wav", "-o", "params.json", "--budget", "60", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert set(printed) == {"reverb", "response", "fitted", "errors", "seed", "evaluations", "warnings"}
    written = Reverb.from_dict(json.loads((folder / "params.json").read_text()))
    assert printed["reverb"] == written.to_dict()
    again = run("reverb", "render", "params.json", "-o", "again.wav", "--sample-rate", "32000", cwd=folder)
    assert again.returncode == 0, again.stderr
    first, second = (measure_response(sitwell.read(folder / name)) for name in ("ir.wav", "again.wav"))
    assert second.level_db == pytest.approx(first.level_db, abs=0.1)  # dB
    assert second.decay_at(1000) == pytest.approx(first.decay_at(1000), rel=0.05)  # a JND


def test_fit_without_a_file_prints_knobs_that_any_door_reads(folder: Path) -> None:
    done = run("reverb", "fit", "ir.wav", "--budget", "0", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert Reverb.from_dict(json.loads(done.stdout)) == sitwell.fit_reverb(folder / "ir.wav", evaluations=0).reverb
    assert "decay relief" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (("fit", "noise.wav"), 3, "response.no_decay"),
        (("fit", "short.wav"), 3, "response.too_short"),
        (("fit", "none.wav"), 3, "audio.not_found"),
        (("fit", "ir.wav", "--budget", "-1"), 2, "fit.budget"),
        (("fit", "ir.wav", "-o", "ir.wav"), 1, "output.is_input"),
        (("render", "hal", "-o", "x.wav"), 2, "reverb.unknown"),
        (("render", "params.txt", "-o", "x.wav"), 2, "plan.json"),
        (("render", "nowhere.json", "-o", "x.wav"), 3, "file.not_found"),
    ],
)
def test_what_cannot_be_is_refused_with_a_code(
    folder: Path, arguments: tuple[str, ...], exit_code: int, code: str
) -> None:
    soundfile.write(folder / "noise.wav", np.random.default_rng(0).uniform(-1, 1, 16000), 16000)
    soundfile.write(folder / "short.wav", np.ones(100), 16000)
    (folder / "params.txt").write_text("no json")
    before = files_in(folder)
    done = run("reverb", *arguments, cwd=folder)
    assert (done.returncode, code in done.stderr) == (exit_code, True), done.stderr
    assert files_in(folder) == before


def test_names_are_listed_with_source_and_licence(tmp_path: Path) -> None:
    listed = json.loads(run("reverb", "list", "--json", cwd=tmp_path).stdout)["reverbs"]
    assert [item["name"] for item in listed] == ["plate", "hall", "room", "chamber", "ambience"]
    assert all(item["source"] and item["licence"] for item in listed)


def test_names_differ_as_they_should() -> None:
    decays = {
        name: float(network_decay_s(item.reverb, np.array([1000.0]), 48000)[0])
        for name, item in named_reverbs().items()
    }
    assert decays["ambience"] < decays["room"] < decays["chamber"] < decays["plate"] < decays["hall"]


def test_a_mix_takes_a_reverb_by_name_or_file_and_solves_its_level(tmp_path: Path) -> None:
    for name, audio in zip(("vocal", "backing"), song(8.0), strict=True):
        soundfile.write(tmp_path / f"{name}.wav", audio.samples.T, audio.sample_rate, subtype="PCM_16")
    hall = named_reverbs()["hall"].reverb
    (tmp_path / "mine.json").write_text(json.dumps(hall.to_dict()))
    plans = []
    for reverb in ("hall", "mine.json"):
        done = run("plan", "vocal.wav", "backing.wav", "--method", "rules", "--reverb", reverb, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        plans.append(sitwell.MixPlan.from_json(done.stdout))
    plans.append(sitwell.plan(tmp_path / "vocal.wav", tmp_path / "backing.wav", method="rules", reverb="hall"))
    assert plans[0] == plans[1] == plans[2]
    assert plans[0].reverb == hall.replace(return_db=plans[0].reverb.return_db)
    assert plans[0].targets.return_db.got == pytest.approx(-13.0, abs=0.2)  # dB, the rule
    (tmp_path / "plan.json").write_text(plans[0].to_json())
    done = run(
        "render", "plan.json", "vocal.wav", "backing.wav", "-o", "m.wav", "--reverb", "room", "--json", cwd=tmp_path
    )
    room = named_reverbs()["room"].reverb
    assert json.loads(done.stdout)["plan"]["reverb"] == room.replace(return_db=plans[0].reverb.return_db).to_dict()
