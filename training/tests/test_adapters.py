"""Adapters on small trees in each data set's real layout: who sings, what is summed, what is left out and why."""

import importlib.util
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from sitwell import io
from sitwell.songs import Song, split_of
from sitwell_training.adapters import ADAPTERS, Found, Skipped, pairs, plain
from sitwell_training.adapters import mixes as finished_mixes
from sitwell_training.assemble import Assembly, Settings, assemble
from training.tests import trees

FIND = {adapter.name: adapter.find for adapter in ADAPTERS}


def make(adapter: str, folder: Path, work: Path) -> Assembly:
    return assemble(FIND[adapter](folder), Settings(work, workers=1))


def level_db(path: str, reference: np.ndarray) -> float:
    """Compare a written file with the sound it should hold: the difference against the sound, in dB."""
    found = io.read(path).samples[:, : reference.shape[1]]
    lost = reference[:, : found.shape[1]] - found
    return float(10 * np.log10(np.mean(lost**2) / np.mean(reference**2) + 1e-20))


def by_id(songs: tuple[Song, ...]) -> dict[str, Song]:
    return {song.id: song for song in songs}


def test_musdb18_streams_become_vocal_and_backing(tmp_path: Path) -> None:
    trees.musdb18(tmp_path / "set", {"A Band - One": "train", "Die Ärzte & Co - Zwei": "test"})
    made = make("musdb18", tmp_path / "set", tmp_path / "work")
    assert made.skipped == ()
    songs = by_id(made.songs)
    assert {song.split for song in songs.values()} == {"train", "test"}
    song = songs["musdb18_A Band - One"]
    assert (song.artist, song.split, song.level_label) == ("A Band", "train", True)
    assert songs["musdb18_Die Ärzte & Co - Zwei"].artist == "Die Ärzte & Co"
    sounds = trees.stems(seed=0)
    assert level_db(song.vocal, sounds["vocals"]) < -20.0  # dB: AAC; another stream would be near 0
    assert level_db(song.backing, sounds["mixture"] - sounds["vocals"]) < -20.0


def test_a_real_file_of_musdb18_is_taken(tmp_path: Path) -> None:
    found = importlib.util.find_spec("stempeg")
    assert found is not None
    assert found.origin is not None
    (file,) = (Path(found.origin).parent / "data").glob("*.stem.mp4")
    (tmp_path / "set" / "test").mkdir(parents=True)
    shutil.copy(file, tmp_path / "set" / "test")
    (song,) = make("musdb18", tmp_path / "set", tmp_path / "work").songs
    assert (song.artist, song.split, song.level_label) == ("The Easton Ellises", "test", True)


def test_musdb18_hq_keeps_the_vocal_file_and_sums_the_rest(tmp_path: Path) -> None:
    trees.musdb18_hq(tmp_path / "set", {"A Band - One": "train", "B - Two": "test"})
    (tmp_path / "set" / "test" / "B - Two" / "drums.wav").unlink()
    made = make("musdb18-hq", tmp_path / "set", tmp_path / "work")
    (song,) = made.songs
    assert (song.artist, song.split) == ("A Band", "train")
    sounds = trees.stems(seed=0)
    assert level_db(song.vocal, sounds["vocals"]) < -100.0
    assert level_db(song.backing, sounds["drums"] + sounds["bass"] + sounds["other"]) < -100.0  # dB: 24 bits
    (skipped,) = made.skipped
    assert (skipped.id, skipped.code) == ("musdb18hq_B - Two", "dataset.missing_file")


def test_dsd100_names_and_sides(tmp_path: Path) -> None:
    trees.dsd100(tmp_path / "set", {"051 - AM Contra - Heart Peripheral": "Dev", "005 - Some - Song - Live": "Test"})
    songs = by_id(make("dsd100", tmp_path / "set", tmp_path / "work").songs)
    dev, test = songs["dsd100_051 - AM Contra - Heart Peripheral"], songs["dsd100_005 - Some - Song - Live"]
    assert (dev.artist, dev.split) == ("AM Contra", "train")
    assert (test.artist, test.split) == ("Some", "test")


def test_medleydb_sums_all_voices_and_everything_else(tmp_path: Path) -> None:
    stems = {"S01": "electric bass", "S02": "male singer", "S03": "vocalists", "S04": "beatboxing"}
    trees.medleydb(tmp_path / "set", "TheBand_Song", stems)
    (song,) = make("medleydb", tmp_path / "set", tmp_path / "work").songs
    assert (song.id, song.artist, song.level_label) == ("medleydb_TheBand_Song", "The Band", True)
    folder = tmp_path / "set" / "Audio" / "TheBand_Song" / "TheBand_Song_STEMS"
    sounds = {id_: io.read(folder / f"TheBand_Song_STEM_{id_[1:]}.wav").samples for id_ in stems}
    assert level_db(song.vocal, sounds["S02"] + sounds["S03"]) < -100.0
    assert level_db(song.backing, sounds["S01"] + sounds["S04"]) < -100.0


