"""Every route, with a real client, on a real server."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

import sitwell
from sitwell import MixPlan
from tests.service.conftest import Tenants
from tests.service.running import asked, ended, parts, wait_for, wav


@pytest.fixture(scope="module")
def mix(tenants: Tenants) -> dict[str, Any]:
    """A mix with everything, made for Ann, under a name of many letters."""
    files = parts(name='Élise, (takes)/"Ж" 🎤.wav')
    answer = tenants.ann.post("/v1/mixes", files=files, data=asked(output={"stems": True, "report": True}))
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["links"]["self"]
    return ended(tenants.ann, answer.json())


def test_a_mix_succeeds_and_tells_what_it_got(mix: dict[str, Any]) -> None:
    assert (mix["state"], mix["progress"], mix["error"], mix["revision"]) == ("succeeded", 1.0, None, 1)
    assert mix["name"] == '"Ж" 🎤'
    assert mix["result"]["measured"]["mix"]["integrated_lufs"] == pytest.approx(-14, abs=0.1)
    assert [file["name"] for file in mix["result"]["files"]] == [
        "mix", "plan", "report", "stems/backing", "stems/reverb", "stems/vocal",
    ]  # fmt: skip


def test_a_short_take_is_answered_at_once_when_that_is_preferred(tenants: Tenants) -> None:
    answer = tenants.ann.post("/v1/mixes", files=parts(), data=asked(), headers={"Prefer": "wait=60"})
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "wait=60"
    assert answer.json()["state"] == "succeeded"


def test_the_samples_are_those_of_the_python_door(tenants: Tenants, tmp_path: Path) -> None:
    (tmp_path / "take.wav").write_bytes(wav("voice"))
    (tmp_path / "band.wav").write_bytes(wav("band"))
    sitwell.mix(tmp_path / "take.wav", tmp_path / "band.wav", tmp_path / "mix.wav", method="rules")
    mix = ended(tenants.ann, tenants.ann.post("/v1/mixes", files=parts(), data=asked()).json())
    assert tenants.ann.get(mix["links"]["mix"]).content == (tmp_path / "mix.wav").read_bytes()


def test_a_mix_may_be_aac(tenants: Tenants, tmp_path: Path) -> None:
    answer = tenants.ann.post("/v1/mixes", files=parts(), data=asked(output={"format": "m4a"}))
    mix = ended(tenants.ann, answer.json())
    assert mix["state"] == "succeeded", mix["error"]
    found = tenants.ann.get(mix["links"]["mix"])
    assert found.headers["content-type"] == "audio/mp4"
    (tmp_path / "mix.m4a").write_bytes(found.content)
    assert sitwell.read(tmp_path / "mix.m4a").seconds == 1.5


def test_what_is_fetched_is_what_was_told(tenants: Tenants, mix: dict[str, Any]) -> None:
    import hashlib

    for file in mix["result"]["files"]:
        answer = tenants.ann.get(file["href"])
        assert answer.headers["content-type"] == file["media_type"]
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert tenants.ann.get(file["href"], headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_file_comes_by_ranges(tenants: Tenants, mix: dict[str, Any]) -> None:
    whole = tenants.ann.get(mix["links"]["mix"])
    some = tenants.ann.get(mix["links"]["mix"], headers={"Range": "bytes=100-299", "If-Range": whole.headers["etag"]})
    assert (some.status_code, some.headers["content-range"]) == (206, f"bytes 100-299/{len(whole.content)}")
    assert some.content == whole.content[100:300]
    stale = tenants.ann.get(mix["links"]["mix"], headers={"Range": "bytes=100-299", "If-Range": '"old"'})
    assert stale.content == whole.content
    assert tenants.ann.get(mix["links"]["mix"], headers={"Range": "bytes=999999999-"}).status_code == 416
    head = tenants.ann.head(mix["links"]["mix"])
    assert (head.headers["content-length"], head.content) == (str(len(whole.content)), b"")


def test_a_file_has_its_unicode_name_and_one_for_old_clients(tenants: Tenants, mix: dict[str, Any]) -> None:
    told = tenants.ann.head(mix["links"]["stems/vocal"]).headers["content-disposition"]
    assert told == (
        "attachment; filename=\"___ _ - vocal.wav\"; filename*=UTF-8''%22%D0%96%22%20%F0%9F%8E%A4%20-%20vocal.wav"
    )


def test_the_report_runs_in_an_origin_of_its_own(tenants: Tenants, mix: dict[str, Any]) -> None:
    answer = tenants.ann.get(mix["links"]["report"])
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_edited_plan_is_rendered_as_it_is(tenants: Tenants) -> None:
    first = ended(tenants.ann, tenants.ann.post("/v1/mixes", files=parts(), data=asked()).json())
    plan = MixPlan.from_json(tenants.ann.get(first["links"]["plan"]).text)
    edited = plan.set("vocal.gain_db", plan.vocal.gain_db + 3)
    answer = tenants.ann.put(first["links"]["plan"], content=edited.to_json())
    assert (answer.status_code, answer.json()["revision"]) == (202, 2)
    second = ended(tenants.ann, answer.json())
    assert second["state"] == "succeeded"
    got = [mix["result"]["measured"]["vbr_lu"] for mix in (first, second)]
    assert got[1] - got[0] == pytest.approx(3, abs=0.05)  # LU: the meters round
    rendered = MixPlan.from_json(tenants.ann.get(first["links"]["plan"]).text)
    assert rendered.vocal == edited.vocal


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "plan.json"), ('{"vocal": {"gain_db": 900}}', "plan.range"), ('{"drums": 1}', "plan.unknown"),
        ('{"schema_version": 99}', "plan.version"),
    ],
)  # fmt: skip
def test_a_wrong_plan_is_refused_with_its_code(tenants: Tenants, mix: dict[str, Any], body: str, code: str) -> None:
    answer = tenants.ann.put(mix["links"]["plan"], content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_events_follow_a_mix_to_its_end(tenants: Tenants) -> None:
    mix = tenants.ann.post("/v1/mixes", files=parts(seconds=4), data=asked()).json()
    with tenants.ann.stream("GET", mix["links"]["events"]) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = list(stream.iter_lines())
    told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    numbers = [int(line.removeprefix("id: ")) for line in lines if line.startswith("id: ")]
    assert told[-1]["state"] == "succeeded"
    assert {mix["state"] for mix in told} <= {"queued", "running", "succeeded"}
    assert numbers == sorted(set(numbers))


def test_a_mix_of_sounds_in_storage(tenants: Tenants) -> None:
    request = {"vocal": "storage:ann.wav", "backing": "storage:band.wav", "wishes": {"method": "rules"}}
    mix = ended(tenants.ann, tenants.ann.post("/v1/mixes", json=request).json())
    assert (mix["state"], mix["name"]) == ("succeeded", "ann")


def test_an_uploaded_vocal_over_a_stored_backing(tenants: Tenants) -> None:
    data = asked() | {"backing": "storage:band.wav"}
    answer = tenants.ann.post("/v1/mixes", files={"vocal": ("a.wav", wav("voice"))}, data=data)
    assert ended(tenants.ann, answer.json())["state"] == "succeeded"


def test_a_damaged_file_fails_with_the_code_and_the_name_and_nothing_of_ours(tenants: Tenants) -> None:
    broken = wav("voice")[:-5000]
    answer = tenants.ann.post("/v1/mixes", files=parts(broken, name="broken take.wav"), data=asked())
    mix = ended(tenants.ann, answer.json())
    assert (mix["state"], mix["error"]["code"], mix["error"]["retryable"]) == ("failed", "audio.truncated", False)
    assert mix["error"]["detail"].startswith("broken take.wav: cut off")
    assert str(tenants.server.data) not in json.dumps(mix)
    answer = tenants.ann.get(f"{mix['links']['self']}/mix")
    assert (answer.status_code, answer.json()["code"]) == (409, "job.no_result")


def test_a_mix_is_cancelled_and_stays_so(tenants: Tenants) -> None:
    mix = tenants.ann.post("/v1/mixes", files=parts(seconds=60), data=asked()).json()
    answer = tenants.ann.post(f"{mix['links']['self']}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    after = ended(tenants.ann, tenants.ann.post("/v1/mixes", files=parts(), data=asked()).json())
    assert after["state"] == "succeeded"  # the only worker is free again
    assert tenants.ann.get(mix["links"]["self"]).json()["state"] == "cancelled"


def test_what_is_deleted_is_gone_with_its_files(tenants: Tenants) -> None:
    mix = ended(tenants.ann, tenants.ann.post("/v1/mixes", files=parts(), data=asked()).json())
    folder = tenants.server.data / "jobs" / "ann" / mix["id"]
    assert folder.is_dir()
    assert tenants.ann.delete(mix["links"]["self"]).status_code == 204
    assert tenants.ann.get(mix["links"]["self"]).status_code == 404
    assert not folder.exists()


def test_the_list_comes_in_pages_newest_first(tenants: Tenants) -> None:
    made = [tenants.bob.post("/v1/mixes", files=parts(), data=asked()).json()["id"] for _ in range(3)]
    found, page = [], "/v1/mixes?limit=2"
    while page:
        answer = tenants.bob.get(page).json()
        found += [mix["id"] for mix in answer["items"]]
        page = answer["next"]
    assert found[:3] == made[::-1]
    assert len(set(found)) == len(found)


def test_a_take_over_a_catalogued_backing_gives_the_same_samples(tenants: Tenants) -> None:
    answer = tenants.ann.put("/v1/catalog/band-1?name=Das Lied.wav", content=wav("band"))
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/catalog/band-1")
    told = answer.json()
    assert (told["reference"], told["name"], told["seconds"]) == ("catalog:band-1", "Das Lied.wav", 1.5)
    take = {"vocal": ("take.wav", wav("voice"))}
    over = tenants.ann.post("/v1/mixes", files=take, data=asked(backing="catalog:band-1"))
    hashes = [ended(tenants.ann, over.json())["result"]["files"][0]["sha256"]]
    kept = list((tenants.server.data / "cache").glob(f"{told['sha256']}-*.samples"))
    assert len(kept) == 1  # decoded once: the next take over it maps it
    again = tenants.ann.post("/v1/mixes", files=take, data=asked(backing="catalog:band-1"))
    plain = tenants.ann.post("/v1/mixes", files=parts(), data=asked())
    hashes += [ended(tenants.ann, answer.json())["result"]["files"][0]["sha256"] for answer in (again, plain)]
    assert len(set(hashes)) == 1
    assert "band-1" in [item["id"] for item in tenants.ann.get("/v1/catalog").json()["items"]]
    assert tenants.ann.delete("/v1/catalog/band-1").status_code == 204
    assert tenants.ann.get("/v1/catalog/band-1").json()["code"] == "catalog.unknown"


def test_the_operators_backings_are_there_for_all_and_stay(tenants: Tenants) -> None:
    for client in (tenants.ann, tenants.bob):
        assert client.get("/v1/catalog/shared-song").json()["seconds"] == 1.5
        assert client.delete("/v1/catalog/shared-song").status_code == 404
    take = {"vocal": ("a.wav", wav("voice"))}
    answer = tenants.bob.post("/v1/mixes", files=take, data=asked(backing="catalog:shared-song"))
    assert ended(tenants.bob, answer.json())["state"] == "succeeded"


def test_a_backing_that_is_another_is_not_overwritten_unasked(tenants: Tenants) -> None:
    assert tenants.bob.put("/v1/catalog/x", content=wav("band")).status_code == 201
    assert tenants.bob.put("/v1/catalog/x", content=wav("band")).status_code == 201  # the same
    other = wav("band", 2.5)
    assert tenants.bob.put("/v1/catalog/x", content=other).json()["code"] == "catalog.taken"
    assert tenants.bob.put("/v1/catalog/x?replace=true", content=other).json()["seconds"] == 2.5


def test_a_backing_that_is_no_sound_is_refused_and_leaves_nothing(tenants: Tenants) -> None:
    for content, status, code in ((b"#EXTM3U", 415, "audio.unsupported"), (wav("band")[:-999], 422, "audio.truncated")):
        answer = tenants.bob.put("/v1/catalog/broken", content=content)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert str(tenants.server.data) not in answer.text
    assert list((tenants.server.data / "incoming").iterdir()) == []
    assert tenants.bob.get("/v1/catalog/broken").status_code == 404


def test_a_vocal_is_not_taken_from_the_catalogue(tenants: Tenants) -> None:
    answer = tenants.bob.post("/v1/mixes", json={"vocal": "catalog:shared-song", "backing": "catalog:shared-song"})
    assert answer.json()["code"] == "request.sounds"


def test_information_names_formats_limits_and_every_knob(tenants: Tenants) -> None:
    told = tenants.ann.get("/v1/info").json()
    assert told["formats"]["wav"] is True
    assert told["limits"]["max_minutes"] == 15
    ratio = told["plan"]["properties"]["vocal"]["properties"]["compressor"]["properties"]["ratio"]
    assert {"minimum", "maximum", "default", "x-unit"} <= ratio.keys()


def test_health_needs_no_key(tenants: Tenants) -> None:
    assert tenants.stranger.get("/healthz").json() == {"status": "ok"}


def test_metrics_are_the_operators(tenants: Tenants) -> None:
    assert tenants.ann.get("/metrics").status_code == 403
    told = tenants.operator.get("/metrics").text
    assert 'sitwell_jobs{state="queued"}' in told
    assert 'sitwell_requests_total{method="GET",route="/healthz"' in told


def test_the_description_is_openapi_3_1(tenants: Tenants) -> None:
    assert tenants.stranger.get("/openapi.json").json()["openapi"].startswith("3.1")


def test_logs_are_json_and_name_job_tenant_and_request(tenants: Tenants, mix: dict[str, Any]) -> None:
    lines = wait_for(lambda: [line for line in tenants.server.logged() if line.get("job") == mix["id"]])
    assert {"job claimed", "job succeeded"} <= {line["message"] for line in lines}
    assert {line.get("tenant") for line in lines} == {"ann"}
    raw = tenants.server.log.read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("{") for line in raw), raw


@pytest.mark.skipif(os.name != "posix", reason="folders are listed as POSIX has them")
def test_unknown_routes_and_methods_are_problems(tenants: Tenants) -> None:
    for answer, status, code in (
        (tenants.ann.get("/v2/mixes"), 404, "not_found"),
        (tenants.ann.patch("/v1/mixes"), 405, "method"),
        (tenants.ann.get("/v1/mixes/..%2f..%2fetc"), 404, "not_found"),
        (tenants.ann.get("/v1/mixes/a.b"), 422, "request.invalid"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_client_that_goes_away_leaves_nothing(tenants: Tenants) -> None:
    folder = tenants.server.data / "jobs" / "bob"
    before = set(folder.iterdir()) if folder.exists() else set()

    def half() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="vocal"; filename="a.wav"\r\n\r\n' + wav("voice")
        raise RuntimeError("the line broke")

    with pytest.raises(RuntimeError):
        tenants.bob.post("/v1/mixes", content=half(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    wait_for(lambda: (folder.exists() and set(folder.iterdir()) <= before) or None)
    assert [line for line in tenants.server.logged() if line["message"] == "request failed"] == []


def test_many_clients_at_once_are_all_served(tenants: Tenants) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def make(_: int) -> int:
        with httpx.Client(base_url=tenants.server.url, headers=tenants.bob.headers, timeout=60) as client:
            return client.get("/v1/info").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(make, range(24))) == {200}
