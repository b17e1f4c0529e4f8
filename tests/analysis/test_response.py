"""Impulse responses: closed forms of decaying noise, and what must not lead the figures astray."""

import numpy as np
import numpy.typing as npt
import pytest

from sitwell.analysis import OCTAVES_HZ, Response, measure_response, response_notices
from sitwell.analysis.octaves import octave_energies, octave_weight
from sitwell.audio import Audio
from sitwell.errors import InputError

Floats = npt.NDArray[np.float64]
RATE = 44100


def decaying_noise(decay_s: float, seconds: float, *, rate: int = RATE, level_db: float = 0.0, seed: int = 0) -> Floats:
    """Make noise (2, samples) that falls by 60 dB in `decay_s`; its energy in each channel is `level_db`."""
    time_s = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal((2, time_s.size)) * 10 ** (-3 * time_s / decay_s)
    per_sample = 10 ** (level_db / 10) * 6 * np.log(10) / (decay_s * rate)
    return np.asarray(noise * np.sqrt(per_sample))


def measured(samples: npt.ArrayLike, rate: int = RATE) -> Response:
    return measure_response(Audio.of(samples, rate))


def decays(response: Response, lowest_hz: int = 125) -> list[float]:
    found = [response.decay_at(hz) for hz in OCTAVES_HZ if hz >= lowest_hz]
    assert all(decay_s is not None for decay_s in found)
    return [decay_s for decay_s in found if decay_s is not None]


def codes(samples: npt.ArrayLike) -> list[str]:
    audio = Audio.of(samples, RATE)
    return [notice.code for notice in response_notices(audio, measure_response(audio))]


def test_bands_add_up_to_the_whole() -> None:
    hz = np.geomspace(125, 8000, 200)
    total = np.sum([octave_weight(hz, centre_hz) for centre_hz in OCTAVES_HZ], axis=0)
    assert total == pytest.approx(np.ones(200), abs=1e-12)  # rounding


@pytest.mark.parametrize("hz", [177, 1000, 5000])
def test_energy_of_a_tone_is_found_in_its_bands(hz: float) -> None:
    fade = np.hanning(RATE)  # no clicks in other bands
    tone = np.sin(2 * np.pi * hz * np.arange(RATE) / RATE) * fade
    bands = octave_energies(np.asarray([tone, tone], dtype=np.float32), RATE)
    assert sum(band.energy.sum() for band in bands.values()) == pytest.approx(2 * np.sum(tone**2), rel=1e-3)


@pytest.mark.parametrize("decay_s", [0.2, 0.6, 2.0, 6.0])
def test_decay_of_a_known_time_is_found(decay_s: float) -> None:
    response = measured(decaying_noise(decay_s, 1.2 * decay_s + 0.1))
    assert decays(response, 500) == pytest.approx([decay_s] * 5, rel=0.05)  # a JND of decay time (ISO 3382)
    assert set(response.evaluated_db.values()) == {-35.0}


@pytest.mark.parametrize("rate", [16000, 96000])
def test_decay_does_not_depend_on_the_rate(rate: int) -> None:
    response = measured(decaying_noise(1.0, 1.5, rate=rate), rate)
    known = [decay_s for decay_s in response.decay_s.values() if decay_s is not None]
    assert len(known) == (7 if rate > 22000 else 6)  # 16 kHz hold no octave at 8 kHz
    assert known[2:] == pytest.approx([1.0] * (len(known) - 2), rel=0.05)  # a JND


@pytest.mark.parametrize("noise_db", [-40.0, -55.0, -70.0])
def test_noise_does_not_lengthen_a_decay(noise_db: float) -> None:
    clean = decaying_noise(1.5, 4.0)
    noise = np.random.default_rng(1).standard_normal(clean.shape)
    noisy = clean + noise * np.sqrt(np.mean(clean[:, :441] ** 2)) * 10 ** (noise_db / 20)
    response = measured(noisy)
    assert decays(response, 500) == pytest.approx([1.5] * 5, rel=0.07)  # a JND, and what the noise adds
    assert response.noise_db["1000"] == pytest.approx(noise_db, abs=3.0)  # dB, against the loudest 10 ms
    assert response.level_db == pytest.approx(measured(clean).level_db, abs=0.2)  # dB


