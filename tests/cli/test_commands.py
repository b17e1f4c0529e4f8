"""The command line as a person runs it: a process, its output, its exit code, the files it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import soundfile

import sitwell
from sitwell.plan import MixPlan
from tests.songs import song

SITWELL = (sys.executable, "-m", "sitwell")


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [*SITWELL, *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the files `vocal.wav` and `backing.wav`, eight seconds."""
    for name, audio in zip(("vocal", "backing"), song(8.0), strict=True):
        soundfile.write(tmp_path / f"{name}.wav", audio.samples.T, audio.sample_rate, subtype="PCM_16")
    return tmp_path


def test_mix_writes_all_it_is_asked_for_and_prints_one_json_object(folder: Path) -> None:
    done = run(
        "mix", "vocal.wav", "backing.wav", "-o", "mix.wav", "--plan-out", "plan.json", "--report", "report.html",
        "--stems", "stems", "--json", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert set(printed) == {"plan", "measured", "targets", "warnings", "outputs", "timing_s"}
    assert {"vmr_db", "vbr_lu", "vocal_loudness_range_lu", "mix"} <= set(printed["measured"])
    assert {"integrated_lufs", "loudness_range_lu", "true_peak_dbtp"} <= set(printed["measured"]["mix"])
    for target in ("vmr_db", "vbr_lu", "loudness_range_lu"):
        assert {"asked", "got", "low", "high", "source"} <= set(printed["targets"][target])
        assert printed["targets"][target]["low"] < printed["targets"][target]["high"]
    assert printed["plan"] == json.loads((folder / "plan.json").read_text())
    assert files_in(folder) == {
        "vocal.wav", "backing.wav", "mix.wav", "plan.json", "report.html",
        "stems/vocal.wav", "stems/reverb.wav", "stems/backing.wav",
    }  # fmt: skip


def test_stems_sum_to_the_mix_before_the_master(folder: Path) -> None:
    done = run("mix", "vocal.wav", "backing.wav", "-o", "mix.wav", "--bit-depth", "32f", "--stems", "stems",
               "--set", "master.enabled=off", cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    parts = [soundfile.read(folder / "stems" / f"{name}.wav")[0] for name in ("vocal", "reverb", "backing")]
    mix, _ = soundfile.read(folder / "mix.wav")
    assert np.abs(sum(parts) - mix).max() < 1e-6  # float32 sums


def test_plan_then_render_gives_the_samples_of_mix(folder: Path) -> None:
    assert run("mix", "vocal.wav", "backing.wav", "-o", "one.wav", cwd=folder).returncode == 0
    planned = run("plan", "vocal.wav", "backing.wav", cwd=folder)
    (folder / "plan.json").write_text(planned.stdout)
    rendered = run("render", "plan.json", "vocal.wav", "backing.wav", "-o", "two.wav", cwd=folder)
    assert rendered.returncode == 0, rendered.stderr
    assert (folder / "one.wav").read_bytes() == (folder / "two.wav").read_bytes()


def test_plan_writes_nothing_and_prints_a_valid_plan(folder: Path) -> None:
    before = files_in(folder)
    done = run("plan", "vocal.wav", "backing.wav", cwd=folder)
    schema = json.loads(run("schema", cwd=folder).stdout)
    jsonschema.Draft202012Validator(schema).validate(json.loads(done.stdout))
    assert files_in(folder) == before


def test_every_door_gives_the_same_plan(folder: Path) -> None:
    vocal, backing = folder / "vocal.wav", folder / "backing.wav"
    by_command = MixPlan.from_json(run("plan", vocal, backing, "--amount", "80", cwd=folder).stdout)
    by_json = json.loads(run("mix", vocal, backing, "-o", "m.wav", "--amount", "80", "--json", cwd=folder).stdout)
    assert sitwell.plan(vocal, backing, amount=80) == by_command
    assert sitwell.plan(sitwell.read(vocal), sitwell.read(backing), amount=80) == by_command
    assert sitwell.mix(vocal, backing, amount=80).plan == by_command
    assert MixPlan.from_dict(by_json["plan"]) == by_command


def test_explain_says_every_stage(folder: Path) -> None:
    (folder / "plan.json").write_text(run("plan", "vocal.wav", "backing.wav", cwd=folder).stdout)
    text = run("explain", "plan.json", cwd=folder).stdout.lower()
    assert all(word in text for word in ("level", "compressor", "equalizer", "reverb", "master"))


def test_analyze_measures_files(folder: Path) -> None:
    printed = json.loads(run("analyze", "vocal.wav", "backing.wav", "--json", cwd=folder).stdout)
    assert [Path(track["file"]).name for track in printed["files"]] == ["vocal.wav", "backing.wav"]
    assert printed["files"][1]["loudness"]["integrated_lufs"] == pytest.approx(-20.0, abs=15.0)  # LUFS, any sane one
    assert "LUFS" in run("analyze", "vocal.wav", cwd=folder).stdout


def test_doctor_finds_this_installation_well(folder: Path) -> None:
    printed = json.loads(run("doctor", "--json", cwd=folder).stdout)
    assert printed["ok"]
    assert printed["codecs"]["wav"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["--set", "vocal.compresor.ratio=3"], 2, "plan.path"),
        (["--set", "vocal.compressor.ratio=300"], 2, "plan.range"),
        (["--set", "vocal.compressor.ratio=much"], 2, "plan.type"),
        (["--set", "vocal.compressor.ratio"], 2, "plan.path"),
        (["--amount", "200"], 2, "plan.range"),
        (["--method", "magic"], 2, "wish.method"),
        (["--only", "vibes"], 2, "wish.stage"),
        (["--loudness", "loud"], 2, "wish.loudness"),
        (["--loudness", "3"], 2, "wish.loudness"),
        (["-o", "mix.xyz"], 5, "output.format"),
        (["-o", "missing/mix.wav"], 1, "output.no_folder"),
        (["-o", "vocal.wav"], 1, "output.is_input"),
        (["--max-minutes", "0.05"], 3, "audio.too_long"),
    ],
)
def test_what_is_wrong_is_told_by_code_and_leaves_nothing(
    folder: Path, arguments: list[str], exit_code: int, code: str
) -> None:
    before = {path: (folder / path).read_bytes() for path in files_in(folder)}
    done = run("mix", "vocal.wav", "backing.wav", "-o", "mix.wav", "--json", *arguments, cwd=folder)
    assert done.returncode == exit_code, done.stderr
    assert json.loads(done.stdout)["error"]["code"] == code
    assert "Traceback" not in done.stderr
    assert {path: (folder / path).read_bytes() for path in files_in(folder)} == before


