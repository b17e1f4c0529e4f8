"""Leaks of a split, each opened on purpose: by song instead of by artist, by names written in two ways, by content."""

import pytest

from sitwell.errors import InputError
from sitwell.songs import Song, split_of
from sitwell_training.leaks import artist_key, find_artist_leaks, find_content_leaks, refuse_leaks


def catalogue(*, by: str, artists: int = 20, each: int = 5) -> list[Song]:
    """Make a catalogue split by artist or, the mutant, by song."""
    songs = []
    for number in range(artists * each):
        artist, id_ = f"artist {number // each}", f"song {number}"
        split = split_of(artist if by == "artist" else id_, 0.3)
        songs.append(Song(id_, artist, "v.wav", "b.wav", split=split))
    return songs


def test_a_split_by_artist_has_no_leak() -> None:
    assert find_artist_leaks(catalogue(by="artist")) == []


def test_a_split_by_song_is_found_and_refused() -> None:
    found = find_artist_leaks(catalogue(by="song"))
    assert {finding.code for finding in found} == {"dataset.artist_leak"}
    with pytest.raises(InputError, match="put all songs on one side"):
        refuse_leaks(found)


@pytest.mark.parametrize("names", [("A Band", "ABand"), ("Die Ärzte", "die ärzte"), ("AC/DC", "ACDC"), ("x_y", "x-y")])
def test_names_that_differ_in_signs_only_are_one_artist(names: tuple[str, str]) -> None:
    songs = [Song(name, name, "v", "b", split=split) for name, split in zip(names, ("train", "test"), strict=True)]
    assert len(find_artist_leaks(songs)) == 1


def test_other_names_are_other_artists() -> None:
    assert len({artist_key(name) for name in ("cmt_blind", "cmt_graham", "東京事変", "!!!", "???")}) == 5


def test_the_same_sound_is_an_error_across_the_split_and_a_warning_within() -> None:
    songs = [
        Song(name, name.upper(), "v", "b", split="test" if name == "b" else "train") for name in ("a", "b", "c", "d")
    ]
    across, within = find_content_leaks(songs, {"a": "1", "b": "1", "c": "2", "d": "2"})
    assert (across.code, across.is_error, across.songs) == ("dataset.content_leak", True, ("a", "b"))
    assert (within.code, within.is_error) == ("dataset.same_content", False)
    refuse_leaks([within])
    with pytest.raises(InputError, match=r"dataset\.content_leak"):
        refuse_leaks([within, across])


def test_different_sounds_are_no_finding() -> None:
    songs = [Song("a", "A", "v", "b"), Song("b", "B", "v", "b", split="test")]
    assert find_content_leaks(songs, {"a": "1", "b": "2"}) == []
