"""What the page is told of a song: the samples themselves, figures, plans, files that equal those of the command."""

import io
import threading
import zipfile
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from sitwell import core, models, pipeline
from sitwell.audio import Audio
from sitwell.io import Guard
from sitwell.models import default_bundle
from sitwell.plan import MixPlan
from sitwell.studio.desk import Desk
from sitwell.studio.song import Song, Superseded
from sitwell.studio.wire import Sound, measure_peaks
from sitwell.value import Json
from sitwell.wishes import Wishes
from tests.songs import song, voice
from tests.studio.desks import client_of, put_song, wav

Opened = tuple[httpx.Client, str]
NEUTRAL = {"method": "rules"}


@pytest.fixture(scope="module")
def decided(opened: Opened) -> Json:
    client, project = opened
    answer: Json = client.post(f"api/projects/{project}/decide", json=NEUTRAL).json()
    return answer


def samples(client: httpx.Client, project: str, part: str) -> np.ndarray:
    told = client.get(f"api/projects/{project}/sounds").json()[part]
    content = client.get(f"api/projects/{project}/{part}/samples").content
    kind = {"s16": "<i2", "f32": "<f4"}[told["format"]]
    return np.frombuffer(content, dtype=kind).reshape(told["channels"], told["frames"])


@pytest.mark.parametrize(("subtype", "form"), [("PCM_16", "s16"), ("PCM_24", "f32"), ("FLOAT", "f32")])
def test_samples_reach_the_page_as_they_are(subtype: str, form: str, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(wav(voice(1.0, 8000), subtype))
    with Guard() as guard:
        audio = guard.read(file)
    sound = Sound.of(audio)
    assert sound.to_dict()["format"] == form
    assert sound.to_dict()["channels"] == 1, "a mono recording is sent once"
    joined = b"".join(sound.chunks())
    assert len(joined) == sound.nbytes
    read = np.frombuffer(joined, dtype="<i2" if form == "s16" else "<f4") / (32768.0 if form == "s16" else 1.0)
    assert np.array_equal(read.astype(np.float32), audio.samples[0])


def test_both_parts_are_sent_at_one_rate(opened: Opened) -> None:
    client, project = opened
    vocal, backing = song(4.0)
    assert samples(client, project, "vocal").shape == (1, vocal.length)
    assert samples(client, project, "backing").shape == (2, backing.length)


def test_peaks_hold_every_sample() -> None:
    audio = Audio.of(np.sin(np.arange(5000) / 7.0) * 0.5, 8000)
    peaks = measure_peaks(audio.samples)
    assert peaks.shape == (20, 2)
    assert peaks.max() == round(127 * float(audio.samples.max()))
    assert peaks.min() == round(127 * float(audio.samples.min()))
    assert measure_peaks(np.zeros((2, 0), dtype=np.float32)).shape == (0, 2)


def test_the_analysis_tells_where_the_vocal_sings(opened: Opened) -> None:
    client, project = opened
    told = client.get(f"api/projects/{project}/analysis").json()
    assert told["seconds"] == 4.0
    assert len(told["vocal"]["lufs"]["values"]) == 11  # windows of 3 s in 4 s, every 100 ms
    phrases = told["phrases_s"]
    assert phrases
    assert all(begin < end <= 4.0 for begin, end in phrases)
    assert told["dry_lufs"] < 0


def test_locked_knobs_stay_and_the_rest_is_solved_again(opened: Opened, decided: Json) -> None:
    client, project = opened
    plan = MixPlan.from_dict(decided["plan"])
    settings = [f"reverb.return_db={plan.reverb.return_db + 6:.2f}", "vocal.compressor.enabled=off"]
    again = client.post(f"api/projects/{project}/decide", json={**NEUTRAL, "settings": settings}).json()
    other = MixPlan.from_dict(again["plan"])
    assert other.reverb.return_db == pytest.approx(plan.reverb.return_db + 6, abs=0.01)
    assert not other.vocal.compressor.enabled
    assert other.master.gain_db != plan.master.gain_db, "the loudness is solved around what was locked"


def test_brighter_and_wetter_do_what_they_say(opened: Opened, decided: Json) -> None:
    client, project = opened
    asked = {**NEUTRAL, "vocal_tone_db": 4.0, "reverb_level_db": 5.0}
    told = client.post(f"api/projects/{project}/decide", json=asked).json()
    before, after = MixPlan.from_dict(decided["plan"]), MixPlan.from_dict(told["plan"])
    rate, hz = 44100, np.array([150.0, 7000.0])
    responses = [
        core.response_db(plan.vocal.equalizer.sections(rate), sample_rate=rate, frequencies_hz=hz)
        for plan in (before, after)
    ]
    change = responses[1] - responses[0]
    assert change[1] - change[0] == pytest.approx(4.0, abs=1.5)  # dB, six smooth bands
    assert after.targets.return_db.asked == pytest.approx(before.targets.return_db.asked + 5.0)  # type: ignore[operator]


def test_listening_measures_the_plan(opened: Opened, decided: Json) -> None:
    client, project = opened
    told = client.post(f"api/projects/{project}/listen", json={"plan": decided["plan"], "refine": True}).json()
    targets = MixPlan.from_dict(told["plan"]).targets
    assert targets.vbr_lu.status == "met"
    assert targets.integrated_lufs.got == pytest.approx(-14.0, abs=0.1)  # LU, what the master promises
    assert len(told["reduction_db"]) == 40
    assert min(told["reduction_db"]) <= 0.0
    assert 0.0 <= told["masking"]["audible_share"] <= 1.0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"amount": 900}, "plan.range"), ({"loudness": 3}, "plan.unknown"), ({"model": "/etc"}, "wish.model"),
        ({"method": "magic"}, "wish.method"), ({"settings": ["vocal.gain_db=loud"]}, "plan.type"),
    ],
)  # fmt: skip
def test_wishes_that_cannot_be_are_refused(opened: Opened, body: Json, code: str) -> None:
    client, project = opened
    answer = client.post(f"api/projects/{project}/decide", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_house_model_is_chosen_by_its_name(tmp_path: Path) -> None:
    folder = Path(models.__file__).parent / "default"
    desk = Desk(tmp_path / "home", models=(folder,))
    with client_of(desk, tmp_path / "page") as client:
        (name,) = client.get("api/studio").json()["models"]
        project = put_song(client)
        asked = {"method": "learned", "model": name}
        told = client.post(f"api/projects/{project}/decide", json=asked).json()
    desk.close()
    assert told["plan"]["method"] == "learned"
    assert told["plan"]["model"] == default_bundle().identity


@pytest.mark.parametrize("content", [b"[]", b"{", b'"x"', b"\xff", b"[" * 100000])
def test_what_is_no_request_is_refused(opened: Opened, content: bytes) -> None:
    client, project = opened
    answer = client.post(f"api/projects/{project}/listen", content=content)
    assert (answer.status_code, answer.json()["code"]) == (422, "studio.request")


def test_silence_is_told_in_words(client: httpx.Client) -> None:
    project = client.post("api/projects", json={"name": "a"}).json()["id"]
    quiet = wav(Audio.of(np.zeros(44100 * 4), 44100))
    for part in ("vocal", "backing"):
        client.put(f"api/projects/{project}/{part}", params={"name": f"{part}.wav"}, content=quiet)
    answer = client.post(f"api/projects/{project}/decide", json={})
    assert (answer.status_code, answer.json()["code"]) == (422, "vocal.not_found")


def test_one_file_is_not_a_song_but_can_be_sung_over(client: httpx.Client) -> None:
    project = client.post("api/projects", json={"name": "a"}).json()["id"]
    client.put(f"api/projects/{project}/backing", params={"name": "b.wav"}, content=wav(song(1.0)[1]))
    told = client.get(f"api/projects/{project}/backing").json()
    assert (told["channels"], told["frames"]) == (2, 44100)
    assert len(client.get(f"api/projects/{project}/backing/samples").content) == 2 * 2 * 44100  # 16 bits
    assert client.get(f"api/projects/{project}/vocal").json()["code"] == "project.incomplete"
    answer = client.get(f"api/projects/{project}/sounds")
    assert (answer.status_code, answer.json()["code"]) == (422, "project.incomplete")


def test_a_broken_off_file_is_refused_when_it_comes(client: httpx.Client, desk: Desk) -> None:
    project = put_song(client, 1.0)
    whole = wav(voice(4.0, 44100))
    answer = client.put(f"api/projects/{project}/vocal", params={"name": "Anna.wav"}, content=whole[: len(whole) // 2])
    assert (answer.status_code, answer.json()["code"]) == (422, "audio.truncated")
    assert "Anna.wav" in answer.json()["message"]
    assert str(desk.projects.home) not in answer.json()["message"]


def test_damage_that_no_header_shows_is_told_when_it_is_read(client: httpx.Client, desk: Desk) -> None:
    project = put_song(client, 1.0)
    file = io.BytesIO()
    soundfile.write(file, voice(4.0, 44100).samples.T, 44100, format="FLAC")
    content = bytearray(file.getvalue())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    put = client.put(f"api/projects/{project}/vocal", params={"name": "Anna.flac"}, content=bytes(content))
    assert put.status_code == 200
    answer = client.get(f"api/projects/{project}/sounds")
    assert (answer.status_code, answer.json()["code"][:6]) == (422, "audio.")
    assert "Anna.flac" in answer.json()["message"]
    assert str(desk.projects.home) not in answer.json()["message"]


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_an_exported_mix_is_the_file_that_render_writes(
    opened: Opened, decided: Json, tmp_path: Path, form: str
) -> None:
    client, project = opened
    made = client.post(f"api/projects/{project}/exports", json={"plan": decided["plan"], "kind": "mix", "format": form})
    exported = client.get(f"api/projects/{project}/exports/{made.json()['file']}")
    assert "attachment" in exported.headers["content-disposition"]
    files = []
    for part, audio in zip(("vocal", "backing"), song(4.0), strict=True):
        files.append(tmp_path / f"{part}.wav")
        files[-1].write_bytes(wav(audio))
    pipeline.render(MixPlan.from_dict(decided["plan"]), *files, outputs=pipeline.Outputs(mix=tmp_path / f"mix.{form}"))
    assert exported.content == (tmp_path / f"mix.{form}").read_bytes()


def test_stems_plan_and_report_come_as_files(opened: Opened, decided: Json) -> None:
    client, project = opened

    def exported(kind: str) -> bytes:
        made = client.post(f"api/projects/{project}/exports", json={"plan": decided["plan"], "kind": kind})
        return client.get(f"api/projects/{project}/exports/{made.json()['file']}").content

    with zipfile.ZipFile(io.BytesIO(exported("stems"))) as archive:
        assert sorted(archive.namelist()) == ["backing.wav", "reverb.wav", "vocal.wav"]
    assert MixPlan.from_json(exported("plan")) == MixPlan.from_dict(decided["plan"])
    assert exported("report").startswith(b"<!doctype html>")
    assert client.get(f"api/projects/{project}/exports/..%2Fproject.json").status_code == 404


def test_the_newest_question_is_answered(tmp_path: Path) -> None:
    files = {}
    for part, audio in zip(("vocal", "backing"), song(4.0), strict=True):
        files[tmp_path / f"{part}.wav"] = part
        (tmp_path / f"{part}.wav").write_bytes(wav(audio))
    newer: list[threading.Thread] = []
    answers: list[Json] = []

    def ask_again(event: Json) -> None:
        if event["stage"] == "decide" and not newer:
            newer.append(
                threading.Thread(target=lambda: answers.append(opened.decide(Wishes(method="rules", amount=50.0))))
            )
            newer[0].start()
            while opened._newest["decide"] == 1 and newer[0].is_alive():  # until the newer one has asked
                pass

    with Guard() as guard:
        opened = Song(files, guard, ask_again)
        with pytest.raises(Superseded):
            opened.decide(Wishes(method="rules"))
        newer[0].join()
    assert len(answers) == 1
