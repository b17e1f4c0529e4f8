"""Lists of songs: written and read again the same, paths that move with the folder, artists that never change side."""

import json
from pathlib import Path

import pytest

from sitwell.errors import InputError, PlanError
from sitwell.songs import Song, read_songs, split_of, write_songs


def _song(name: str = "one", **changes: object) -> Song:
    return Song.from_dict({"id": name, "artist": "A", "vocal": "v.wav", "backing": "b.wav"} | changes)


def _folder(path: Path, *names: str) -> Path:
    path.mkdir(parents=True)
    for name in names:
        (path / name).write_bytes(b"")
    return path


def test_a_written_catalogue_is_read_again_with_absolute_paths(tmp_path: Path) -> None:
    inside, outside = str(tmp_path / "a" / "v.wav"), "/elsewhere/b.wav"
    songs = (
        _song("eins", artist="Ä 🎤", vocal=inside, backing=outside, licence="CC0", split="test", level_label=False),
        _song("two"),
    )
    write_songs(tmp_path / "songs.jsonl", songs)
    assert read_songs(tmp_path / "songs.jsonl") == (
        songs[0],
        songs[1].replace(vocal=str(tmp_path / "v.wav"), backing=str(tmp_path / "b.wav")),
    )


def test_paths_inside_the_folder_move_with_it(tmp_path: Path) -> None:
    old = _folder(tmp_path / "old")
    write_songs(old / "songs.jsonl", [_song(vocal=str(old / "x" / "v.wav"), backing="/far/b.wav")])
    old.rename(tmp_path / "new")
    (song,) = read_songs(tmp_path / "new" / "songs.jsonl")
    assert (song.vocal, song.backing) == (str(tmp_path / "new" / "x" / "v.wav"), "/far/b.wav")


def test_a_folder_gives_the_songs_that_are_whole(tmp_path: Path) -> None:
    _folder(tmp_path / "b_song", "vocals.ogg", "backing.flac")
    _folder(tmp_path / "a_song", "vocal.wav", "backing.wav", "artist.txt")
    (tmp_path / "a_song" / "artist.txt").write_text("The Band\n", encoding="utf-8")
    _folder(tmp_path / "half", "vocals.wav")
    first, second = read_songs(tmp_path)
    assert (first.id, first.artist, first.vocal) == ("a_song", "The Band", str(tmp_path / "a_song" / "vocal.wav"))
    assert (second.id, second.artist, second.backing) == ("b_song", "b_song", str(tmp_path / "b_song" / "backing.flac"))
    assert first.split == split_of("The Band", 0.3)


def test_half_the_artists_are_tested_with_when_half_is_asked() -> None:
    found = [split_of(f"artist {number}", 0.5) for number in range(2000)]
    assert found.count("test") / 2000 == pytest.approx(0.5, abs=0.05)  # four standard deviations


def test_the_side_of_an_artist_is_fixed_and_grows_with_the_share() -> None:
    assert split_of("librosa", 0.3) == "test"  # stored: another hash would mix train and test of older bundles
    assert split_of("mutantpillow", 0.3) == "train"
    for artist in map(str, range(200)):
        if split_of(artist, 0.2) == "test":
            assert split_of(artist, 0.4) == "test"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 2: not JSON"),
        ('{"id": "a", "artist": "b", "vocal": "c"}', "line 2: song.backing is missing"),
        ('{"id": "a", "artist": "b", "vocal": "c", "backing": "d", "splt": "test"}', "did you mean split"),
        ('{"id": "a", "artist": "b", "vocal": "c", "backing": "d", "split": "dev"}', "allowed are train and test"),
        ('{"id": "a", "artist": "", "vocal": "c", "backing": "d"}', "needs an id, an artist"),
        ("[]", "must be an object"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "songs.jsonl"
    path.write_text(json.dumps(_song().to_dict()) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        read_songs(path)
    assert caught.value.code == "songs.line"


def test_what_is_no_list_of_songs_is_refused_with_its_code(tmp_path: Path) -> None:
    (tmp_path / "songs.csv").write_text("id\n", encoding="utf-8")
    (tmp_path / "none.jsonl").write_text("\n", encoding="utf-8")
    empty = _folder(tmp_path / "empty")
    for path, code in (
        (tmp_path / "missing", "songs.not_found"),
        (tmp_path / "songs.csv", "songs.format"),
        (tmp_path / "none.jsonl", "songs.empty"),
        (empty, "songs.empty"),
    ):
        with pytest.raises(InputError) as caught:
            read_songs(path)
        assert caught.value.code == code
    with pytest.raises(InputError, match="songs.format"):
        write_songs(tmp_path / "songs.csv", [_song()])


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="songs.twice"):
        write_songs(tmp_path / "songs.jsonl", [_song("same"), _song("same", artist="B")])
    assert not (tmp_path / "songs.jsonl").exists()


def test_a_song_without_a_valid_split_cannot_be_made() -> None:
    with pytest.raises(PlanError, match="songs.line"):
        _song(split="validation")