def test_noise_before_a_fade_out_and_silence_is_still_noise() -> None:
    clean = decaying_noise(1.0, 4.0)
    noise = np.random.default_rng(1).standard_normal(clean.shape) * np.sqrt(np.mean(clean[:, :441] ** 2)) * 10**-2.25
    noisy = (clean + noise) * np.concatenate([np.ones(3 * RATE), np.linspace(1, 0, RATE // 5), np.zeros(RATE * 4 // 5)])
    assert decays(measured(noisy), 500) == pytest.approx([1.0] * 5, rel=0.07)


def test_a_decay_cut_off_is_continued() -> None:
    response = measured(decaying_noise(2.0, 1.3))  # 39 dB
    assert decays(response, 1000) == pytest.approx([2.0] * 4, rel=0.06)


def test_a_decay_hidden_by_noise_is_unknown_and_a_shorter_range_is_said() -> None:
    clean = decaying_noise(1.0, 3.0)
    noise = np.random.default_rng(1).standard_normal(clean.shape) * np.sqrt(np.mean(clean[:, :441] ** 2))
    half = measured(clean + noise * 10 ** (-33 / 20))
    assert half.evaluated_db["2000"] == -25.0
    assert half.decay_at(2000) == pytest.approx(1.0, rel=0.1)
    loud = clean + noise * np.array([[10 ** (-12 / 20)]])
    with pytest.raises(InputError, match="response.no_decay"):
        measured(loud)


def test_level_is_energy_against_a_unit_impulse() -> None:
    inside_db = 10 * np.log10(11000 / 22050)  # the bands' share of white noise
    response = measured(decaying_noise(1.0, 1.5, level_db=-10.0))
    assert response.level_db == pytest.approx(-10.0 + inside_db, abs=0.3)  # dB
    assert not response.direct


def test_level_is_against_the_direct_sound_where_there_is_one() -> None:
    room = decaying_noise(1.0, 1.5, level_db=-10.0)
    late, gap = round(0.1 * RATE), round(0.02 * RATE)
    whole = np.pad(room, ((0, 0), (late + gap, 0)))
    whole[:, late] = 0.5
    response = measured(whole)
    assert response.direct
    assert response.predelay_ms == pytest.approx(20.0, abs=0.5)
    inside_db = 10 * np.log10(11000 / 22050)
    assert response.level_db == pytest.approx(-10.0 + 6.02 + inside_db, abs=0.4)  # dB
    assert decays(response, 1000) == pytest.approx([1.0] * 4, rel=0.05)


def test_balance_of_an_exponential_decay() -> None:
    share_late = 10 ** (-6 * 0.08 / 1.2)  # of the energy after 80 ms
    expected_db = 10 * np.log10((1 - share_late) / share_late)
    assert measured(decaying_noise(1.2, 2.0)).early_to_late_db == pytest.approx(expected_db, abs=0.5)  # dB, JND 1 dB


def test_tone_of_a_filtered_response() -> None:
    white = measured(decaying_noise(1.0, 1.5))
    assert [db for db in white.tone_db.values() if db is not None] == pytest.approx([0.0] * 7, abs=1.2)  # dB
    spectrum = np.fft.rfft(decaying_noise(1.0, 1.5))
    slope = np.sqrt(np.fft.rfftfreq(round(1.5 * RATE), 1 / RATE) / 1000)  # 3 dB per octave
    rising = measured(np.fft.irfft(spectrum * slope))
    assert rising.tone_db["8000"] == pytest.approx(9.0, abs=1.0)  # dB
    assert rising.tone_db["250"] == pytest.approx(-6.0, abs=1.0)


def test_mono_and_stereo_agree() -> None:
    left = decaying_noise(1.0, 1.5)[0]
    mono, stereo = measured(left), measured(decaying_noise(1.0, 1.5))
    assert mono.level_db == pytest.approx(stereo.level_db, abs=0.3)  # dB
    assert decays(mono, 1000) == pytest.approx([1.0] * 4, rel=0.05)
    assert mono.width_db < -100
    assert stereo.width_db == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize("silence_s", [0.05, 3.0])
def test_silence_before_the_onset_moves_the_onset_alone(silence_s: float) -> None:
    plain = decaying_noise(1.0, 1.5)
    late = np.pad(plain, ((0, 0), (round(silence_s * RATE), 0)))
    first, second = measured(plain), measured(late)
    assert second.onset_s == pytest.approx(silence_s, abs=0.001)
    assert decays(second) == pytest.approx(decays(first), rel=0.01)
    assert second.level_db == pytest.approx(first.level_db, abs=0.05)  # dB
    assert second.predelay_ms == (None if silence_s > 1 else pytest.approx(50.0, abs=0.5))
    assert ("response.predelay_unknown" in codes(late)) == (silence_s > 1)


def test_clipping_is_noticed() -> None:
    loud = decaying_noise(1.0, 1.5, level_db=40.0)
    clipped = np.clip(loud, -0.5 * loud.max(), 0.3 * loud.max())
    clipped = np.round(np.repeat(clipped, 2, axis=1) * 2**10) / 2**10  # a coarse recorder of half the rate
    assert decays(measured(clipped), 500) == pytest.approx([2.0] * 5, rel=0.1)  # twice as slow as before
    assert "response.clipped" in codes(clipped)
    assert "response.clipped" not in codes(loud)


def test_a_tenth_of_a_second_and_twenty_seconds() -> None:
    short = measured(decaying_noise(0.08, 0.1))
    assert short.decay_at(2000) == pytest.approx(0.08, rel=0.1)
    long = measured(decaying_noise(8.0, 20.0))
    assert decays(long, 500) == pytest.approx([8.0] * 5, rel=0.05)


@pytest.mark.parametrize(
    ("samples", "code"),
    [
        (np.random.default_rng(0).standard_normal(2 * RATE), "response.no_decay"),
        (np.zeros(RATE), "response.silent"),
        (np.ones(100), "response.too_short"),
        (np.zeros(61 * RATE), "response.too_long"),
        (np.sin(np.arange(RATE) / 10), "response.no_decay"),
    ],
    ids=["noise", "silence", "2 ms", "61 s", "tone"],
)
def test_what_is_no_response_is_refused(samples: Floats, code: str) -> None:
    with pytest.raises(InputError, match=code):
        measured(samples)
