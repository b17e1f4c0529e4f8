"""The equalizer is learned from voices spoiled on purpose: what it undoes, what it leaves alone, what it refuses."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sitwell.analysis import VOICE_HZ
from sitwell.errors import InputError
from sitwell_training.bundle import TaskResult
from sitwell_training.equalizer import task
from sitwell_training.equalizer.examples import Examples, fixed_stretches, random_stretches
from sitwell_training.equalizer.graph import to_onnx
from sitwell_training.equalizer.judge import draw_responses, judged, spoiled
from sitwell_training.equalizer.mixture import JUDGED, Mixture, centred, features_of, fit_mixture, fold_of
from sitwell_training.equalizer.presets import read_presets
from training.tests.singers import choir, singer

CHOIR = choir()


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sitwell.evaluate.bootstrap.DRAWS", 50)
        patch.setattr("sitwell_training.equalizer.examples.STRETCHES", 5)
        patch.setattr(task, "_DRAWS", 120)
        patch.setattr(task, "_GATE_DRAWS", 500)
        yield


@pytest.fixture(scope="module")
def corruptions() -> dict[str, np.ndarray]:
    return draw_responses(200, rng=np.random.default_rng(1))


def _fitted(corruptions: dict[str, np.ndarray], colour_db: float = 2.0) -> Mixture:
    examples = random_stretches(choir(60, colour_db=colour_db), rng=np.random.default_rng(0))
    return fit_mixture(
        examples, corruptions, shares=task.SHARES, scales_db=task.SCALES_DB, rng=np.random.default_rng(0), draws=2000
    )


@pytest.fixture(scope="module")
def model(corruptions: dict[str, np.ndarray]) -> Mixture:
    return _fitted(corruptions)


def _unseen() -> Examples:
    return fixed_stretches([singer(number) for number in range(100, 116)], seconds=None)


def _ratios(model: Mixture, corruptions: dict[str, np.ndarray]) -> dict[str, float]:
    rows = judged(model, _unseen(), corruptions, seed=0)
    out = {}
    for kind in ("mild", "medium", "origin", "none"):
        left, there = np.array([row[2:] for row in rows if row[0] == kind]).mean(axis=0)
        out[kind] = float(np.sqrt(left / there)) if there else float(np.sqrt(left))
    return out


def test_most_of_an_equalizer_is_undone_on_singers_never_heard(
    model: Mixture, corruptions: dict[str, np.ndarray]
) -> None:
    ratios = _ratios(model, corruptions)
    assert ratios["medium"] < 0.8
    assert ratios["origin"] < 0.6
    assert ratios["none"] < 1.6  # dB of change to what was right; these singers differ by 2 dB


def test_where_voices_differ_more_than_equalizers_less_is_undone(corruptions: dict[str, np.ndarray]) -> None:
    """Trained on singers of wild colours the same equalizer could be anybody's voice."""
    wild = _ratios(_fitted(corruptions, colour_db=12.0), corruptions)
    assert 0.9 < wild["mild"] < 1.1
    assert wild["origin"] > 0.75


def test_what_is_left_over_is_measured_on_singers_left_out() -> None:
    """In a fold, no singer is on both sides; by song instead of singer, some would be."""
    artists = np.array(["a", "a", "b", "b", "c", "d", "e", "e", "f"])
    folds = fold_of(artists, 3)
    assert all(len(set(folds[artists == name])) == 1 for name in set(artists.tolist()))
    by_song = fold_of(np.array([f"{name}{number}" for number, name in enumerate(artists)]), 3)
    assert any(len(set(by_song[artists == name])) > 1 for name in set(artists.tolist()))  # the leak would be seen


def test_the_answer_does_not_know_the_level(model: Mixture) -> None:
    examples = _unseen()
    louder = spoiled(examples, np.full((len(examples.artists), VOICE_HZ.size), 12.0))
    (first, sure), (second, as_sure) = model.predict(examples), model.predict(louder)
    assert np.abs(second - first).max() < 1e-6  # dB
    assert np.abs(as_sure - sure).max() < 1e-9


