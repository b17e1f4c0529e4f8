"""Ways in which a test could know what training saw: the same artist, or the same sound, on both sides."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sitwell.errors import InputError
from sitwell.songs import Song

_SHOWN = 5  # songs named in one sentence


@dataclass(frozen=True)
class Finding:
    """Something wrong with a catalogue: stable code, whether it forbids training, sentence, songs."""

    code: str
    is_error: bool
    message: str
    songs: tuple[str, ...]


def artist_key(artist: str) -> str:
    """Give names that differ in spaces, signs and case only the same key: `A Band`, `ABand`, `a-band`."""
    return "".join(sign for sign in artist.casefold() if sign.isalnum()) or artist


def find_artist_leaks(songs: Iterable[Song]) -> list[Finding]:
    """Find artists with songs in both train and test: a model would know the singer, the room and the engineer."""
    by_artist = defaultdict[str, list[Song]](list)
    for song in songs:
        by_artist[artist_key(song.artist)].append(song)
    return [
        Finding(
            "dataset.artist_leak",
            True,
            f"artist {group[0].artist!r} is in both train and test ({_named(group)}); put all songs on one side",
            tuple(song.id for song in group),
        )
        for group in by_artist.values()
        if len({song.split for song in group}) > 1
    ]


def find_content_leaks(songs: Sequence[Song], contents: Mapping[str, str]) -> list[Finding]:
    """Find songs with the same sound; `contents` gives a hash of the vocal of each song id.

    Across train and test that is an error, on one side a warning: such a song counts twice.
    """
    by_content = defaultdict[str, list[Song]](list)
    for song in songs:
        if song.id in contents:
            by_content[contents[song.id]].append(song)
    findings = []
    for group in by_content.values():
        leaks = len({song.split for song in group}) > 1
        if leaks:
            text = f"the same vocal is in both train and test: {_named(group)}; keep one of them"
            findings.append(Finding("dataset.content_leak", True, text, tuple(song.id for song in group)))
        elif len(group) > 1:
            text = f"the same vocal is there {len(group)} times: {_named(group)}; it counts as often"
            findings.append(Finding("dataset.same_content", False, text, tuple(song.id for song in group)))
    return findings


def refuse_leaks(findings: Iterable[Finding]) -> None:
    """Raise InputError `dataset.artist_leak` or `dataset.content_leak` when a finding forbids training."""
    wrong = [finding for finding in findings if finding.is_error]
    if wrong:
        more = f" (and {len(wrong) - 1} more; `sitwell-train dataset check` lists all)" if len(wrong) > 1 else ""
        raise InputError(wrong[0].code, wrong[0].message + more)


def _named(songs: Sequence[Song]) -> str:
    names = ", ".join(f"{song.id} ({song.split})" for song in songs[:_SHOWN])
    return f"{names}, ..." if len(songs) > _SHOWN else names