def test_usage_errors_exit_with_two(folder: Path) -> None:
    assert run("mix", "vocal.wav", cwd=folder).returncode == 2
    assert run("mix", "vocal.wav", "backing.wav", "-o", "m.wav", "--frobnicate", cwd=folder).returncode == 2


def test_silent_vocal_is_told(folder: Path) -> None:
    soundfile.write(folder / "silence.wav", np.zeros((44100 * 4, 2)), 44100)
    done = run("mix", "silence.wav", "backing.wav", "-o", "mix.wav", cwd=folder)
    assert done.returncode == 3
    assert "vocal.not_found" in done.stderr
    assert "mix.wav" not in files_in(folder)


def test_different_rates_lengths_and_channels_mix_with_a_note(folder: Path) -> None:
    vocal, _ = song(5.0, 48000)
    soundfile.write(folder / "mono 48 kHz — é🎤.wav", vocal.samples[0], 48000)
    done = run("mix", "mono 48 kHz — é🎤.wav", "backing.wav", "-o", "mïx 🎶.flac", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "audio.resampled" in {warning["code"] for warning in json.loads(done.stdout)["warnings"]}
    assert soundfile.info(folder / "mïx 🎶.flac").samplerate == 48000
    assert soundfile.info(folder / "mïx 🎶.flac").frames == 8 * 48000


def test_a_mix_as_aac_is_the_mix_as_wav(folder: Path) -> None:
    pytest.importorskip("av", reason="the extra `av` is not installed")
    for name in ("mix.wav", "mix.m4a"):
        done = run("mix", "vocal.wav", "backing.wav", "-o", name, cwd=folder)
        assert done.returncode == 0, done.stderr
    wav, m4a = (sitwell.read(folder / name) for name in ("mix.wav", "mix.m4a"))
    assert (m4a.length, m4a.sample_rate) == (wav.length, wav.sample_rate)
    error_db = 10 * np.log10(np.mean((m4a.samples - wav.samples) ** 2) / np.mean(wav.samples**2))
    assert error_db < -15  # dB: half of this song is noise, and an offset of one sample would leave -5


def test_only_level_changes_nothing_but_the_level(folder: Path) -> None:
    done = run("mix", "vocal.wav", "backing.wav", "-o", "mix.wav", "--bit-depth", "32f", "--only", "level",
               "--plan-out", "plan.json", cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    plan = MixPlan.from_json((folder / "plan.json").read_text())
    vocal, backing = (soundfile.read(folder / f"{name}.wav")[0] for name in ("vocal", "backing"))
    mix, _ = soundfile.read(folder / "mix.wav")
    assert np.abs(vocal * 10 ** (plan.vocal.gain_db / 20) + backing - mix).max() < 1e-5  # float32 rounding


def test_broken_plan_is_told(folder: Path) -> None:
    for text, code in (
        ("{", "plan.json"),
        ('{"schema_version": 99}', "plan.version"),
        ('{"vocals": {}}', "plan.unknown"),
    ):
        (folder / "plan.json").write_text(text)
        done = run("render", "plan.json", "vocal.wav", "backing.wav", "-o", "mix.wav", cwd=folder)
        assert done.returncode == 2
        assert code in done.stderr


def test_interrupt_leaves_nothing(folder: Path) -> None:
    vocal, backing = song(120.0)
    for name, audio in (("long vocal", vocal), ("long backing", backing)):
        soundfile.write(folder / f"{name}.wav", audio.samples.T, 44100, subtype="PCM_16")
    before = files_in(folder)
    command = [*SITWELL, "mix", "long vocal.wav", "long backing.wav", "-o", "mix.wav", "--stems", "stems"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not any(folder.glob("stems/.*")):
        time.sleep(0.01)  # wait until the stems are being written
    os.kill(process.pid, signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 130, words
    assert "Traceback" not in words
    assert files_in(folder) == before


def test_quiet_says_nothing(folder: Path) -> None:
    done = run("mix", "vocal.wav", "backing.wav", "-o", "mix.wav", "--quiet", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
