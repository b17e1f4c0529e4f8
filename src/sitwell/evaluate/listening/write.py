"""The files of a listening test: `page/` for those who listen, `key.csv` for the one who asked."""

import csv
import io as text_io
from collections.abc import Sequence
from pathlib import Path

from sitwell import io
from sitwell.errors import InputError, SitwellError
from sitwell.evaluate.evaluation import Evaluation
from sitwell.evaluate.listening.page import make_page
from sitwell.evaluate.listening.sounds import Sound, write_sounds
from sitwell.evaluate.run import Progress, in_processes
from sitwell.evaluate.settings import Settings
from sitwell.songs import Song


def write_listening(
    evaluation: Evaluation,
    folder: Path,
    *,
    workers: int = 1,
    progress: Progress = lambda _done, _of: None,
) -> Path:
    """Write the page, its sounds and the key for the songs that could be judged; gives the page's path.

    Raises InputError `evaluate.no_listening` when not one song could be prepared.
    """
    sounds = io.make_folder(folder / "page" / "sounds")
    jobs = [(song.song, evaluation.settings, sounds) for song in evaluation.judged]
    if workers <= 1 or len(jobs) <= 1:
        found = []
        for done, job in enumerate(jobs):
            progress(done, len(jobs))
            found.append(prepare(*job))
    else:
        found = [made or () for made in in_processes(prepare, jobs, workers=workers, progress=progress)]
    songs = [made for made in found if made]
    if not songs:
        raise InputError("evaluate.no_listening", "no song could be prepared for listening; see the songs that failed")
    page = folder / "page" / "index.html"
    io.write_text_atomic(page, make_page(songs, seed=evaluation.settings.seed))
    io.write_text_atomic(folder / "key.csv", key_text(songs))
    return page


def prepare(song: Song, settings: Settings, folder: Path) -> tuple[Sound, ...]:
    """Write the sounds of one song; none when it cannot be mixed."""
    try:
        return write_sounds(song, settings, folder)
    except SitwellError:
        return ()


def key_text(songs: Sequence[Sequence[Sound]]) -> str:
    """Write which sound is which as CSV."""
    file = text_io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["sound", "song", "condition", "start_s", "loudness_lufs"])
    for sound in (sound for sounds in songs for sound in sounds):
        rows.writerow([sound.name, sound.song, sound.condition, f"{sound.start_s:.1f}", f"{sound.loudness_lufs:.2f}"])
    return file.getvalue()
