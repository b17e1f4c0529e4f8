"""Which stretch is used: the one with the most singing, and the one that rises from verse to chorus."""

import numpy as np

from sitwell.analysis import Track, measure_track
from sitwell.audio import Audio
from sitwell.evaluate.excerpt import cut, most_singing_s, verse_to_chorus_s
from tests.songs import voice

RATE = 16000


def track(levels_db: list[float], seconds_each: float = 5.0) -> Track:
    rng = np.random.default_rng(0)
    parts = [10 ** (db / 20) * rng.standard_normal(int(seconds_each * RATE)) for db in levels_db]
    return measure_track(Audio.of(np.concatenate(parts), RATE))


def test_most_singing_is_found_not_the_loudest_moment() -> None:
    vocal = track([-90, -90, -6, -90, -20, -20, -20, -90])
    assert 19.0 <= most_singing_s(vocal, 15.0) <= 21.0


def test_a_short_song_is_taken_whole() -> None:
    vocal = track([-20, -20])
    assert most_singing_s(vocal, 60.0) == 0.0
    assert verse_to_chorus_s(vocal, vocal, 60.0) == 0.0
    sound = voice(3.0, RATE)
    assert cut(sound, start_s=0.0, seconds=60.0).length == sound.length


def test_verse_to_chorus_rises_in_the_middle_of_singing() -> None:
    vocal = track([-20, -20, -20, -20, -20, -20, -90, -90])
    backing = track([-30, -30, -30, -20, -20, -20, -60, -10])
    assert 9.0 <= verse_to_chorus_s(vocal, backing, 10.0) <= 11.0  # 5 s before the rise at 15 s; not at 35 s


def test_cut_takes_the_samples_it_says() -> None:
    sound = voice(4.0, RATE)
    piece = cut(sound, start_s=1.5, seconds=0.5)
    assert np.array_equal(piece.samples, sound.samples[:, 24000:32000])
    piece.samples[:] = 0.0
    assert np.any(sound.samples[:, 24000:32000])
