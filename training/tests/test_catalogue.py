"""Catalogues: both formats hold the same songs, and what is not one is refused."""

from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from sitwell.errors import InputError
from sitwell.songs import Song
from sitwell_training.catalogue import read_catalogue, write_catalogue

SONGS = (
    Song("one", "Ä", "v/one.wav", "b/one.wav", licence="CC0", source="set", split="test", kind="stems"),
    Song("two", "B", "/far/two.wav", "b/two.wav", level_label=False),
)


def test_both_formats_give_the_same_songs(tmp_path: Path) -> None:
    write_catalogue(tmp_path / "songs.jsonl", SONGS)
    write_catalogue(tmp_path / "songs.parquet", SONGS)
    found = read_catalogue(tmp_path / "songs.parquet")
    assert found == read_catalogue(tmp_path / "songs.jsonl")
    assert found[0] == SONGS[0].replace(vocal=str(tmp_path / "v/one.wav"), backing=str(tmp_path / "b/one.wav"))


def test_parquet_of_other_programs_may_leave_columns_out_but_not_add_unknown_ones(tmp_path: Path) -> None:
    rows = {"id": ["a"], "artist": ["b"], "vocal": ["v"], "backing": ["w"], "licence": [None]}
    pyarrow.parquet.write_table(pyarrow.table(rows), tmp_path / "few.parquet")
    assert read_catalogue(tmp_path / "few.parquet")[0].licence == ""
    pyarrow.parquet.write_table(pyarrow.table(rows | {"gain": [1.0]}), tmp_path / "more.parquet")
    with pytest.raises(InputError, match="row 1: unknown field song.gain") as caught:
        read_catalogue(tmp_path / "more.parquet")
    assert caught.value.code == "songs.line"


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "songs.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match="songs.format"):
        read_catalogue(tmp_path / "songs.parquet")
    with pytest.raises(InputError, match="songs.not_found"):
        read_catalogue(tmp_path / "none.parquet")


def test_the_same_id_twice_is_refused_in_parquet_too(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="songs.twice"):
        write_catalogue(tmp_path / "songs.parquet", (SONGS[0], SONGS[0]))
