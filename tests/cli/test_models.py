"""Models at the command line, as processes: a model of one's own, targets by name, cards, and refusals."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

import sitwell
from sitwell.models import TASKS
from sitwell.plan import MixPlan
from tests.models.bundles import figure_task, linear_graph, write_bundle
from tests.songs import song

SITWELL = (sys.executable, "-m", "sitwell")


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [*SITWELL, *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with `vocal.wav`, `backing.wav` and a bundle `house` that asks for -4 LU."""
    for name, audio in zip(("vocal", "backing"), song(8.0), strict=True):
        soundfile.write(tmp_path / f"{name}.wav", audio.samples.T, audio.sample_rate, subtype="PCM_16")
    write_bundle(tmp_path / "house", {"level": figure_task(-3.0)}, {"level.onnx": linear_graph([0.0] * 3, -4.0)})
    return tmp_path


def mixed(folder: Path, *arguments: str) -> MixPlan:
    done = run("mix", "vocal.wav", "backing.wav", "-o", "mix.wav", "--json", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return MixPlan.from_dict(json.loads(done.stdout)["plan"])


def test_a_model_of_ones_own_mixes(folder: Path) -> None:
    plan = mixed(folder, "--model", "house")
    assert (plan.method, plan.model) == ("learned", "small 7")
    target = plan.targets.vbr_lu
    assert (target.source, target.status) == ("model small 7", "met")
    assert (target.asked, target.low, target.high) == pytest.approx((-4.0, -6.0, -2.5), abs=1e-4)


def test_every_door_asks_the_same_model(folder: Path) -> None:
    vocal, backing = folder / "vocal.wav", folder / "backing.wav"
    by_plan = MixPlan.from_json(run("plan", vocal, backing, "--model", "house", cwd=folder).stdout)
    assert mixed(folder, "--model", "house", "--method", "learned") == by_plan
    assert sitwell.plan(vocal, backing, model=folder / "house") == by_plan
    assert sitwell.mix(vocal, backing, model=str(folder / "house")).plan == by_plan


def test_targets_are_reached_by_every_door(folder: Path) -> None:
    by_command = mixed(folder, "--method", "rules", "--targets", "vbr=-2, return=-18", "--vocal-level", "1")
    targets = by_command.targets
    assert (targets.vbr_lu.asked, targets.return_db.asked) == pytest.approx((-1.0, -18.0))
    assert (targets.vbr_lu.got, targets.return_db.got) == pytest.approx((-1.0, -18.0), abs=0.1)  # LU, dB
    by_call = sitwell.plan(
        folder / "vocal.wav", folder / "backing.wav", method="rules",
        targets={"vbr": -2, "return": -18.0}, vocal_level_lu=1.0,
    )  # fmt: skip
    assert by_call == by_command


def test_a_rendered_plan_needs_no_model(folder: Path) -> None:
    assert run("mix", "vocal.wav", "backing.wav", "-o", "one.wav", "--model", "house", "--plan-out", "plan.json",
               cwd=folder).returncode == 0  # fmt: skip
    (folder / "house").rename(folder / "elsewhere")
    done = run("render", "plan.json", "vocal.wav", "backing.wav", "-o", "two.wav", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "one.wav").read_bytes() == (folder / "two.wav").read_bytes()


def test_explain_says_where_such_vocals_sit(folder: Path) -> None:
    (folder / "plan.json").write_text(mixed(folder, "--model", "house").to_json())
    text = " ".join(run("explain", "plan.json", cwd=folder).stdout.split())
    assert "vocals over backing tracks like this sit at -4.0 LU (80 % between -6.0 and -2.5; model small 7)" in text
    assert "80 % of engineers land between -6.0 and -2.5 LU (model small 7, confidence high)" in text


def test_where_engineers_land_is_said_after_a_mix(folder: Path) -> None:
    done = run("mix", "vocal.wav", "backing.wav", "-o", "mix.wav", "--model", "house", cwd=folder)
    assert "asked -4.0, got -4.0 LU; engineers -6.0 to -2.5 (model small 7)" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["--model", "nowhere"], 1, "model.not_found"),
        (["--model", "vocal.wav"], 1, "model.not_found"),
        (["--model", "broken"], 1, "model.hash"),
        (["--model", "other-knobs"], 1, "model.knobs"),
        (["--model", "house", "--method", "rules"], 2, "wish.model"),
        (["--targets", "mood=3"], 2, "wish.target"),
        (["--targets", "vbr"], 2, "wish.target"),
        (["--targets", "vbr=-2,vmr=-4"], 2, "wish.target"),
        (["--targets", "range=99"], 2, "wish.target"),
        (["--targets", "range=9", "--only", "level"], 2, "wish.target"),
        (["--targets", "vbr=-2", "--set", "vocal.gain_db=1"], 2, "wish.target"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(
    folder: Path, arguments: list[str], exit_code: int, code: str
) -> None:
    write_bundle(folder / "broken")
    (folder / "broken" / "level.onnx").write_bytes(b"cut")
    write_bundle(folder / "other-knobs", spoil_card=lambda card: card["knobs"].update({"vocal.gain_db": [-9.0, 9.0]}))
    done = run("mix", "no-such-vocal.wav", "backing.wav", "-o", "mix.wav", "--json", *arguments, cwd=folder)
    assert done.returncode == exit_code, done.stderr
    assert json.loads(done.stdout)["error"]["code"] == code
    assert "Traceback" not in done.stderr
    assert not (folder / "mix.wav").exists()


def test_a_card_is_told_with_tasks_worth_sources_and_licences(folder: Path) -> None:
    write_bundle(folder / "two")
    done = run("models", "two", cwd=folder)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    for said in (
        "model small 7",
        "level: a model",
        "saves 12 % of the constant's error",
        "its interval held 81% of songs of artists left out",
        "loudness range: prior, since no model showed skill; every song gets 9.0 LU (80 % between 5.5 and 13.5)",
        "equalizer: none; the rules decide",
        "learned from 12 songs by 8 artists",
        "12 x generated; licence: CC0",
    ):
        assert said in words


def test_a_card_as_json_is_the_card(folder: Path) -> None:
    printed = json.loads(run("models", "house", "--json", cwd=folder).stdout)
    assert printed["card"] == json.loads((folder / "house" / "card.json").read_text())
    assert printed["tasks"] == {task: {"kind": "model" if task == "level" else None} for task in TASKS}


def test_a_card_does_not_rule_the_terminal(folder: Path) -> None:
    def spoil(card: dict[str, object]) -> None:
        card["data"] = {"songs": 1, "sources": [{"source": "\x1b[2J", "licence": "\x07\r", "songs": "\x9b"}, "odd"]}
        card["figures"] = {"level": {"verdict": "\x1b]0;owned", "interval": "odd"}, "range": 3}

    write_bundle(folder / "rude", spoil_card=spoil)
    done = run("models", "rude", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert all(letter.isprintable() or letter == "\n" for letter in done.stdout)


def test_a_card_of_what_is_no_bundle_is_refused(folder: Path) -> None:
    done = run("models", "vocal.wav", "--json", cwd=folder)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "model.not_found"


def test_the_model_that_comes_along_is_whole(folder: Path) -> None:
    assert "learned from" in run("models", cwd=folder).stdout
    checks = {check["name"]: check for check in json.loads(run("doctor", "--json", cwd=folder).stdout)["checks"]}
    assert checks["model"]["ok"]
    assert checks["model"]["seen"].startswith("default ")