def test_what_the_expectation_sees_does_not_know_the_equalizer(corruptions: dict[str, np.ndarray]) -> None:
    """Features move by nothing when a voice is equalized; a spectrum among them would (the leak opened)."""
    examples = _unseen()
    response = corruptions["origin"][: len(examples.artists)]
    moved = spoiled(examples, response)
    assert np.abs(features_of(moved)[0] - features_of(examples)[0]).max() < 1e-9
    leaky = moved.spectra_db[:, 0] - examples.spectra_db[:, 0]
    assert np.abs(leaky).max() > 3.0  # dB


def test_a_stranger_is_trusted_less(model: Mixture) -> None:
    examples = _unseen()
    noise = Examples(
        examples.spectra_db, examples.traits + 30.0, examples.audible, examples.artists, examples.dry
    )  # fmt: skip
    assert model.predict(noise)[1].max() < 0.6 < model.predict(examples)[1].min()


def test_bands_that_hold_nothing_are_not_corrected(model: Mixture) -> None:
    examples = _unseen()
    narrow = np.where(VOICE_HZ > 7000.0, 0.0, 1.0) * np.ones_like(examples.audible)
    response, _ = model.predict(
        Examples(examples.spectra_db, examples.traits, narrow, examples.artists, examples.dry)
    )  # fmt: skip
    assert not response[:, VOICE_HZ > 7000.0].any()
    assert np.isfinite(response).all()


def test_the_graph_gives_what_the_estimator_gives(model: Mixture, corruptions: dict[str, np.ndarray]) -> None:
    import onnxruntime

    examples = spoiled(_unseen(), corruptions["medium"][:16])
    session = onnxruntime.InferenceSession(to_onnx(model), providers=["CPUExecutionProvider"])
    inputs = {"spectra_db": examples.spectra_db, "traits": examples.traits, "audible": examples.audible}
    response, confidence = session.run(
        ["response_db", "confidence"], {name: values.astype(np.float32) for name, values in inputs.items()}
    )
    expected, sure = model.predict(examples)
    assert np.abs(response + expected).max() < 0.01  # dB; the graph gives the correction
    assert np.abs(confidence - sure).max() < 1e-4


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    first, again, other = (_trained(seed) for seed in (3, 3, 4))
    assert first.onnx == again.onnx
    assert first.config == again.config
    assert first.figures == again.figures
    assert first.onnx != other.onnx


def test_figures_are_told_with_intervals_for_every_kind() -> None:
    figures = _trained(0).figures["residual_ratio"]["whole"]
    for kind in ("mild", "medium", "origin", "null_db"):
        assert figures[kind]["low"] < figures[kind]["value"] < figures[kind]["high"]


def _trained(seed: int) -> TaskResult:
    return task.fit_equalizer_task(CHOIR[:10], seed=seed)


def test_a_test_voice_is_refused() -> None:
    voice, frames = CHOIR[0]
    with pytest.raises(InputError, match="fit.test_song"):
        task.fit_equalizer_task([*CHOIR, (voice.replace(split="test"), frames)], seed=0)


def test_too_few_singers_are_refused_and_dry_ones_do_not_count() -> None:
    dry = [singer(number, dry=True) for number in range(40, 60)]
    with pytest.raises(InputError, match="fit.too_few"):
        task.fit_equalizer_task([*CHOIR[:6], *dry], seed=0)


def test_presets_are_the_response_of_their_filters(tmp_path: Path) -> None:
    names = "pk1_freq pk1_gain_db pk1_q pk2_freq pk2_gain_db pk2_q ls_freq ls_gain_db hs_freq hs_gain_db"
    names, flat = f"{names} lp_freq lp_q hp_freq hp_q", "1000 6 1 3000 0 1 100 0 8000 0 20000 0.7 20 0.7"
    path = tmp_path / "presets.csv"
    path.write_text(",".join(names.split()) + "\n" + ",".join(flat.split()) + "\n")
    response = read_presets(path)[0]
    at = int(np.argmin(np.abs(VOICE_HZ - 1000.0)))
    assert response[at] == pytest.approx(6.0, abs=0.1)  # dB, the bell's own gain
    assert abs(response[JUDGED][0]) < 0.6
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="presets.unreadable"):
        read_presets(path)


def test_the_mean_is_taken_off_over_audible_bands_only() -> None:
    audible = (VOICE_HZ < 5000.0).astype(float)
    values = np.where(VOICE_HZ < 5000.0, 3.0, -90.0)
    assert np.abs(centred(values, audible)).max() < 1e-12
