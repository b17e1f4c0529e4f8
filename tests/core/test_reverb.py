"""The reverb: decay times mean seconds, the return has the level and width it says, blocks don't matter."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from scipy import signal, special

from sitwell.core import Reverb

Floats = npt.NDArray[np.float64]

OPEN: dict[str, float] = {
    "sample_rate": 44100,
    "decay_low_s": 1.5,
    "decay_mid_s": 1.5,
    "decay_high_s": 1.5,
    "damping_hz": 4000,
    "predelay_ms": 0,
    "size": 1,
    "diffusion": 0.7,
    "low_cut_hz": 20,
    "high_cut_hz": 20000,
    "width": 1,
}
DECAYS_S = [  # low, mid, high
    (1.5, 1.5, 1.5),
    (4.0, 1.0, 0.25),
    (0.5, 2.0, 0.5),
    (0.5, 2.0, 8.0),
    (0.3, 0.3, 0.3),
    (6.0, 6.0, 1.5),
]
EXTREMES_S = [(0.2, 10.0, 0.2), (10.0, 0.2, 10.0), (10.0, 0.2, 0.2), (0.2, 0.2, 10.0), (10.0, 10.0, 10.0)]


def decays(low_mid_high_s: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("decay_low_s", "decay_mid_s", "decay_high_s"), low_mid_high_s, strict=True))


def respond(seconds: float, **changes: float) -> Floats:
    """Give the response (2, samples) to an impulse in both channels."""
    knobs = OPEN | changes
    block = np.zeros((2, round(seconds * knobs["sample_rate"])), np.float32)
    block[:, 0] = 1
    Reverb(**knobs).process(block)
    return block.astype(np.float64)


def respond_in_rooms(seconds: float, **changes: float) -> list[Floats]:
    """Give responses of twelve rooms, because a single one has few modes in a narrow low band."""
    rooms = zip(np.linspace(0.5, 1.8, 12), np.tile([0.4, 0.7, 1.0], 4), strict=True)
    return [respond(seconds, size=size, diffusion=diffusion, **changes) for size, diffusion in rooms]


def measure_decay_s(responses: list[Floats], sample_rate: float, frequency_hz: float) -> float:
    """Measure the T60 of a narrow band: backward integration (Schroeder 1965), line from -5 to -45 dB."""
    half = 1.09 if frequency_hz < 500 else 1.04  # wide enough for some modes, narrow enough for one decay
    edges = frequency_hz / half, frequency_hz * half
    band = signal.butter(2, edges, "bandpass", fs=sample_rate, output="sos")
    remaining = np.zeros(responses[0].shape[1])
    for response in responses:
        # Backwards in time, so that the filter's own ringing does not lengthen the decay.
        energy = (signal.sosfilt(band, response[:, ::-1]) ** 2).sum(axis=0)
        remaining += np.cumsum(energy)[::-1] / energy.sum()
    level_db = 10 * np.log10(remaining / remaining[0] + 1e-30)
    fitted = np.flatnonzero((level_db < -5) & (level_db > -45))
    slope = np.polyfit(fitted / sample_rate, level_db[fitted], 1)[0]
    return float(-60 / slope)


def measure_losses(reverb: Reverb, sample_rate: float, frequencies_hz: Floats) -> Floats:
    """Evaluate what one pass does to each line, in dB (16, frequencies), from the running coefficients."""
    z = np.exp(2j * np.pi * frequencies_hz / sample_rate)
    b, c1, a1, c2, a2 = (column[:, None] for column in reverb.absorption.T)
    passed = (b + c1 / (z + a1)) * (1 + c2 / (z + a2))
    return np.asarray(20 * np.log10(np.abs(passed)))


def measure_echo_density(response: Floats, sample_rate: float, at_s: float) -> float:
    """Measure the normalized echo density, 1 for Gaussian noise (Abel and Huang, AES 121, 2006), in 20 ms."""
    middle, half = round(at_s * sample_rate), round(0.01 * sample_rate)
    piece = response[middle - half : middle + half]
    outside = np.abs(piece) > piece.std()
    return float(outside.mean() / special.erfc(1 / np.sqrt(2)))


def band_db(response: Floats, sample_rate: float, frequency_hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(response.mean(axis=0), 1 << 17)) ** 2
    bins = np.fft.rfftfreq(1 << 17, 1 / sample_rate)
    near = (bins > frequency_hz / 1.12) & (bins < frequency_hz * 1.12)
    return float(10 * np.log10(spectrum[near].mean()))


@pytest.mark.parametrize("asked_s", DECAYS_S)
def test_decay_times_are_seconds(asked_s: tuple[float, float, float]) -> None:
    responses = respond_in_rooms(1.2 * max(asked_s), **decays(asked_s))
    for asked, frequency_hz in zip(asked_s, (100.0, 1000.0, 8000.0), strict=True):
        got = measure_decay_s(responses, 44100, frequency_hz)
        assert got == pytest.approx(asked, rel=0.03), frequency_hz  # a JND of decay time is 5 % (ISO 3382)


@pytest.mark.parametrize("sample_rate", [8000, 48000, 192000])
def test_decay_times_hold_at_every_sample_rate(sample_rate: float) -> None:
    responses = respond_in_rooms(1.5, sample_rate=sample_rate, **decays((1.4, 1.0, 0.7)))
    high_hz = min(8000.0, 0.4 * sample_rate)
    got = [measure_decay_s(responses, sample_rate, frequency_hz) for frequency_hz in (100.0, 1000.0, high_hz)]
    assert got == pytest.approx([1.4, 1.0, 0.7], rel=0.03)  # a JND of decay time is 5 % (ISO 3382)


@pytest.mark.parametrize("asked_s", DECAYS_S)
@pytest.mark.parametrize("damping_hz", [1500, 4000, 9000])
def test_each_line_loses_exactly_its_share(asked_s: tuple[float, float, float], damping_hz: float) -> None:
    reverb = Reverb(**OPEN | decays(asked_s) | {"damping_hz": damping_hz})
    losses_db = measure_losses(reverb, 44100, np.array(reverb.reference_hz))
    wanted_db = -60 * reverb.line_samples[:, None] / (44100 * np.array(reverb.decay_s))
    assert np.abs(losses_db - wanted_db).max() < 1e-9  # dB, rounding only
    assert reverb.decay_s == pytest.approx(asked_s, rel=0.15 if damping_hz == 1500 else 1e-12)


@pytest.mark.parametrize("sample_rate", [8000, 44100, 192000])
@pytest.mark.parametrize("asked_s", DECAYS_S + EXTREMES_S)
def test_no_frequency_ever_grows(sample_rate: float, asked_s: tuple[float, float, float]) -> None:
    frequencies_hz = np.concatenate([[0.0], np.geomspace(1, sample_rate / 2, 500)])
    for damping_hz in (1500, 3000, 9000):
        for size in (0.5, 1.8):
            changes = {"sample_rate": sample_rate, "damping_hz": damping_hz, "size": size}
            reverb = Reverb(**OPEN | decays(asked_s) | changes)
            losses_db = measure_losses(reverb, sample_rate, frequencies_hz)
            slowest_db = -60 * reverb.line_samples / (sample_rate * max(asked_s))
            assert (losses_db <= slowest_db[:, None] / 1.52).all()  # 1.5 times the longest, plus the grid's step


@given(st.lists(st.floats(0.2, 10), min_size=3, max_size=3), st.floats(1500, 9000), st.floats(0.5, 1.8))
@budget(max_examples=150)
def test_any_setting_is_stable(asked_s: list[float], damping_hz: float, size: float) -> None:
    knobs = OPEN | decays((asked_s[0], asked_s[1], asked_s[2])) | {"damping_hz": damping_hz, "size": size}
    losses_db = measure_losses(Reverb(**knobs), 44100, np.concatenate([[0.0], np.geomspace(1, 22050, 300)]))
    assert losses_db.max() < 0


def test_moderate_decays_are_never_changed() -> None:
    for asked_s in [(1.3, 1.5, 1.0), (3.0, 1.0, 0.5), (1.0, 2.0, 1.0), (0.4, 0.3, 0.2)]:
        for damping_hz in (2500, 4000, 9000):
            reverb = Reverb(**OPEN | decays(asked_s) | {"damping_hz": damping_hz})
            assert reverb.decay_s == asked_s


def test_delay_lengths_share_no_factor() -> None:
    for sample_rate in (8000, 44100, 192000):
        for size in (0.5, 1.0, 1.8):
            lengths = Reverb(**OPEN | {"sample_rate": sample_rate, "size": size}).line_samples
            assert (np.gcd.outer(lengths, lengths)[~np.eye(16, dtype=bool)] == 1).all()


def test_size_scales_the_delays() -> None:
    small, large = (Reverb(**OPEN | {"size": size}).line_samples / 44.1 for size in (0.5, 1.5))
    assert small[[0, 15]] == pytest.approx([10.1, 45.0], abs=0.5)  # ms
    assert large / small == pytest.approx(np.full(16, 3.0), rel=0.03)  # lengths are primes


@pytest.mark.parametrize("predelay_ms", [0.1, 30.0, 200.0])
@pytest.mark.parametrize("diffusion", [0.0, 0.8])
def test_predelay_is_exact(predelay_ms: float, diffusion: float) -> None:
    late = round(predelay_ms * 44.1)
    at_once = respond(0.5, diffusion=diffusion)
    delayed = respond(0.5, diffusion=diffusion, predelay_ms=predelay_ms)
    assert not delayed[:, :late].any()
    assert np.abs(delayed[:, late:] - at_once[:, : at_once.shape[1] - late]).max() < 1e-12


def test_sound_begins_with_the_predelay() -> None:
    assert np.flatnonzero(respond(0.5, predelay_ms=20)[0])[0] == 882


def test_width_zero_is_mono() -> None:
    left, right = respond(1, width=0)
    assert np.array_equal(left, right)
    assert left.any()


@pytest.mark.parametrize("size", [0.5, 1.0, 1.8])
def test_a_mono_input_gives_a_wide_tail(size: float) -> None:
    left, right = respond(2, size=size)
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.2
    assert abs(np.corrcoef(left[8820:], right[8820:])[0, 1]) < 0.2
    assert 20 * np.log10(left.std() / right.std()) == pytest.approx(0, abs=1)  # dB


def test_width_sets_the_side_and_keeps_the_level() -> None:
    def side_db(width: float) -> float:
        left, right = respond(2, width=width)
        return float(10 * np.log10(np.sum((left - right) ** 2) / np.sum((left + right) ** 2)))

    assert side_db(0.5) - side_db(1.0) == pytest.approx(-6.02, abs=0.01)  # dB
    energies = [np.sum(respond(2, width=width) ** 2) for width in (0.0, 0.5, 1.0)]
    assert 10 * np.log10(max(energies) / min(energies)) < 0.5  # dB, below a JND of level


def test_left_and_right_are_different_inputs() -> None:
    block = np.zeros((2, 44100), np.float32)
    block[0, 0] = 1
    Reverb(**OPEN).process(block)
    both = respond(1)
    left_only = block.astype(np.float64)
    assert 10 * np.log10(np.sum(both**2) / np.sum(left_only**2)) == pytest.approx(3, abs=1)  # dB, half the input


@pytest.mark.parametrize("asked_s", [*DECAYS_S, (0.2, 0.2, 0.2), (3.0, 3.0, 3.0)])
def test_the_response_has_unit_energy(asked_s: tuple[float, float, float]) -> None:
    for size in (0.5, 1.0, 1.8):
        for diffusion in (0.0, 1.0):
            response = respond(2 * max(asked_s), size=size, diffusion=diffusion, **decays(asked_s))
            assert 10 * np.log10(np.sum(response**2) / 2) == pytest.approx(0, abs=1.5)  # dB


def test_silence_stays_silent() -> None:
    block = np.zeros((2, 30000), np.float32)
    Reverb(**OPEN).process(block)
    assert not block.any()


@pytest.mark.parametrize("asked_s", [(1.5, 1.5, 1.5), (0.2, 10.0, 0.2), (10.0, 0.2, 10.0)])
def test_tails_end(asked_s: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(5)
    reverb = Reverb(**OPEN | decays(asked_s))
    block = rng.uniform(-1, 1, (2, 44100)).astype(np.float32)
    reverb.process(block)
    loudest = [np.abs(block).max()]
    for _ in range(int(3.2 * max(asked_s)) + 2):
        block[:] = 0
        reverb.process(block)
        loudest.append(np.abs(block).max())
    assert max(loudest[2:]) < loudest[1]
    assert loudest[-1] < 1e-6  # -120 dB: 1.5 times the longest decay, twice


def test_tails_fade_to_zero_without_denormals() -> None:
    response = respond(2.8, **decays((0.2, 0.2, 0.2)))
    assert not response[:, -17640:].any()  # after 2.4 s: -400 dB at 0.3 s for 60 dB is 2 s
    heard = np.abs(response[response != 0])
    assert heard.min() > 1.2e-38  # the smallest normal float32


@given(st.lists(st.integers(1, 700), min_size=1, max_size=30), st.floats(0, 40))
@budget(max_examples=25)
def test_blocks_do_not_change_a_bit(blocks: list[int], predelay_ms: float) -> None:
    knobs = OPEN | {"predelay_ms": predelay_ms, "sample_rate": 8000, **decays((0.5, 0.4, 0.2))}
    sound = np.random.default_rng(7).uniform(-1, 1, (2, 9000)).astype(np.float32)
    sound[:, 3000:] = 0
    whole = sound.copy()
    Reverb(**knobs).process(whole)
    pieces: list[npt.NDArray[np.float32]] = []
    reverb, start = Reverb(**knobs), 0
    while start < sound.shape[1]:
        size = blocks[len(pieces) % len(blocks)]
        piece = np.ascontiguousarray(sound[:, start : start + size])
        reverb.process(piece)
        pieces.append(piece)
        start += size
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)


def test_diffusion_raises_echo_density() -> None:
    def density(diffusion: float) -> float:
        left, _ = respond(0.3, diffusion=diffusion)
        return float(np.mean([measure_echo_density(left, 44100, at_s) for at_s in (0.05, 0.06, 0.07)]))

    assert density(0.0) + 0.1 < density(0.35) < density(0.7) - 0.1


def test_echoes_are_dense_after_a_tenth_of_a_second() -> None:
    for channel in respond(0.5):
        density = [measure_echo_density(channel, 44100, t) for t in np.arange(0.1, 0.3, 0.01)]
        assert np.mean(density) > 0.93  # 1 is Gaussian noise
        assert min(density) > 0.8


def test_the_tail_repeats_at_no_lag() -> None:
    for channel in respond(1.4, **decays((3.0, 3.0, 3.0))):
        steady = channel * 10 ** (np.arange(channel.size) / 44100)  # undoes 60 dB in 3 s
        tail = steady[4410:]
        correlation = signal.correlate(tail, tail, method="fft")[tail.size - 1 :]
        assert np.abs(correlation[132:11025]).max() / correlation[0] < 0.12  # 3 to 250 ms; Hadamard rows give 0.25


@pytest.mark.parametrize(("knob", "value", "frequency_hz"), [("low_cut_hz", 400, 200), ("high_cut_hz", 4000, 8000)])
def test_cuts_are_heard(knob: str, value: float, frequency_hz: float) -> None:
    plain, cut = respond(2), respond(2, **{knob: value})
    assert band_db(cut, 44100, frequency_hz) - band_db(plain, 44100, frequency_hz) < -11  # dB, an octave beyond
    assert abs(band_db(cut, 44100, 1300) - band_db(plain, 44100, 1300)) < 0.5  # dB, in the band that passes


@pytest.mark.parametrize(
    ("knob", "value"), [("decay_mid_s", 0.1), ("size", 3), ("width", float("nan")), ("sample_rate", 4000)]
)
def test_impossible_knobs_are_refused(knob: str, value: float) -> None:
    with pytest.raises(ValueError, match=knob):
        Reverb(**OPEN | {knob: value})


@pytest.mark.parametrize("block", [np.zeros((1, 64), np.float32), np.zeros((2, 64), np.float64)])
def test_wrong_blocks_are_refused(block: Any) -> None:
    with pytest.raises(ValueError, match="block"):
        Reverb(**OPEN).process(block)
