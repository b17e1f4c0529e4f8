"""Lists of voices, their frames measured once, and a toy model of every task from sound files through the product."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

import sitwell
from sitwell.analysis import Track, measure_track
from sitwell.audio import Audio
from sitwell.errors import InputError
from sitwell.models import Bundle
from sitwell.songs import Song, split_of
from sitwell_training import fit as training
from sitwell_training.equalizer import task
from sitwell_training.equalizer.library import measure_voices
from sitwell_training.equalizer.voices import Voice, find_voices, read_voices, write_voices
from sitwell_training.work import Effort
from tests.songs import band, voice

RATE = 16000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed, name in enumerate(("anna_1/wet.wav", "anna_2/wet.wav", "bert_1/wet.wav")):
        path = tmp_path / "vocals" / name
        path.parent.mkdir(parents=True)
        soundfile.write(path, voice(4.0, RATE, seed=seed).samples.T, RATE)
    return tmp_path / "vocals"


def test_voices_are_found_with_their_artists_and_written_and_read(folder: Path, tmp_path: Path) -> None:
    found = find_voices(folder, files="*/wet.wav", artist="([^_]+)_", licence="CC0", source="made")
    assert [each.artist for each in found] == ["anna", "anna", "bert"]
    assert [each.split for each in found] == [split_of(each.artist, 0.3) for each in found]
    write_voices(tmp_path / "list.jsonl", found)
    assert read_voices(tmp_path / "list.jsonl") == found


def test_what_is_no_list_of_voices_is_refused_by_line(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    for text in ("{}\n", "not json\n", '{"id": "a", "artist": "", "vocal": "x"}\n'):
        path.write_text(text)
        with pytest.raises(InputError, match="line 1"):
            read_voices(path)
    path.write_text("")
    with pytest.raises(InputError, match="songs.empty"):
        read_voices(path)
    with pytest.raises(InputError, match="finds no artist"):
        find_voices(folder, files="*/wet.wav", artist="x(.)")
    with pytest.raises(InputError, match="songs.empty"):
        find_voices(folder, files="*.flac", artist="(.)")


def test_voices_are_measured_once_and_a_damaged_entry_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voices = find_voices(folder, files="*/wet.wav", artist="([^_]+)_")
    first = measure_voices(voices, cache=tmp_path / "cache", workers=1)
    assert len(first.voices) == 3
    damaged = sorted((tmp_path / "cache").glob("*.npz"))[0]
    damaged.write_bytes(damaged.read_bytes()[:100])
    measured = []

    def counted(audio: Audio) -> Track:
        measured.append(audio.name)
        return measure_track(audio)

    monkeypatch.setattr("sitwell_training.equalizer.library.measure_track", counted)
    again = measure_voices(voices, cache=tmp_path / "cache", workers=1)
    assert len(measured) == 1
    for (_, one), (_, other) in zip(first.voices, again.voices, strict=True):
        assert np.array_equal(one.envelope_db, other.envelope_db)


def test_a_voice_that_cannot_be_read_is_named_and_the_rest_goes_on(folder: Path, tmp_path: Path) -> None:
    voices = (*find_voices(folder, files="*/wet.wav", artist="([^_]+)_"), Voice("gone", "x", str(tmp_path / "no.wav")))
    found = measure_voices(voices, cache=tmp_path / "cache", workers=1)
    assert len(found.voices) == 3
    assert [(name, code) for name, code, _ in found.skipped] == [("gone", "audio.not_found")]


def test_every_task_from_sound_files_to_a_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve songs by six artists, each artist with a tone; the bundle names itself in the plan of a mix."""
    monkeypatch.setattr("sitwell.evaluate.bootstrap.DRAWS", 50)
    monkeypatch.setattr("sitwell_training.equalizer.examples.STRETCHES", 5)
    monkeypatch.setattr(task, "_DRAWS", 120)
    monkeypatch.setattr(task, "_GATE_DRAWS", 500)
    songs = []
    for number in range(12):
        place = tmp_path / f"song{number}"
        place.mkdir()
        soundfile.write(place / "vocals.wav", voice(20.0, RATE, seed=number).samples.T, RATE)
        soundfile.write(place / "backing.wav", band(20.0, RATE, seed=number).samples.T, RATE)
        paths = str(place / "vocals.wav"), str(place / "backing.wav")
        songs.append(Song(f"song{number}", f"artist{number // 2}", *paths, licence="CC0", source="made"))
    effort = Effort(takes=2)
    done = training.fit_tasks(songs, seed=0, cache=tmp_path / "cache", effort=effort, workers=1)
    training.write_fit(done, tmp_path / "toy", name="toy", version="7")
    bundle = Bundle.load(tmp_path / "toy")
    assert set(done.tasks) == {"level", "range", "equalizer", "decay", "brightness", "predelay", "return"}
    plan = sitwell.plan(voice(12.0, RATE, seed=90), band(12.0, RATE, seed=90), method="learned", model=tmp_path / "toy")
    expected = {
        "vbr_lu": bundle.label if bundle.shows_skill("level") else "prior",
        "loudness_range_lu": bundle.label if bundle.shows_skill("range") else "prior",
        "equalizer_db": bundle.label if bundle.shows_skill("equalizer") else "rules",
        "decay_s": bundle.label if bundle.shows_skill("decay") else "prior",
    }
    assert {name: getattr(plan.targets, name).source for name in expected} == expected
    assert plan.model == "toy 7"
