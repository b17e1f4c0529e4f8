"""What is refused at the door: keys, origins, sizes, rates, quotas, a full disk, and requests sent twice."""

import asyncio
import dataclasses
import json
import shutil
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sitwell.service import jobs, leases
from sitwell.service.settings import Settings
from tests.service.conftest import Here
from tests.service.running import asked, parts, wav


def send(here: Here, *requests: dict[str, Any]) -> list[httpx.Response]:
    """Send requests one after the other."""

    async def run() -> list[httpx.Response]:
        async with here.client() as client:
            return [await client.request(**{"method": "POST", "url": "/v1/mixes"} | request) for request in requests]

    return asyncio.run(run())


def mix(**more: Any) -> dict[str, Any]:
    """A request for a mix."""
    return {"files": parts(), "data": asked()} | more


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["type"]) == (answer.status_code, f"urn:sitwell:problem:{told['code']}")
    return answer.status_code, told["code"]


def assert_nothing_is_left(settings: Settings) -> None:
    assert [path for path in settings.data.rglob("*") if path.is_file() and "sqlite" not in path.name] == []


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}])
def test_without_a_valid_key_nothing_is_answered(settings: Settings, header: dict[str, str]) -> None:
    here = Here(settings)
    here.headers = header
    paths = ["/v1/mixes", "/v1/mixes/mix_x", "/v1/mixes/mix_x/mix", "/v1/mixes/mix_x/events", "/v1/info", "/metrics"]
    for answer in send(here, mix(), *({"method": "GET", "url": path} for path in paths)):
        assert code(answer) == (401, "auth.key")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert_nothing_is_left(settings)


def test_without_keys_this_machine_is_answered(settings: Settings) -> None:
    assert send(Here(settings, tenant=None), mix())[0].status_code == 202


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}, {"Host": "192.168.0.7:8750"}],
)
def test_without_keys_other_web_pages_are_refused(settings: Settings, headers: dict[str, str]) -> None:
    assert code(send(Here(settings, tenant=None), mix(headers=headers))[0]) == (403, "auth.origin")


def test_without_keys_an_address_open_to_others_answers_nobody(settings: Settings) -> None:
    here = Here(dataclasses.replace(settings, host="0.0.0.0"), tenant=None)
    assert code(send(here, mix())[0]) == (401, "auth.key")


def test_a_body_that_says_it_is_too_big_is_not_read(settings: Settings) -> None:
    here = Here(dataclasses.replace(settings, max_upload_mb=0.01))
    assert code(send(here, mix())[0]) == (413, "request.too_big")
    assert_nothing_is_left(settings)


def test_a_body_that_does_not_tell_its_size_is_cut_off_where_it_is_too_big(settings: Settings) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="vocal"; filename="a.wav"\r\n\r\n'
        while True:
            sent += 10_000
            yield bytes(10_000)

    here = Here(dataclasses.replace(settings, max_upload_mb=1))
    answer = send(here, {"content": endless(), "headers": {"Content-Type": "multipart/form-data; boundary=x"}})[0]
    assert code(answer) == (413, "request.too_big")
    assert sent < 1_100_000
    assert_nothing_is_left(settings)


def test_a_body_that_comes_too_slowly_is_given_up(settings: Settings) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"--x\r\n"
        await asyncio.sleep(60)

    here = Here(dataclasses.replace(settings, upload_timeout_s=0.05))
    answer = send(here, {"content": slow(), "headers": {"Content-Type": "multipart/form-data; boundary=x"}})[0]
    assert code(answer) == (408, "request.slow")


def test_too_many_requests_are_told_to_wait(settings: Settings) -> None:
    here = Here(dataclasses.replace(settings, requests_per_s=2))
    look = {"method": "GET", "url": "/v1/mixes"}
    answers = send(here, *[look] * 30)
    assert answers[0].status_code == 200
    late = next(answer for answer in answers if answer.status_code != 200)
    assert code(late) == (429, "rate.requests")
    assert late.headers["retry-after"] == "1"


def test_who_guesses_keys_is_slowed_down(settings: Settings) -> None:
    here = Here(dataclasses.replace(settings, requests_per_s=2))
    here.headers = {"Authorization": "Bearer guess"}
    answers = send(here, *[{"method": "GET", "url": "/v1/mixes"}] * 30)
    assert {answer.status_code for answer in answers} == {401, 429}


