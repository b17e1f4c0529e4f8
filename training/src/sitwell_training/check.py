"""What is wrong with a catalogue before anything is learned from it: files, lengths, leaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sitwell import io
from sitwell.errors import SitwellError
from sitwell.songs import Song
from sitwell_training.leaks import Finding, artist_key, find_artist_leaks, find_content_leaks
from sitwell_training.prepare import hash_sounds
from sitwell_training.progress import Progress, no_progress

_LENGTHS_S = 0.5  # lossy formats pad by less


@dataclass(frozen=True)
class Report:
    """A catalogue in figures, and what was found."""

    songs: int
    artists: int
    train: int
    test: int
    level_labels: int
    hours: float
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether it may be learned from."""
        return not any(finding.is_error for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain JSON types."""
        findings = [
            {"code": item.code, "error": item.is_error, "message": item.message, "songs": list(item.songs)}
            for item in self.findings
        ]
        figures = {name: getattr(self, name) for name in ("songs", "artists", "train", "test", "level_labels")}
        return {"ok": self.ok, **figures, "hours": round(self.hours, 2), "findings": findings}

    def lines(self) -> list[str]:
        """Write for a terminal."""
        words = [f"{'error' if item.is_error else 'warning'}: {item.message} [{item.code}]" for item in self.findings]
        figures = f"{self.songs} songs by {self.artists} artists, {self.hours:.1f} hours"
        split = f"{self.train} to train, {self.test} to test, {self.level_labels} with a level label"
        return [*words, f"{figures}; {split}"]


def check_songs(songs: Sequence[Song], *, workers: int | None = None, progress: Progress = no_progress) -> Report:
    """Look at every file's header and content, and at who is on which side."""
    findings, seconds = find_artist_leaks(songs), 0.0
    for done, song in enumerate(songs):
        progress(done, len(songs))
        finding, song_s = _look_at(song)
        findings += [finding] if finding is not None else []
        seconds += song_s
    contents, _ = hash_sounds(songs, workers=workers)
    findings += find_content_leaks(songs, {name: pair[0] for name, pair in contents.items()})
    sides = [song.split for song in songs]
    return Report(
        songs=len(songs),
        artists=len({artist_key(song.artist) for song in songs}),
        train=sides.count("train"),
        test=sides.count("test"),
        level_labels=sum(song.level_label for song in songs),
        hours=seconds / 3600.0,
        findings=tuple(findings),
    )


def _look_at(song: Song) -> tuple[Finding | None, float]:
    """Read both headers: what is wrong, and how long the vocal is."""
    try:
        vocal_s, backing_s = (io.probe(path).seconds for path in (song.vocal, song.backing))
    except SitwellError as error:
        return Finding(error.code, True, f"{song.id}: {error.message}", (song.id,)), 0.0
    if vocal_s is not None and backing_s is not None and abs(vocal_s - backing_s) > _LENGTHS_S:
        text = (
            f"{song.id}: the vocal lasts {vocal_s:.1f} s, the backing {backing_s:.1f} s; they may not belong together"
        )
        return Finding("dataset.lengths", False, text, (song.id,)), vocal_s
    return None, vocal_s or 0.0
