"""Manifests: three forms of the same list, wrong lines that cost themselves only, paths that stay below their root."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow import Table, parquet

from sitwell.batch import Manifest, read_manifest, read_options, read_pairs
from sitwell.batch.mixer import local_file
from sitwell.errors import InputError, PlanError, SitwellError
from sitwell.storage import open_folder

ROWS: list[dict[str, Any]] = [
    {"id": "a", "vocal": "v/1.wav", "backing": "catalog:song", "amount": 80, "only": ""},
    {"id": "b-2", "vocal": "v/ü 2.wav", "backing": "b.mp3", "amount": None, "only": "level,reverb"},
]


def written(folder: Path, text: str, name: str = "manifest.jsonl") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, *lines: object) -> Manifest:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return read_manifest(written(folder, "".join(f"{text}\n" for text in texts)))


def test_lines_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    lines = read(tmp_path, *ROWS)
    with (tmp_path / "m.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ROWS[0])
        table.writeheader()
        table.writerows(ROWS)
    parquet.write_table(Table.from_pylist(ROWS), tmp_path / "m.parquet")
    assert lines == read_manifest(tmp_path / "m.csv") == read_manifest(tmp_path / "m.parquet")
    assert [take.id for take in lines.takes] == ["a", "b-2"]
    assert [take.options.wishes.amount for take in lines.takes] == [80.0, 100.0]
    assert lines.takes[1].options.wishes.only == ("level", "reverb")
    assert lines.wrong == ()


def test_options_go_from_the_command_to_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps({**ROWS[0], "options": {"loudness": "off", "set": {"master.enabled": False}}}))
    options = read_manifest(path, defaults=read_pairs(["amount=50", "format=opus", "loudness=-16"])).takes[0].options
    assert (options.wishes.amount, options.format, options.wishes.loudness_lufs) == (80.0, "opus", None)
    assert options.wishes.settings == ("master.enabled=off",)


WRONG: list[tuple[object, str]] = [
    ("nonsense", "manifest.line"),
    ("[" * 5000, "manifest.line"),
    ([1, 2], "manifest.line"),
    (None, "manifest.line"),
    ({"id": "x", "vocal": "v.wav"}, "manifest.line"),
    ({**ROWS[0], "vocal": ["v.wav"]}, "manifest.line"),
    ({**ROWS[0], "id": True}, "manifest.line"),
    ({**ROWS[0], "id": "../../etc"}, "catalog.id"),
    ({**ROWS[0], "id": "x" * 129}, "catalog.id"),
    ({**ROWS[0], "backing": "catalog:../x"}, "catalog.id"),
    ({**ROWS[0], "vocal": "../secret.wav"}, "manifest.path"),
    ({**ROWS[0], "vocal": "a/../../secret.wav"}, "manifest.path"),
    ({**ROWS[0], "vocal": "a\\..\\secret.wav"}, "manifest.path"),
    ({**ROWS[0], "backing": "a\0.wav"}, "manifest.path"),
    ({**ROWS[0], "backing": "http://10.0.0.1/x"}, "manifest.path"),
    ({**ROWS[0], "options": {"nosuch": 1}}, "manifest.option"),
    ({**ROWS[0], "options": "nonsense"}, "manifest.line"),
    ({**ROWS[0], "options": {"model": "/tmp/model"}}, "manifest.option"),
    ({**ROWS[0], "options": {"format": "exe"}}, "manifest.option"),
    ({**ROWS[0], "options": {"amount": "much"}}, "manifest.option"),
    ({**ROWS[0], "options": {"amount": [1]}}, "manifest.option"),
    ({**ROWS[0], "options": {"amount": 900}}, "plan.range"),
    ({**ROWS[0], "options": {"only": 3}}, "manifest.option"),
    ({**ROWS[0], "options": {"set": "vocal.nosuch=3"}}, "plan.path"),
]


@pytest.mark.parametrize(("line", "code"), WRONG)
def test_a_wrong_line_costs_itself_only(tmp_path: Path, line: object, code: str) -> None:
    found = read(tmp_path, {**ROWS[1], "id": "first"}, line, {**ROWS[1], "id": "last"})
    assert [take.id for take in found.takes] == ["first", "last"]
    assert [(id, failure.code) for id, failure in found.wrong] == [("line 2", code)]


def test_an_id_is_used_once(tmp_path: Path) -> None:
    found = read(tmp_path, ROWS[0], ROWS[0])
    assert len(found.takes) == 1
    assert [(id, failure.code) for id, failure in found.wrong] == [("line 2", "manifest.twice")]


def test_a_csv_line_with_too_many_fields_is_wrong(tmp_path: Path) -> None:
    path = written(tmp_path, "id,vocal,backing\na,v,b\nb,v,b,more\nc,v\n", "m.csv")
    found = read_manifest(path)
    assert [take.id for take in found.takes] == ["a"]
    assert [failure.code for _, failure in found.wrong] == ["manifest.line"] * 2


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("m.jsonl", "\n \n", "manifest.empty"),
        ("m.csv", "id,vocal\na,b\n", "manifest.columns"),
        ("m.csv", "", "manifest.columns"),
        ("m.parquet", "PAR1", "file.unreadable"),
        ("m.txt", "", "manifest.format"),
    ],
)
def test_a_manifest_that_is_none_is_told(tmp_path: Path, name: str, text: str, code: str) -> None:
    with pytest.raises(InputError, match=code):
        read_manifest(written(tmp_path, text, name))
    with pytest.raises(SitwellError, match=r"file.not_found|manifest.format"):
        read_manifest(tmp_path / f"none-{name}")


def test_no_link_and_no_path_leads_out_of_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "below").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path)
    (root / "inside").symlink_to(root / "below")
    folder = open_folder(root)
    for name in ("link/secret.wav", "/etc/passwd", str(tmp_path / "rooted.wav")):
        with pytest.raises(PlanError, match="manifest.path"):
            local_file(folder, name)
    assert local_file(folder, "inside/v.wav") == root / "below" / "v.wav"
    assert local_file(folder, str(root / "v.wav")) == root / "v.wav"


def test_a_distant_root_takes_relative_names_only() -> None:
    pytest.importorskip("fsspec")
    folder = open_folder("memory://takes")
    assert local_file(folder, "v.wav") is None
    with pytest.raises(PlanError, match="manifest.path"):
        local_file(folder, "/v.wav")


def test_an_option_is_name_and_value() -> None:
    with pytest.raises(PlanError, match="manifest.option"):
        read_pairs(["amount"])
    assert read_options({"amount": "70", "loudness": -12}).wishes.loudness_lufs == -12.0