def test_a_disk_nearly_full_takes_nothing_more(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Here(dataclasses.replace(settings, min_free_mb=1000))
    full = shutil.disk_usage(settings.data)._replace(free=999_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert code(send(here, mix())[0]) == (507, "output.disk_full")


def test_a_disk_that_fills_up_during_an_upload_ends_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Here(dataclasses.replace(settings, min_free_mb=1000))
    now = shutil.disk_usage(settings.data)
    looked: list[None] = []

    def usage(_: object) -> object:
        looked.append(None)
        return now._replace(free=10**12 if len(looked) == 1 else 0)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr("sitwell.service.upload._LOOK_BYTES", 10_000)
    assert code(send(here, mix())[0]) == (507, "output.disk_full")
    assert_nothing_is_left(settings)


def test_a_tenant_has_so_many_jobs_at_once_and_so_much_room(settings: Settings) -> None:
    here = Here(dataclasses.replace(settings, max_jobs=1))
    first, second = send(here, mix(), mix())
    assert (first.status_code, code(second)) == (202, (429, "quota.jobs"))
    here = Here(dataclasses.replace(settings, max_tenant_mb=0.001))
    assert code(send(here, mix())[0]) == (429, "quota.storage")


def test_backings_count_as_room_too(settings: Settings) -> None:
    here = Here(dataclasses.replace(settings, max_tenant_mb=0.001))
    backing = settings.own_catalogue("ann") / "tracks" / "a" / "sound.wav"
    backing.parent.mkdir(parents=True)
    backing.write_bytes(bytes(2000))
    assert code(send(here, {"method": "PUT", "url": "/v1/catalog/b", "content": wav("band")})[0]) == (
        429,
        "quota.storage",
    )


def test_the_same_request_with_the_same_key_makes_one_job(settings: Settings) -> None:
    here = Here(settings)
    key = {"headers": {"Idempotency-Key": "take-17"}}
    first, again, other, none = send(here, mix(**key), mix(**key), mix(data=asked(name="b"), **key), mix())
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["id"] == first.json()["id"] != none.json()["id"]
    assert code(other) == (422, "idempotency.reused")
    assert len(list((settings.data / "jobs" / "ann").iterdir())) == 2


def test_a_key_whose_request_is_still_coming_in_is_busy(settings: Settings) -> None:
    here = Here(settings)

    async def run() -> list[httpx.Response]:
        begun = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"--x\r\n"
            begun.set()
            await asyncio.sleep(60)

        async with here.client() as client:
            headers = {"Idempotency-Key": "k", "Content-Type": "multipart/form-data; boundary=x"}
            first = asyncio.create_task(client.post("/v1/mixes", content=slow(), headers=headers))
            await begun.wait()
            second = await client.post("/v1/mixes", **mix(headers={"Idempotency-Key": "k"}))
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            return [second, await client.post("/v1/mixes", **mix(headers={"Idempotency-Key": "k"}))]

    busy, free = asyncio.run(run())
    assert (code(busy), free.status_code) == ((409, "idempotency.busy"), 202)


def test_keys_of_two_tenants_have_nothing_to_do_with_each_other(settings: Settings) -> None:
    ann, bob = Here(settings, tenant="ann"), Here(settings, tenant="bob")
    key = {"headers": {"Idempotency-Key": "same"}}
    assert send(ann, mix(**key))[0].json()["id"] != send(bob, mix(**key))[0].json()["id"]


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no sounds": ({"json": {}}, 422, "request.sounds"),
    "twice": ({"files": parts(), "data": asked() | {"vocal": "storage:a.wav"}}, 422, "request.part"),
    "unknown part": ({"files": parts() | {"drums": ("a.wav", b"x")}}, 422, "request.part"),
    "no json": ({"files": parts(), "data": {"request": "{"}}, 400, "request.json"),
    "deep json": ({"files": parts(), "data": {"request": "[" * 100_000}}, 400, "request.json"),
    "a list": ({"files": parts(), "data": {"request": "[]"}}, 422, "request.invalid"),
    "unknown field": ({"files": parts(), "data": asked(tempo=3)}, 422, "request.invalid"),
    "unknown wish": ({"files": parts(), "data": asked(wishes={"loud": 3})}, 422, "plan.unknown"),
    "a model of one's own": ({"files": parts(), "data": asked(wishes={"model": "/etc"})}, 422, "plan.unknown"),
    "a wish out of range": ({"files": parts(), "data": asked(wishes={"amount": 151})}, 422, "plan.range"),
    "bits of mp3": (mix(data=asked(output={"format": "mp3", "bit_depth": "16"})), 422, "request.bit_depth"),
    "a playlist": ({"files": parts(b"#EXTM3U\nfile:///etc/passwd\n")}, 415, "audio.unsupported"),
    "an image": ({"files": parts(b"\x89PNG\r\n\x1a\n" + bytes(64))}, 415, "audio.unsupported"),
    "nothing": ({"files": {"vocal": ("a.wav", b""), "backing": ("b.wav", wav("band"))}}, 422, "audio.empty"),
    "no storage": ({"json": {"vocal": "storage:a.wav", "backing": "storage:b.wav"}}, 422, "storage.off"),
    "other media": ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415, "request.media_type"),
    "no boundary": ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 415, "request.media_type"),
    "broken multipart": (
        {"content": b"--y\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        400, "request.multipart",
    ),
    "half": (
        {
            "content": b'--x\r\nContent-Disposition: form-data; name="vocal"; filename="a.wav"\r\n\r\nRIFF',
            "headers": {"Content-Type": "multipart/form-data; boundary=x"},
        },
        400, "request.multipart",
    ),
    "huge request": ({"files": parts(), "data": {"request": " " * 1_100_000}}, 413, "request.too_big"),
    "bad key": (mix(headers={"Idempotency-Key": "with space"}), 422, "request.invalid"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_request_that_cannot_be_is_refused_in_words_and_leaves_nothing(settings: Settings, name: str) -> None:
    request, status, wanted = BAD[name]
    assert code(send(Here(settings), request)[0]) == (status, wanted)
    assert_nothing_is_left(settings)


@pytest.mark.parametrize(
    "path",
    [
        "../bob/b.wav",
        "/etc/passwd",
        "a/../../bob/b.wav",
        "link.wav",
        "folder/b.wav",
        "..\\b.wav",
        "a\0.wav",
        ".",
        "x.wav",
    ],
)
def test_a_reference_cannot_leave_the_storage_of_its_tenant(settings: Settings, path: str) -> None:
    storage = settings.data.parent / "storage"
    (storage / "ann").mkdir(parents=True)
    (storage / "bob").mkdir()
    (storage / "bob" / "b.wav").write_bytes(wav("voice"))
    (storage / "ann" / "link.wav").symlink_to(storage / "bob" / "b.wav")
    (storage / "ann" / "folder").symlink_to(storage / "bob")
    here = Here(dataclasses.replace(settings, storage=storage))
    body = json.dumps({"vocal": f"storage:{path}", "backing": f"storage:{path}"})
    answer = send(here, {"content": body, "headers": {"Content-Type": "application/json"}})[0]
    assert code(answer) in {(422, "storage.path"), (422, "storage.not_found"), (422, "request.invalid")}


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\boot.ini", "/abs.wav", "a\tb.wav", "", "x" * 400, "💥.wav"]
)
def test_the_name_of_an_upload_names_no_place(settings: Settings, name: str) -> None:
    here = Here(settings)
    answer = send(
        here, mix(files=parts(name=name) if name else {"vocal": ("v", wav("voice")), "backing": ("b", wav("band"))})
    )[0]
    told = answer.json()["name"]
    assert answer.status_code == 202
    assert not set(told) & set("/\\\t")
    folder = settings.data / "jobs" / "ann" / answer.json()["id"]
    assert sorted(path.name for path in folder.iterdir()) == ["in-backing", "in-vocal"]


def test_a_mix_that_is_being_made_is_not_rendered_anew(settings: Settings) -> None:
    here = Here(settings)
    made = send(here, mix())[0].json()
    edit = {"method": "PUT", "url": made["links"]["plan"], "content": "{}"}
    assert code(send(here, edit)[0]) == (409, "job.not_ended")
    job = leases.claim(here.database, "w", 60)
    assert job is not None
    assert code(send(here, edit)[0]) == (409, "job.not_ended")
    assert leases.fail(here.database, job, {"code": "x", "detail": "y", "retryable": False})
    assert send(here, edit)[0].json()["state"] == "queued"
    assert jobs.usage(here.database, "ann")[0] == 1