def test_medleydb_leaves_out_what_has_no_vocal_or_bleeds(tmp_path: Path) -> None:
    metadata = tmp_path / "set" / "Metadata"
    trees.medleydb(tmp_path / "set", "A_Bleeds", {"S01": "piano", "S02": "female singer"}, bleed="yes")
    trees.medleydb(tmp_path / "set", "B_Plays", {"S01": "piano"}, metadata=metadata)
    trees.medleydb(tmp_path / "set", "C_Sings", {"S01": "female singer"})
    trees.medleydb(tmp_path / "set", "D_Unknown", {"S01": "piano"})
    (tmp_path / "set" / "Audio" / "D_Unknown" / "D_Unknown_METADATA.yaml").unlink()
    trees.medleydb(tmp_path / "set", "E_Broken", {"S01": "piano"})
    (tmp_path / "set" / "Audio" / "E_Broken" / "E_Broken_METADATA.yaml").write_text("stems: [", encoding="utf-8")
    made = make("medleydb", tmp_path / "set", tmp_path / "work")
    assert made.songs == ()
    assert {item.id.removeprefix("medleydb_"): item.code for item in made.skipped} == {
        "A_Bleeds": "dataset.bleed", "B_Plays": "dataset.no_vocal", "C_Sings": "dataset.no_backing",
        "D_Unknown": "dataset.metadata", "E_Broken": "dataset.metadata",
    }  # fmt: skip


def test_a_mix_with_another_balance_than_its_stems_loses_its_level_label(tmp_path: Path) -> None:
    stems = {"S01": "drum set", "S02": "male singer"}
    trees.medleydb(tmp_path / "set", "A_Same", stems)
    trees.medleydb(tmp_path / "set", "B_Louder", stems, mixture_vocal_gain=1.2)  # 1.6 dB
    songs = by_id(make("medleydb", tmp_path / "set", tmp_path / "work").songs)
    assert songs["medleydb_A_Same"].level_label
    assert not songs["medleydb_B_Louder"].level_label


def test_moisesdb_tracks_are_summed_and_bleed_is_heeded(tmp_path: Path) -> None:
    place = tmp_path / "set" / "moisesdb_v0.1"
    trees.moisesdb(place, "uuid-1", {"vocals": [("v1", False), ("v2", None)], "bass": [("b1", False)]})
    trees.moisesdb(place, "uuid-2", {"vocals": [("v1", True)], "bass": [("b1", False)]})
    trees.moisesdb(place, "uuid-3", {"vocals": [("v1", False)], "drums": [("d1", True)]})
    trees.moisesdb(place, "uuid-4", {"drums": [("d1", False)]})
    made = make("moisesdb", tmp_path / "set", tmp_path / "work")
    songs = by_id(made.songs)
    assert songs["moisesdb_uuid-1"].artist == "Someone"
    assert songs["moisesdb_uuid-1"].level_label
    assert not songs["moisesdb_uuid-3"].level_label
    assert level_db(songs["moisesdb_uuid-1"].vocal, 2 * io.read(place / "uuid-1/vocals/v1.wav").samples) < -100.0
    assert {item.id: item.code for item in made.skipped} == {
        "moisesdb_uuid-2": "dataset.bleed", "moisesdb_uuid-4": "dataset.no_vocal",
    }  # fmt: skip


def test_cambridge_voices_are_known_by_name_and_raw_tracks_have_no_level(tmp_path: Path) -> None:
    tracks = ["01_Kick.wav", "02_ElecGtr2_VoxSM57.wav", "03_LeadVox.wav", "04_BackingVox1.wav", "05_Click.wav"]
    trees.cambridge(tmp_path / "set", "SomeBand_SomeSong_Full", tracks)
    (found,) = FIND["cambridge"](tmp_path / "set")
    assert isinstance(found, Found)
    assert [part.path.name for part in found.vocal] == ["03_LeadVox.wav", "04_BackingVox1.wav"]
    assert [part.path.name for part in found.backing] == ["01_Kick.wav", "02_ElecGtr2_VoxSM57.wav"]
    (song,) = make("cambridge", tmp_path / "set", tmp_path / "work").songs
    assert (song.id, song.artist, song.level_label) == ("cambridge_SomeBand_SomeSong", "SomeBand", False)


def test_a_preview_that_is_the_sum_gives_cambridge_its_level(tmp_path: Path) -> None:
    tracks = ["01_Kick.wav", "02_LeadVox.wav"]
    trees.cambridge(tmp_path / "set", "A_B_Full", tracks, mixture="A_B_Full_Preview.wav")
    (song,) = make("cambridge", tmp_path / "set", tmp_path / "work").songs
    assert song.level_label


