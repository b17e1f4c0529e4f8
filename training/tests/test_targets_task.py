"""From measured songs to a bundle that the product accepts: labels, splits, determinism, what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sitwell.analysis import FEATURES, measure_balance, measure_features, measure_track
from sitwell.errors import InputError, ModelError, OutputError
from sitwell.models import Bundle
from sitwell.songs import Song
from sitwell_training.bundle import TaskResult, knob_ranges, write_bundle
from sitwell_training.labels import measure_labels
from sitwell_training.prepare import PreparedSong
from sitwell_training.targets import LEVEL, RANGE, Example
from sitwell_training.targets.augment import with_dynamics, with_gain
from sitwell_training.targets.estimators import Recipe
from sitwell_training.targets.judged import judge_bundle
from sitwell_training.targets.prepared import examples_of, refuse_test_songs
from sitwell_training.targets.task import fit_target
from tests.songs import band, voice

RIDGE = (Recipe("ridge", "range", 2.0),)


@pytest.fixture(scope="module", autouse=True)
def few_draws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sitwell.evaluate.bootstrap.DRAWS", 100)
        yield


@pytest.fixture(scope="module")
def made() -> list[PreparedSong]:
    """Make 12 songs by six artists: the wider the backing's range, the wider the vocal's; two are for testing."""
    vocal, backing = measure_track(voice(24.0, 16000)), measure_track(band(24.0, 16000))
    songs = []
    for number in range(12):
        wide = number / 11.0
        rng = np.random.default_rng(number)
        sung = with_dynamics(vocal, rng, range_lu=3.0 + 12.0 * wide)
        played = with_dynamics(backing, rng, range_lu=1.0 + 14.0 * wide)
        gain_db = rng.uniform(-4.0, 0.0) - measure_balance(sung.energies, played.energies).vbr_lu
        sung = with_gain(sung, np.full(len(sung.energies), gain_db))
        split = "test" if number in (4, 5) else "train"
        song = Song(f"song{number}", f"artist{number // 2}", "v", "b", "CC0", "made", split, level_label=number != 9)
        songs.append(PreparedSong(song, sung, played, measure_labels(sung, played)))
    return songs


@pytest.fixture(scope="module")
def train(made: list[PreparedSong]) -> list[PreparedSong]:
    return [item for item in made if item.song.split == "train"]


@pytest.fixture(scope="module")
def results(train: list[PreparedSong]) -> dict[str, TaskResult]:
    examples = examples_of(train)
    return {target.task: fit_target(examples, target, seed=0, choices=RIDGE, takes=3) for target in (LEVEL, RANGE)}


@pytest.fixture
def bundle(results: dict[str, TaskResult], train: list[PreparedSong], tmp_path: Path) -> Path:
    folder = tmp_path / "toy"
    write_bundle(folder, name="toy", version="1", tasks=results, songs=[item.song for item in train])
    return folder


# --- Which songs, which labels


def test_a_song_kept_for_testing_is_refused(made: list[PreparedSong]) -> None:
    with pytest.raises(InputError, match="fit.test_song"):
        examples_of(made)
    with pytest.raises(InputError, match="song4"):
        refuse_test_songs(item.song for item in made)


def test_only_test_songs_are_judged_on(made: list[PreparedSong]) -> None:
    assert [example.id for example in examples_of(made, split="test")] == ["song4", "song5"]


def test_a_song_without_a_released_balance_has_no_level_label(train: list[PreparedSong]) -> None:
    by_id = {example.id: example for example in examples_of(train)}
    assert by_id["song9"].vbr_lu is None
    assert by_id["song9"].loudness_range_lu is not None
    assert by_id["song8"].vbr_lu is not None


def test_labels_are_of_the_whole_song(train: list[PreparedSong]) -> None:
    for item, example in zip(train, examples_of(train), strict=True):
        assert example.loudness_range_lu == item.vocal.loudness.loudness_range_lu


def test_too_few_artists_are_refused(train: list[PreparedSong]) -> None:
    with pytest.raises(InputError, match="fit.too_few"):
        fit_target(examples_of(train[:3]), RANGE, seed=0, choices=RIDGE, takes=2)


# --- Results


def test_range_is_learned_and_level_falls_back(results: dict[str, TaskResult]) -> None:
    assert results["range"].config["kind"] == "model"
    assert results["range"].onnx is not None
    assert results["range"].figures["onnx_error"] < 1e-4
    assert results["level"].config["kind"] == "constant"
    assert results["level"].onnx is None
    assert results["level"].config["weight"] == 0.0
    assert "so the constant is used" in results["level"].figures["verdict"]


def test_what_shows_no_skill_is_not_shipped(train: list[PreparedSong], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitwell_training.targets.skill.SURE", 1.1)
    result = fit_target(examples_of(train), RANGE, seed=0, choices=RIDGE, takes=2)
    assert (result.config["kind"], result.onnx) == ("constant", None)
    assert result.figures["interval"]["low"] < 0.0 < result.figures["interval"]["high"]


def test_the_same_seed_gives_the_same_bytes(train: list[PreparedSong], results: dict[str, TaskResult]) -> None:
    again = fit_target(examples_of(train), RANGE, seed=0, choices=RIDGE, takes=3)
    assert again.onnx == results["range"].onnx
    assert json.dumps(again.config) == json.dumps(results["range"].config)
    assert json.dumps(again.figures) == json.dumps(results["range"].figures)
    other = fit_target(examples_of(train), RANGE, seed=1, choices=RIDGE, takes=3)
    assert other.config != results["range"].config  # the takes differ


def test_the_order_of_songs_changes_no_song(train: list[PreparedSong]) -> None:
    """A view of a song follows from the seed and the song, not from what stands before it."""
    from sitwell_training.targets.rows import make_rows

    examples: list[Example] = examples_of(train)
    forth, back = make_rows(examples, seed=0, takes=2), make_rows(examples[::-1], seed=0, takes=2)
    np.testing.assert_array_equal(forth.features[forth.song == 0], back.features[back.song == len(examples) - 1])


# --- Bundle


def test_the_product_accepts_the_bundle(bundle: Path, train: list[PreparedSong]) -> None:
    loaded = Bundle.load(bundle)
    assert loaded.label == "model toy 1"
    assert loaded.shows_skill("range")
    assert not loaded.shows_skill("level")
    narrow, wide = (measure_features(item.vocal, item.backing) for item in (train[0], train[-1]))
    assert loaded.predict("range", wide).value > loaded.predict("range", narrow).value + 3.0  # LU
    level = loaded.predict("level", narrow)
    assert level.source == "prior"
    assert level.value == loaded.config["tasks"]["level"]["constant"]
    assert level.low < level.value < level.high


def test_a_song_like_no_other_gets_the_constant(bundle: Path, train: list[PreparedSong]) -> None:
    loaded = Bundle.load(bundle)
    features = measure_features(train[-1].vocal, train[-1].backing)
    usual = loaded.predict("range", features)
    strange = loaded.predict("range", features + 50.0 * np.array(loaded.config["tasks"]["range"]["scale"]))
    constant = loaded.config["tasks"]["range"]["constant"]
    assert usual.confidence == pytest.approx(1.0, abs=0.2)
    assert strange.confidence is not None
    assert strange.confidence < 0.1
    assert abs(strange.value - constant) < 0.2 * abs(usual.value - constant)


def test_the_card_says_where_it_comes_from(bundle: Path) -> None:
    card = json.loads((bundle / "card.json").read_text(encoding="utf-8"))
    assert card["data"]["songs"] == 10
    assert card["data"]["artists"] == 5
    assert card["data"]["sources"] == [{"source": "made", "licence": "CC0", "songs": 10}]
    assert card["features"] == list(FEATURES)
    assert card["knobs"] == knob_ranges()
    assert "vocal.gain_db" in card["knobs"]
    assert {"level", "range"} <= set(card["figures"])
    assert set(card["sha256"]) == {"config.json", "range.onnx"}


def test_a_changed_file_is_refused(bundle: Path) -> None:
    graph = bundle / "range.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="model.hash"):
        Bundle.load(bundle)


def test_a_bundle_is_replaced_and_nothing_else_is(bundle: Path, results: dict[str, TaskResult]) -> None:
    write_bundle(bundle, name="toy", version="2", tasks={"level": results["level"]}, songs=[])
    assert Bundle.load(bundle).version == "2"
    assert not (bundle / "range.onnx").exists()
    assert [item.name for item in bundle.parent.iterdir()] == ["toy"]
    other = bundle.parent / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("all I have")
    with pytest.raises(OutputError, match="output.not_a_bundle"):
        write_bundle(other, name="toy", version="2", tasks={"level": results["level"]}, songs=[])
    assert [item.name for item in other.iterdir()] == ["chapter.txt"]


def test_a_bundle_is_judged_on_songs_it_has_not_seen(bundle: Path, made: list[PreparedSong]) -> None:
    judged = judge_bundle(Bundle.load(bundle), examples_of(made, split="test"), seed=0)
    assert judged.sources == {"level": "prior", "range": "model toy 1"}
    whole = judged.skills["range"]["bundle"].whole
    constant = judged.skills["range"]["constant"].whole
    assert whole is not None
    assert constant is not None
    assert whole.songs == 2
    assert judged.coverage["range"].songs == 2
    assert "## range on the songs kept for testing: 2 songs by 1 artists" in judged.text()
