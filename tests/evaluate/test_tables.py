"""Tables: figures of songs summed up as said, with counts, and rows compared song by song."""

import pytest

from sitwell.errors import InputError
from sitwell.evaluate.evaluation import Evaluation, notes_on, refuse_if_none
from sitwell.evaluate.picture import draw
from sitwell.evaluate.settings import Settings
from sitwell.evaluate.song import Judged
from sitwell.evaluate.tables import make_table
from sitwell.evaluate.text import markdown
from sitwell.songs import Song


def judged(name: str, artist: str, rules: float, learned: float, *, failed: bool = False) -> Judged:
    song = Song(id=name, artist=artist, vocal="v.wav", backing="b.wav")
    if failed:
        return Judged(song, code="audio.empty", message="holds | no sound")
    level = {"rules": {"vbr_error": rules}, "learned": {"vbr_error": learned, "vbr_covered": 1.0}}
    damage = {"damaged sum": {"mss": 9.0}, "rules": {"mss": rules}}
    equalizer = {"rules": {"residual_mild": rules, "corruption_mild": 2.0, "change": 0.5}}
    return Judged(song, {"level": level, "damage": damage, "equalizer": equalizer}, {"vbr": -3.0}, (0.0, 60.0))


SONGS = (
    judged("a1", "a", 1.0, 0.5),
    judged("a2", "a", 3.0, 1.0),
    judged("b1", "b", 2.0, 2.5),
    judged("c1", "c", 0.0, 0.0, failed=True),
)


def test_means_medians_and_ratios_are_of_the_songs_that_were_judged() -> None:
    level = make_table("level", SONGS, seed=0)
    assert level.rows["rules"]["vbr_error"].value == pytest.approx(2.0)
    assert (level.rows["rules"]["vbr_error"].songs, level.rows["rules"]["vbr_error"].artists) == (3, 2)
    assert level.rows["learned"]["vbr_covered"].value == 100.0
    assert level.rows["rules"]["vbr_covered"].value is None
    assert make_table("damage", SONGS, seed=0).rows["rules"]["mss"].value == 2.0  # the median
    assert make_table("equalizer", SONGS, seed=0).rows["rules"]["ratio_mild"].value == pytest.approx(6.0 / 6.0)


def test_rows_are_compared_song_by_song() -> None:
    pairs = {(pair.first, pair.second, pair.measure): pair for pair in make_table("level", SONGS, seed=0).comparisons}
    learned = pairs["learned", "rules", "vbr_error"]
    assert learned.closer_share.value == pytest.approx(2 / 3)
    assert learned.difference.value == pytest.approx((-0.5 - 2.0 + 0.5) / 3)


def evaluation(songs: tuple[Judged, ...] = SONGS) -> Evaluation:
    names = ("level", "equalizer", "damage")
    tables = tuple(make_table(name, songs, seed=0) for name in names)
    return Evaluation(Settings(), "model toy 1", songs, tuple(table for table in tables if table.rows))


def test_text_names_counts_figures_and_failures() -> None:
    words = markdown(evaluation())
    assert "3 songs by 2 artists; 1 more could not be judged" in words
    assert "2.00 (2.00 to 2.00)" not in words  # an interval of no width is not written
    assert "| learned against rules" in words
    assert "| c1   | `audio.empty` | holds \\| no sound |" in words
    rows = [line for line in words.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_picture_has_a_dot_for_each_figure_and_is_well_formed() -> None:
    import xml.etree.ElementTree as ElementTree

    root = ElementTree.fromstring(draw(evaluation()))
    dots = [element for element in root.iter() if element.tag.endswith("circle")]
    assert len(dots) == 4  # two methods' balance, one mild ratio, one change; the median of MSS is not drawn


def test_json_has_no_place_for_what_is_not_a_number() -> None:
    import json

    found = json.loads(json.dumps(evaluation().to_dict(), allow_nan=False))
    assert found["schema_version"] == 1
    assert found["tables"]["level"]["rows"]["rules"]["vbr_error"]["songs"] == 3
    assert found["songs"][3]["error"]["code"] == "audio.empty"


def test_an_evaluation_without_one_song_is_refused_and_training_songs_are_noted() -> None:
    with pytest.raises(InputError, match="evaluate.none_judged"):
        refuse_if_none(evaluation(SONGS[3:]))
    songs = [song.song for song in SONGS]
    assert "not of the test split: 4." in notes_on(songs, Settings(methods=("learned",)), catalogue=True)[0]
    assert notes_on(songs, Settings(methods=("rules",)), catalogue=True) == ()
