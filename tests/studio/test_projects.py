"""Projects are folders that lose nothing: uploads whole or not at all, saving, opening elsewhere."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from sitwell.studio import app
from sitwell.studio.desk import Desk
from tests.songs import voice
from tests.studio.desks import put_song, wav


def upload(client: httpx.Client, project: str, part: str, name: str, content: bytes) -> tuple[int, dict[str, object]]:
    answer = client.put(f"api/projects/{project}/{part}", params={"name": name}, content=content)
    return answer.status_code, answer.json()


def files(desk: Desk) -> list[str]:
    return sorted(str(path.relative_to(desk.projects.home)) for path in desk.projects.home.rglob("*") if path.is_file())


def until(client: httpx.Client, true: Callable[[], bool]) -> bool:
    """Ask the server something until a condition holds, a thousand times at most."""
    return any(true() or client.get("api/projects").is_error for _ in range(1000))


@pytest.mark.parametrize(
    "name", ["Käse 🎤.wav", "../../etc/passwd.wav", "C:\\songs\\a.wav", "x" * 400 + ".wav", ".wav", "a\0b.wav"]
)
def test_a_file_of_any_name_stays_in_its_project(client: httpx.Client, desk: Desk, name: str) -> None:
    project = client.post("api/projects", json={"name": name}).json()["id"]
    status, told = upload(client, project, "vocal", name, wav(voice(1.0, 8000)))
    assert status == 200, told
    assert set(files(desk)) == {f"{project}/project.json", f"{project}/vocal.wav"} or files(desk) == [
        f"{project}/project.json", f"{project}/vocal",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"no sound at all" * 100, b"RIFF\0\0\0\0WAVEfmt " + bytes(60)])
def test_what_is_no_sound_is_refused_and_the_file_before_stays(
    client: httpx.Client, desk: Desk, content: bytes
) -> None:
    project = client.post("api/projects", json={"name": "a"}).json()["id"]
    good = wav(voice(1.0, 8000))
    upload(client, project, "vocal", "good.wav", good)
    status, told = upload(client, project, "vocal", "bad.wav", content)
    assert status == 422
    assert str(told["code"]).startswith("audio.")
    assert "bad.wav" in str(told["message"])
    assert str(desk.projects.home) not in str(told["message"])
    assert (desk.projects.home / project / "vocal.wav").read_bytes() == good
    assert files(desk) == [f"{project}/project.json", f"{project}/vocal.wav"]


def test_an_upload_beyond_the_limit_leaves_nothing(
    client: httpx.Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "MAX_BYTES", 1000)
    project = client.post("api/projects", json={"name": "a"}).json()["id"]
    status, told = upload(client, project, "vocal", "a.wav", bytes(1001))
    assert (status, told["code"]) == (413, "studio.too_large")
    streamed = client.put(f"api/projects/{project}/vocal", content=iter([bytes(600), bytes(600)]))
    assert streamed.status_code == 413
    assert files(desk) == [f"{project}/project.json"]


def test_a_file_that_came_in_part_leaves_nothing(client: httpx.Client, desk: Desk) -> None:
    project = client.post("api/projects", json={"name": "a"}).json()["id"]
    host, port = client.base_url.host, client.base_url.port or 0
    with socket.create_connection((host, port)) as raw:
        head = f"PUT {client.base_url.path}api/projects/{project}/vocal HTTP/1.1\r\nHost: {host}:{port}\r\n"
        raw.sendall(f"{head}Content-Length: 50000\r\n\r\n".encode() + wav(voice(1.0, 8000))[:9000])
        assert until(client, lambda: len(files(desk)) == 2), "the server did not begin to write"
    assert until(client, lambda: files(desk) == [f"{project}/project.json"]), "what had come was left lying about"


def test_a_project_opens_again_in_another_place(client: httpx.Client, desk: Desk, tmp_path: Path) -> None:
    project = put_song(client, 1.0)
    doc = {"locks": ["vocal.gain_db"]}
    revision = client.get(f"api/projects/{project}").json()["revision"]
    assert client.put(f"api/projects/{project}", json={"doc": doc, "revision": revision}).status_code == 200
    shutil.move(desk.projects.home / project, tmp_path / "elsewhere" / "projects" / "moved")
    moved = Desk(tmp_path / "elsewhere")
    assert moved.projects.open("moved").state["doc"] == doc
    assert [entry["id"] for entry in moved.projects.all()] == ["moved"]
    assert moved.song("moved") is not None
    moved.close()


def test_two_windows_do_not_overwrite_each_other(client: httpx.Client) -> None:
    project = client.post("api/projects", json={"name": "a"}).json()["id"]
    assert client.put(f"api/projects/{project}", json={"doc": {"by": 1}, "revision": 0}).json() == {"revision": 1}
    late = client.put(f"api/projects/{project}", json={"doc": {"by": 2}, "revision": 0})
    assert (late.status_code, late.json()["code"]) == (409, "project.changed")
    assert client.get(f"api/projects/{project}").json()["doc"] == {"by": 1}


@pytest.mark.parametrize(
    "state",
    [
        "", "[]", "{}", '{"format": 2, "name": "a", "parts": {}, "revision": 0, "doc": null}',
        '{"format": 1, "name": "a", "parts": {"vocal": {"file": "../../x", "name": "x"}}, "revision": 0, "doc": null}',
        '{"format": 1, "name": "a", "parts": {"vocal": {"file": "project.json", "name": "x"}}, "revision": 0}',
        "[" * 100000,
    ],
)  # fmt: skip
def test_a_damaged_or_hostile_project_is_refused(client: httpx.Client, desk: Desk, state: str) -> None:
    folder = desk.projects.home / "odd"
    folder.mkdir()
    (folder / "project.json").write_text(state)
    answer = client.get("api/projects/odd")
    assert (answer.status_code, answer.json()["code"]) == (422, "project.unreadable")
    assert client.get("api/projects").json() == []


def test_presets_are_kept_by_name_and_replaced(client: httpx.Client, tmp_path: Path) -> None:
    for amount in (50, 70):
        assert client.put("api/presets/Mein Klang", json={"wishes": {"amount": amount}, "knobs": {}}).status_code == 204
    assert client.get("api/presets").json() == [
        {"name": "Mein Klang", "preset": {"wishes": {"amount": 70}, "knobs": {}}}
    ]
    stored = list((tmp_path / "home" / "presets").iterdir())
    assert json.loads(stored[0].read_text())["name"] == "Mein Klang"
    assert client.delete("api/presets/Mein Klang").status_code == 204
    assert client.get("api/presets").json() == []


def test_deleting_a_project_removes_its_folder_and_no_other(client: httpx.Client, desk: Desk) -> None:
    kept, gone = (client.post("api/projects", json={"name": name}).json()["id"] for name in "ab")
    assert client.delete(f"api/projects/{gone}").status_code == 204
    assert not (desk.projects.home / gone).exists()
    assert client.get(f"api/projects/{kept}").status_code == 200
    assert client.get(f"api/projects/{gone}").status_code == 404
