"""The smooth response of an estimate, read back by the measurement of responses."""

import numpy as np
import pytest

from sitwell.analysis import OCTAVES_HZ, measure_response
from sitwell.errors import InputError
from sitwell.extraction import Confidence, ReverbEstimate, synthesize_response


def _estimate(decays_s: list[float | None], octaves_db: list[float]) -> ReverbEstimate:
    names = [str(hz) for hz in OCTAVES_HZ]
    return ReverbEstimate(
        "wet", dict(zip(names, decays_s, strict=True)), -12.0, 10.0, None,
        Confidence(dict.fromkeys(names, 0.9)), dict(zip(names, octaves_db, strict=True)),
    )  # fmt: skip


_DECAYS_S: list[float | None] = [1.2, 1.5, 1.9, 2.0, 1.8, 1.4, 1.0]


@pytest.mark.parametrize("sample_rate", [44_100, 48_000])
def test_the_response_decays_as_estimated(sample_rate: int) -> None:
    found = measure_response(synthesize_response(_estimate(_DECAYS_S, [-12.0] * 7), sample_rate=sample_rate))
    for hz, decay_s in zip(OCTAVES_HZ, _DECAYS_S, strict=True):
        assert found.decay_at(hz) == pytest.approx(decay_s, rel=0.12)  # octaves of the reading overlap


def test_the_response_has_the_level_and_the_tone_of_the_estimate() -> None:
    tone_db = [-18.0, -14.0, -12.0, -10.0, -12.0, -15.0, -20.0]
    found = measure_response(synthesize_response(_estimate(_DECAYS_S, tone_db)))
    for hz, level_db in zip(OCTAVES_HZ[1:], tone_db[1:], strict=True):
        assert found.tone_db[str(hz)] == pytest.approx(level_db + 10.0, abs=1.5)  # dB against 1 kHz; octaves overlap


def test_convolved_with_a_vocal_it_gives_the_return_estimated() -> None:
    rng = np.random.default_rng(1)
    dry = rng.standard_normal(96_000)
    response = synthesize_response(_estimate([1.0] * 7, [-12.0] * 7)).samples[0]
    size = dry.size + response.size
    wet = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(response, size), size)
    assert 10.0 * np.log10((wet**2).sum() / (dry**2).sum()) == pytest.approx(-12.0, abs=0.5)  # dB, one draw of noise


def test_unknown_octaves_take_their_neighbours_decay() -> None:
    found = measure_response(synthesize_response(_estimate([None, None, 1.0, None, 1.0, None, None], [-10.0] * 7)))
    assert found.decay_at(1000) == pytest.approx(1.0, rel=0.1)
    assert found.decay_at(8000) == pytest.approx(1.0, rel=0.1)


def test_the_same_estimate_gives_the_same_samples() -> None:
    one, other = (synthesize_response(_estimate(_DECAYS_S, [-12.0] * 7)).samples for _ in range(2))
    assert np.array_equal(one, other)


def test_channels_are_decorrelated() -> None:
    left, right = synthesize_response(_estimate(_DECAYS_S, [-12.0] * 7)).samples
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.1


def test_without_any_decay_there_is_nothing_to_write() -> None:
    with pytest.raises(InputError, match="reverb.unknown"):
        synthesize_response(_estimate([None] * 7, [-12.0] * 7))
