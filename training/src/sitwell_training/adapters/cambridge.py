"""Cambridge multitracks: folders of numbered tracks, `01_Kick.wav` ... `09_LeadVox.wav`; voices by their names.

These are raw tracks, not stems: their sum is no released balance, so that songs have no level label unless a
mixture beside them says otherwise.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from sitwell_training.adapters.found import Found, Part, Skipped, sound_files

_NUMBERED = re.compile(r"^\d+[ _-]*(.+)$")
_VOICE = re.compile(r"vox|vocal|voice|singer|(?<![a-z])voc(?![a-z])|(?<![a-z])(rap|choir|bvs?)(?![a-z])")
_NOT_VOICE = re.compile(r"gtr|guitar|organ|bass|amp|synth|keys|vocoder|click|room")  # a Vox may be an amplifier
_NOT_MUSIC = re.compile(r"click|metronome|guide")
_MIXTURE = re.compile(r"mix|preview|master")
_ARCHIVE = re.compile(r"_(full|edit|excerpt|multitrack)s?$", re.IGNORECASE)


def find(folder: Path) -> Iterator[Found | Skipped]:
    """Find songs anywhere below a folder: every folder with at least two numbered sound files."""
    for place, names, _ in os.walk(folder):
        names.sort()
        files = sound_files(Path(place))
        tracks = {path: match[1].lower() for path in files if (match := _NUMBERED.match(path.stem))}
        if len(tracks) >= 2:
            yield _song(Path(place), tracks, [path for path in files if path not in tracks])


def _song(folder: Path, tracks: dict[Path, str], others: list[Path]) -> Found | Skipped:
    name = _ARCHIVE.sub("", folder.name)
    id_ = f"cambridge_{name}"
    vocal = [path for path, text in tracks.items() if _is_voice(text)]
    backing = [path for path, text in tracks.items() if path not in vocal and not _NOT_MUSIC.search(text)]
    if not vocal:
        return Skipped(id_, "dataset.no_vocal", "no track is named like a voice (Vox, Vocal, Voice, Choir)")
    if not backing:
        return Skipped(id_, "dataset.no_backing", "all tracks are voices")
    mixture = next((path for path in others if _MIXTURE.search(path.stem.lower())), None)
    return Found(
        id=id_,
        artist=re.split(r" - |_", name)[0],
        vocal=tuple(map(Part, vocal)),
        backing=tuple(map(Part, backing)),
        mixture=Part(mixture) if mixture else None,
        licence="Cambridge-MT multitrack library: educational, non-commercial",
        source="Cambridge-MT",
        kind="raw-multitracks",
        released=False,
    )


def _is_voice(text: str) -> bool:
    return bool(_VOICE.search(text)) and not _NOT_VOICE.search(text)
