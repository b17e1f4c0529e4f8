"""A person's way through the studio in a real browser: load, mix, play, turn, compare, lock, export, come back."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sitwell.plan import MixPlan
from sitwell.value import Json
from tests.conftest import ROOT, data_folder
from tests.songs import song
from tests.studio.desks import wav
from tests.studio.test_serve import studio
from tests.web.engine import node

pytestmark = pytest.mark.browser

_LONGEST_S = 600.0  # it takes half a minute; a machine that is busy with other things may take long
PICTURES = ROOT / "build" / "studio"  # screenshots, kept to be looked at


def files(folder: Path) -> tuple[Path, Path]:
    """Give a real song where there is one, else a generated one."""
    real = data_folder() / "pairs" / "cmt_alright"
    if real.is_dir():
        return real / "vocals.ogg", real / "backing.ogg"
    generated = []
    for name, audio in zip(("vocal", "backing"), song(12.0, swing_db=9.0), strict=True):
        generated.append(folder / f"{name}.wav")
        generated[-1].write_bytes(wav(audio))
    return generated[0], generated[1]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return files(tmp_path_factory.mktemp("song"))


@pytest.fixture(scope="module")
def seen(chromium: str, inputs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Go the whole way once; what was seen is asserted below, claim by claim."""
    folder = tmp_path_factory.mktemp("way")
    broken = folder / "broken.wav"
    broken.write_bytes(b"RIFF\0\0\0\0WAVEfmt nonsense" * 20)
    sung = folder / "sung.wav"
    sung.write_bytes(wav(song(6.0)[0]))
    PICTURES.mkdir(parents=True, exist_ok=True)
    with studio("--home", str(folder / "home")) as (address, _):
        places = map(str, (*inputs, broken, sung, PICTURES))
        told = node("node", "test/studio.mjs", chromium, address, *places, timeout_s=_LONGEST_S)
    found: Json = json.loads(told)
    assert "failed" not in found, found["failed"]
    return found


def test_nothing_fails_on_the_way(seen: Json) -> None:
    assert seen["errors"] == []


def test_a_malformed_file_is_told_in_words(seen: Json) -> None:
    assert seen["brokenCode"] == "audio.unreadable"
    assert "broken.wav" in seen["broken"].lower()
    assert "Traceback" not in seen["broken"]


def test_keys_choose_what_is_heard(seen: Json) -> None:
    assert seen["slots"] == ["A dry", "B suggestion", "C mine"]
    assert seen["solo"] == "true"
    assert seen["looped"]


def test_a_knob_of_every_panel_turns_by_mouse_and_by_key(seen: Json) -> None:
    assert len(seen["turned"]) == 6
    for path, (start, by_mouse, by_key, spoken) in seen["turned"].items():
        assert len({start, by_mouse, by_key}) == 3, path
        assert spoken == by_key, f"{path} does not speak its value and unit"
    assert seen["dragged"] != seen["nudged"]
    assert " dB at " in seen["dragged"]


def test_everything_can_be_undone_and_done_again(seen: Json) -> None:
    assert seen["undone"] >= 13  # two turns of six knobs and two of a band
    assert seen["redone"] == 6


def test_sliders_and_method_are_solved_and_undone(seen: Json) -> None:
    before, closer, undone = (float(text.removesuffix(" dB").replace("−", "-")) for text in seen["gains"])
    asked = float(seen["closer"].partition(" ")[0])
    assert asked > 0.5
    assert closer - before == pytest.approx(asked, abs=0.15)  # dB, both are shown with one decimal
    assert undone == before


def test_locked_knobs_stay_while_the_rest_is_solved(seen: Json) -> None:
    before, after = seen["returns"]
    assert before != after
    assert seen["lockedGain"] == "3.5 dB"
    assert seen["ceiling"] == "−2.0 dBTP"


def test_the_exported_mix_is_what_render_makes_of_the_exported_plan(
    seen: Json, inputs: tuple[Path, Path], tmp_path: Path
) -> None:
    assert seen["returns"]  # the way was gone
    plan, mix = tmp_path / "plan.json", tmp_path / "mix.wav"
    plan.write_bytes((PICTURES / "plan-wav").read_bytes())
    assert MixPlan.from_json(plan.read_bytes()).vocal.gain_db == 3.5
    command = [sys.executable, "-m", "sitwell", "render", str(plan), *map(str, inputs), "-o", str(mix), "-q"]
    subprocess.run(command, check=True, timeout=60)
    assert (PICTURES / "mix-wav").read_bytes() == mix.read_bytes()


def test_stems_add_up_and_the_report_is_a_page(seen: Json, tmp_path: Path) -> None:
    assert seen["returns"]
    with zipfile.ZipFile(PICTURES / "stems-wav") as archive:
        archive.extractall(tmp_path)
    stems = [soundfile.read(tmp_path / f"{name}.wav")[0] for name in ("vocal", "reverb", "backing")]
    assert all(np.abs(stem).max() > 0.001 for stem in stems)
    assert (PICTURES / "report-wav").read_bytes().startswith(b"<!doctype html>")


def test_two_windows_keep_in_step_and_a_reload_loses_nothing(seen: Json) -> None:
    assert seen["otherWindow"] == seen["afterReload"] == "−31.0 dB"
    assert seen["undoAfterReload"] is True
    assert seen["doc"]["amount"] == 50


def test_a_take_over_the_backing_becomes_the_vocal(seen: Json) -> None:
    take = seen["take"]
    assert take["channels"] == 1
    assert take["frames"] > 3 * take["sample_rate"]


def test_axe_finds_nothing_serious(seen: Json) -> None:
    assert len(seen["axe"]) == 18
    assert {name: found for name, found in seen["axe"].items() if found} == {}


def test_nothing_sticks_out_from_a_telephone_to_a_wall(seen: Json) -> None:
    assert seen["overflow"] == {"360": 0, "1280": 0, "2560": 0}
    for width in seen["overflow"]:
        assert (PICTURES / f"studio-{width}.png").stat().st_size > 10_000