def test_plain_pairs_stay_where_they_are(tmp_path: Path) -> None:
    sounds = trees.stems()
    for name in ("one", "two"):
        trees.write(tmp_path / "set" / name / "vocals.flac", sounds["vocals"])
        trees.write(tmp_path / "set" / name / "backing.flac", sounds["drums"])
    (tmp_path / "set" / "one" / "artist.txt").write_text("Ünal\n", encoding="utf-8")
    songs = by_id(make("plain", tmp_path / "set", tmp_path / "work").songs)
    assert songs["one"].vocal == str(tmp_path / "set" / "one" / "vocals.flac")
    assert songs["one"].artist == "Ünal"
    assert songs["one"].split == split_of("Ünal", 0.3)
    assert songs["two"].artist == "two"
    assert not (tmp_path / "work").exists()


def test_plain_stems_are_summed_and_mixture_is_no_stem(tmp_path: Path) -> None:
    sounds = trees.stems()
    for stem, samples in sounds.items():
        trees.write(tmp_path / "set" / "Some Artist" / "A Song" / f"{stem}.wav", samples)
    trees.write(tmp_path / "set" / "alone" / "vocals.wav", sounds["vocals"])
    found = list(plain.find(tmp_path / "set", re.compile(r"^(.+)/")))
    made = assemble(found, Settings(tmp_path / "work", workers=1))
    (song,) = made.songs
    assert (song.id, song.artist) == ("Some Artist/A Song", "Some Artist")
    assert level_db(song.backing, sounds["drums"] + sounds["bass"] + sounds["other"]) < -100.0
    assert [(item.id, item.code) for item in made.skipped] == [("alone", "dataset.no_backing")]


def test_pairs_with_their_manifest(tmp_path: Path) -> None:
    sounds = trees.stems()
    for name in ("evr_sodium", "sep_awwaiid_01___umbrellas"):
        for part in ("vocals", "backing"):
            trees.write(tmp_path / "pairs" / name / f"{part}.ogg", sounds["vocals"])
    (tmp_path / "pairs" / "half").mkdir()
    text = "id,kind,seconds,sample_rate,licence,source\nevr_sodium,stems-unmixed-levels,8,44100,CC0,there\n"
    (tmp_path / "MANIFEST.csv").write_text(text, encoding="utf-8")
    found = {item.id: item for item in pairs.find(tmp_path)}
    first, second, half = found["evr_sodium"], found["sep_awwaiid_01___umbrellas"], found["half"]
    assert isinstance(first, Found)
    assert isinstance(second, Found)
    assert isinstance(half, Skipped)
    assert (first.artist, first.kind, first.licence, first.level_label) == ("evr", "stems-unmixed-levels", "CC0", False)
    assert (second.artist, second.level_label) == ("awwaiid", True)


@pytest.mark.parametrize(
    ("name", "artist"),
    [
        ("sep_us_jonathan_coulton_better", "jonathan_coulton"),
        ("sep_us_fairy_bot_orchestra_heaven_can_t_wait", "fairy_bot"),
        ("sep_jam_de_bonne_humeur___le_nez_tordu", "jam_bonne"),
        ("sep_jam_te_amo___fabios_la_nueva", "jam_te_amo"),
        ("sep_mutantpillow_02_jh", "mutantpillow"),
        ("cmt_blind", "cmt_blind"),
        ("evr_lithium", "evr"),
        ("musdb_music_delta_80s_rock", "MusicDelta"),
        ("stempeg_falcon69", "falcon69"),
    ],
)
def test_artists_of_pairs(name: str, artist: str) -> None:
    assert pairs.pair_artist(name) == artist


def test_mixes_take_the_artist_from_their_names(tmp_path: Path) -> None:
    for name in ("Some Artist - Song.wav", "sub/Other.flac", ".hidden.wav"):
        trees.write(tmp_path / name, trees.stems(1.0)["mixture"])
    found = [item for item in finished_mixes.find(tmp_path) if isinstance(item, Found)]
    assert [(item.id, item.artist) for item in found] == [("Some Artist - Song", "Some Artist"), ("sub/Other", "Other")]


@pytest.mark.parametrize("adapter", [adapter.name for adapter in ADAPTERS])
def test_an_empty_folder_holds_no_songs(adapter: str, tmp_path: Path) -> None:
    assert list(FIND[adapter](tmp_path)) == []


@pytest.mark.audio_data
def test_the_real_pairs_are_split_by_artist_as_documented(data: Path) -> None:
    found = [item for item in pairs.find(data) if isinstance(item, Found)]
    tested = {item.artist for item in found if split_of(item.artist, 0.3) == "test"}
    assert tested == {
        "cmt_blind", "cmt_graham", "cmt_minute", "cmt_right", "awwaiid", "codingtrain", "jam_te_amo", "librosa",
    }  # fmt: skip
    assert sum(not item.level_label for item in found) == 5
