"""Samples that were kept are the samples that decoding gives, and there are never too many of them."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sitwell import io, pipeline
from sitwell.audio import Audio
from sitwell.catalogue import Cache, Catalogue
from tests.io.sounds import noise, save

RATE = 22050


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.flac"
    save(path, noise(2.0, rate=RATE), rate=RATE)
    return path


def refuse() -> Audio:
    pytest.fail("it was decoded again")


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [RATE, 48000])
def test_kept_samples_are_those_of_decoding(channels: int, rate: int, tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    save(path, noise(1.0, rate=RATE)[:channels], rate=RATE)
    cache = Cache(tmp_path / "cache")
    fresh = cache.decoded("abc", rate, lambda: io.read(path, sample_rate=rate), name="Söng")
    again = cache.decoded("abc", rate, refuse, name="Söng")
    assert np.array_equal(fresh.samples, again.samples)
    assert (again.samples.strides[0] == 0) == (channels == 1)  # a mono sound is the same channel twice
    assert (again.name, again.sample_rate, again.notices) == ("Söng", rate, fresh.notices)
    assert [path.suffix for path in cache.folder.iterdir()] == [".samples"]
    assert next(cache.folder.iterdir()).stat().st_size == pytest.approx(channels * 4 * rate, abs=5000)


def damage(how: str) -> Callable[[Path], None]:
    def act(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes({"cut": content[:5000], "empty": b"", "other": b"x" * len(content)}[how])

    return act


@pytest.mark.parametrize("how", ["cut", "empty", "other"])
def test_damaged_samples_are_decoded_anew(how: str, song: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    fresh = cache.decoded("abc", RATE, lambda: io.read(song), name="song")
    damage(how)(next(cache.folder.iterdir()))
    again = cache.decoded("abc", RATE, lambda: io.read(song), name="song")
    assert np.array_equal(fresh.samples, again.samples)
    assert np.array_equal(fresh.samples, cache.decoded("abc", RATE, refuse, name="song").samples)


def test_what_was_used_longest_ago_makes_room(song: Path, tmp_path: Path) -> None:
    size = io.read(song).samples.nbytes + 4096
    cache = Cache(tmp_path / "cache", most_bytes=2 * size)
    for number, key in enumerate(("a", "b")):
        cache.decoded(key, RATE, lambda: io.read(song), name=key)
        os.utime(next(cache.folder.glob(f"{key}-*")), (number, number))
    cache.decoded("a", RATE, refuse, name="a")  # used just now
    cache.decoded("c", RATE, lambda: io.read(song), name="c")
    assert sorted(path.name[0] for path in cache.folder.iterdir()) == ["a", "c"]


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(song: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    assert Cache(tmp_path / "cache").decoded("a", RATE, lambda: io.read(song), name="a").length == 2 * RATE


def test_a_mix_over_kept_samples_is_the_mix_over_the_file(song: Path, tmp_path: Path) -> None:
    catalogue = Catalogue.open(tmp_path / "catalog", cache=Cache(tmp_path / "cache"))
    entry = catalogue.add(song)
    vocal = tmp_path / "vocal.wav"
    save(vocal, noise(2.0, rate=RATE), rate=RATE)
    mixes = [pipeline.mix(vocal, backing, keep_audio=True).audio for backing in (song, entry, entry)]
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert len({mix.samples.tobytes() for mix in mixes if mix is not None}) == 1
