"""Learning to extract: takes carry the truth they say, the network knows what it knows, the graph is the model."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from sitwell.analysis import SpectrumMeter
from sitwell.analysis.tails import TAIL_FEATURES, octave_powers
from sitwell.errors import InputError
from sitwell.models import Bundle
from sitwell_training.bundle import TaskResult
from sitwell_training.extraction.examples import Examples
from sitwell_training.extraction.figures import figures_of
from sitwell_training.extraction.graph import to_onnx
from sitwell_training.extraction.judge import calibrate, cross_read
from sitwell_training.extraction.model import fit_model
from sitwell_training.extraction.network import fit_network
from sitwell_training.extraction.responses import RATE, Tail, network_tail, noise_tail, shortened
from sitwell_training.extraction.takes import CLEAN, Circumstances, make_take
from sitwell_training.fit import Fit, fit_tasks, write_fit
from tests.models.bundles import extraction_task, write_bundle

_DECAYS_S = np.array([1.5, 1.6, 1.5, 1.2, 0.9])


def _phrases(count: int = 3) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    envelope = np.sin(np.linspace(0.0, np.pi, 2 * RATE)) ** 2
    return [(0.1 * envelope * rng.standard_normal(2 * RATE)).astype(np.float32) for _ in range(count)]


def _tail() -> Tail:
    return noise_tail(_DECAYS_S, np.random.default_rng(1))


def test_made_up_reverbs_decay_about_as_wished() -> None:
    assert _tail().decay_s[2:6] == pytest.approx([1.5, 1.6, 1.5, 1.2], rel=0.15)
    assert network_tail(_DECAYS_S, np.random.default_rng(2)).decay_s[3] == pytest.approx(1.6, rel=0.15)


def test_a_damped_reverb_decays_as_its_rates_add_up() -> None:
    whole = _tail()
    expected_s = 1.0 / (1.0 / whole.decay_s + 1.0 / 0.8)
    assert shortened(whole, 0.8).decay_s[2:6] == pytest.approx(expected_s[2:6], rel=0.1)


def test_the_return_of_a_take_has_the_level_it_says() -> None:
    def take(tail: Tail | None) -> np.ndarray:
        rng = np.random.default_rng(5)
        return make_take(_phrases(), tail, [], rng=rng, return_db=(-10.0, -10.0), happens=CLEAN).audio.samples

    wet, dry = take(_tail()), take(None)
    powers = []
    for sound in (wet - dry, dry):
        meter = SpectrumMeter(RATE)
        meter.process(np.ascontiguousarray(sound))
        powers.append(octave_powers(meter.finish()).sum(axis=0))
    told = make_take(
        _phrases(), _tail(), [], rng=np.random.default_rng(5), return_db=(-10.0, -10.0), happens=CLEAN
    )  # fmt: skip
    assert told.return_db == -10.0
    assert 10.0 * np.log10(powers[0] / powers[1]) == pytest.approx(told.octaves_db, abs=0.1)  # dB


def test_whatever_happens_a_take_is_sound_and_the_seed_decides_it() -> None:
    always = Circumstances(*([1.0] * 9))
    takes = [
        make_take(_phrases(), _tail(), _phrases(1), rng=np.random.default_rng(3), seconds=(4.0, 5.0), happens=always)
        for _ in range(2)
    ]
    assert np.isfinite(takes[0].audio.samples).all()
    assert np.array_equal(takes[0].audio.samples, takes[1].audio.samples)


def test_the_network_learns_a_figure_and_where_it_is_unsure() -> None:
    rng = np.random.default_rng(0)
    features = rng.standard_normal((3000, 4))
    spread = np.where(features[:, 1] > 0.0, 0.02, 0.5)
    figures = (features[:, 0] + spread * rng.standard_normal(3000))[:, None]
    network = fit_network(features, figures, (features[:, 2] > 0.0).astype(float), rng=rng, hidden=32, epochs=30)
    found = network(features)
    sure, unsure = features[:, 1] > 0.5, features[:, 1] < -0.5
    assert np.median(np.abs(found[sure, 0] - features[sure, 0])) < 0.15
    assert found[sure, 1].mean() < found[unsure, 1].mean() - 0.2
    assert ((found[:, 2] > 0.0) == (features[:, 2] > 0.0)).mean() > 0.95


def _examples(count: int = 240) -> Examples:
    """Make examples whose votes stand on their decay and level, by eight singers in eight responses."""
    rng = np.random.default_rng(4)
    row, column = rng.integers(2, 16, count), rng.integers(2, 14, count)
    votes = np.zeros((count, 7, 18, 16), dtype=np.float32)
    votes[np.arange(count), :, row, column] = 0.5
    dry = rng.random(count) < 0.25
    votes[dry] = 0.02 * rng.random((int(dry.sum()), 7, 18, 16))
    decay_s = np.where(dry, np.nan, 0.12 * 1.3**row)
    level_db = np.where(dry, np.nan, -39.0 + 3.0 * column)
    octaves = np.ones((1, 7))
    return Examples(
        votes=votes, statistics=rng.standard_normal((count, 7, 12)).astype(np.float32),
        shares=np.full((count, 7), 1.0 / 7.0),
        decay_s=decay_s[:, None] * octaves, octaves_db=level_db[:, None] * octaves,
        return_db=np.where(dry, -np.inf, level_db), early_to_late_db=np.where(dry, np.inf, 5.0 - level_db),
        predelay_ms=np.where(dry, np.nan, 0.0), singer=np.array([f"s{n % 8}" for n in range(count)]),
        response=np.where(dry, "dry", np.array([f"r{n // 8 % 8}" for n in range(count)])),
    )  # fmt: skip


@pytest.fixture(scope="module")
def examples() -> Examples:
    """Give the examples of this file."""
    return _examples()


def test_the_graph_says_what_the_model_says(examples: Examples) -> None:
    model = fit_model(examples, seed=0, networks=2, epochs=3)
    graph = onnxruntime.InferenceSession(to_onnx(model), providers=["CPUExecutionProvider"])
    features = examples.features[:5]
    assert features.shape == (5, 7, TAIL_FEATURES)
    (found,) = graph.run(["octaves"], {"features": features})
    assert found == pytest.approx(model(features), abs=1e-3)


def test_the_same_seed_gives_the_same_graph(examples: Examples) -> None:
    one, other = (to_onnx(fit_model(examples, seed=0, networks=1, epochs=2)) for _ in range(2))
    assert one == other


def test_singers_and_responses_left_out_are_read_and_their_confidence_is_calibrated(examples: Examples) -> None:
    readings = cross_read(examples, lambda some: fit_model(some, seed=0, networks=1, epochs=30))
    assert readings.judged.sum() > 60
    calibration = calibrate(examples, readings)
    near = calibration["sureness"]["decay_s"]["near"]  # type: ignore[index]
    assert near == sorted(near, reverse=True)
    assert near[0] > near[-1]
    wetness = readings.octaves[readings.judged][:, 2:6, 4].mean(axis=1)
    dry = ~examples.wet[readings.judged]
    assert (wetness[dry] < calibration["dry_below"]).mean() == pytest.approx(0.93, abs=0.05)


def test_nobody_is_read_by_a_model_that_knows_them(examples: Examples) -> None:
    seen = list[set[str]]()

    class Remembers:
        def __call__(self, features: np.ndarray) -> np.ndarray:
            return np.zeros((*features.shape[:2], 5))

    def fit(some: Examples) -> Remembers:
        seen.append(set(some.singer.tolist()) | set(some.response.tolist()) - {"dry"})
        return Remembers()

    readings = cross_read(examples, fit)  # type: ignore[arg-type]
    for singer in np.unique(examples.singer[readings.judged]):
        assert any(singer not in names for names in seen)
    assert all(len(names) < 16 for names in seen)


def test_figures_are_errors_of_what_is_told_and_shares_of_verdicts() -> None:
    wet = _examples().of(np.array([True] * 40 + [False] * 200))
    wet = wet.of(wet.wet)
    curve = {"log_scale": [-2.0, 0.0], "near": [1.0, 0.0]}
    calibration = {
        "dry_below": 0.0, "return_offset_db": 0.0, "early_to_late_offset_db": 0.0,
        "sureness": {"decay_s": curve, "return_db": curve, "early_to_late_db": curve},
    }  # fmt: skip
    said = np.zeros((len(wet.wet), 7, 5))
    said[..., 0], said[..., 1] = np.log(1.1 * wet.decay_s), (wet.octaves_db + 1.0) / 10.0
    said[..., 2:4], said[..., 4] = -2.0, 3.0
    said[0, :, 2] = 1.0  # not sure of its decays: they are not told
    said[1, :, 4] = -3.0  # taken for dry
    found = figures_of(wet, said, calibration)
    assert found["decay_error"]["median"] == pytest.approx(0.1, abs=1e-3)
    assert found["return_error_db"]["p90"] == pytest.approx(1.0, abs=0.01)
    assert found["called_wet"] == pytest.approx(1.0 - 1.0 / len(wet.wet))
    assert found["decays_told"] == pytest.approx(1.0 - 2.0 / len(wet.wet))


def test_too_few_singers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"fit.too_few"):
        fit_tasks((), tasks=("extraction",), cache=tmp_path)


def test_a_task_is_fitted_onto_a_bundle_whose_others_stay(examples: Examples, tmp_path: Path) -> None:
    old = write_bundle(tmp_path / "old")
    model = fit_model(examples, seed=0, networks=1, epochs=1)
    config, _ = extraction_task()
    new = Fit({"extraction": TaskResult(config, to_onnx(model), {})}, (), (), "1", {}, (), 0.0)
    write_fit(new, tmp_path / "both", name="both", version="2", onto=old)
    found = Bundle.load(tmp_path / "both")
    assert found.config["tasks"]["level"] == Bundle.load(old).config["tasks"]["level"]
    assert found.shows_skill("level")
    assert found.shows_skill("extraction")
    assert found.card["data"]["songs"] == 12
