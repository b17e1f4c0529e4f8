"""Types of the compiled extension.

Blocks are float32, C-contiguous, (channels, samples), and are changed in place; another type or shape raises
ValueError. State is float64. The sizes of the blocks do not change a bit of any result.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

def elementary(name: str, x: Floats) -> Floats:
    """Apply one of the core's own elementary functions, e.g. "sin" or "fast_log2", to x (n,)."""

def design_highpass(*, sample_rate: float, frequency_hz: float, q: float) -> Floats:
    """Design a second-order high-pass: [b0 b1 b2 a1 a2], a0 = 1 (RBJ, Audio EQ Cookbook)."""

def design_lowpass(*, sample_rate: float, frequency_hz: float, q: float) -> Floats:
    """Design a second-order low-pass: [b0 b1 b2 a1 a2], a0 = 1 (RBJ, Audio EQ Cookbook)."""

def design_bell(*, sample_rate: float, frequency_hz: float, gain_db: float, q: float) -> Floats:
    """Design a peaking band: [b0 b1 b2 a1 a2], a0 = 1 (RBJ, Audio EQ Cookbook)."""

def design_low_shelf(*, sample_rate: float, frequency_hz: float, gain_db: float, q: float) -> Floats:
    """Design a low shelf: [b0 b1 b2 a1 a2], a0 = 1 (RBJ, Audio EQ Cookbook)."""

def design_high_shelf(*, sample_rate: float, frequency_hz: float, gain_db: float, q: float) -> Floats:
    """Design a high shelf: [b0 b1 b2 a1 a2], a0 = 1 (RBJ, Audio EQ Cookbook)."""

class Biquads:
    """Second-order sections (k, 5) in series, at most 16, on 1 to 8 channels."""

    def __init__(self, sections: Floats, channels: int) -> None: ...
    def process(self, block: Block) -> None:
        """Filter a block in place."""

class Compressor:
    """Soft-knee feed-forward compressor, channels linked on the largest magnitude.

    Gain computer and smooth decoupled detector of Giannoulis, Massberg and Reiss, JAES 60(6), 2012.
    """

    def __init__(
        self,
        *,
        sample_rate: float,
        threshold_db: float,
        ratio: float,
        knee_db: float,
        attack_ms: float,
        release_ms: float,
        makeup_db: float,
    ) -> None: ...
    def process(self, block: Block, gain_db: Block | None = None) -> None:
        """Compress a block in place; gain_db (samples,) receives the gain, <= 0, before makeup."""

def compressor_gain_db(
    levels_db: Block,
    *,
    rate_hz: float,
    threshold_db: float,
    ratio: float,
    knee_db: float,
    attack_ms: float,
    release_ms: float,
) -> Block:
    """Compute the gain (n,), <= 0 dB, for levels (n,) in dBFS at any rate, by the code of Compressor."""

class Reverb:
    """Sixteen-line feedback delay network: dry stereo in, wet stereo only out.

    A mono input gives a return of its own power, before the two cuts, whatever decay, size and width.
    Jot and Chaigne, "Digital delay networks for designing artificial reverberators", AES 90, 1991.
    """

    def __init__(
        self,
        *,
        sample_rate: float,
        decay_low_s: float,
        decay_mid_s: float,
        decay_high_s: float,
        damping_hz: float,
        predelay_ms: float,
        size: float,
        diffusion: float,
        low_cut_hz: float,
        high_cut_hz: float,
        width: float,
    ) -> None: ...
    def process(self, block: Block) -> None:
        """Replace a dry block (2, samples) by the wet one."""

    @property
    def reference_hz(self) -> tuple[float, float, float]:
        """Where the three decay times hold: 100 Hz, 1 kHz, and 8 kHz or 0.4 of the sample rate."""

    @property
    def decay_s(self) -> tuple[float, float, float]:
        """Decay times as designed: what was asked for, or the nearest that are stable.

        At no frequency does sound decay more slowly than 1.5 times the longest time asked for.
        """

    @property
    def line_samples(self) -> npt.NDArray[np.int64]:
        """Lengths (16,) of the delay lines."""

    @property
    def absorption(self) -> Floats:
        """Filter of one pass through each line (16, 5), [b c1 a1 c2 a2].

        It is (b + c1 / (z + a1)) (1 + c2 / (z + a2)).
        """

class Limiter:
    """True-peak limiter with look-ahead, 1 to 8 channels linked.

    Feed `latency_samples` zeros after the last sample to get all of it out.
    """

    def __init__(
        self,
        *,
        sample_rate: float,
        channels: int,
        ceiling_dbtp: float,
        lookahead_ms: float,
        release_ms: float,
    ) -> None: ...
    @property
    def latency_samples(self) -> int: ...
    @property
    def max_reduction_db(self) -> float:
        """Largest reduction so far, >= 0."""

    def process(self, block: Block) -> None:
        """Limit a block in place; what comes out is late by latency_samples."""

class Quantizer:
    """Float to 16 bits with triangular dither of one step; frames of exact silence stay silent."""

    def __init__(self, seed: int = 0) -> None: ...
    def process(self, block: Block) -> npt.NDArray[np.int16]:
        """Make int16 (samples, channels) of a block."""

class BandPowers:
    """Band powers of stereo frames, by a short-time Fourier transform in float32.

    `window` (n_fft,) and `weights` (n_fft / 2, bands), the share of each bin 1..n_fft / 2 in each band, of the
    folded power |Z(k)|^2 + |Z(N-k)|^2 = 2 (|L(k)|^2 + |R(k)|^2).
    """

    def __init__(self, window: Block, weights: Block) -> None: ...
    def process(self, block: Block, hop_length: int) -> Block:
        """Return (frames, bands) for the whole frames within a block (2, samples), which is left as it is."""

class Meter:
    """Loudness energies and peaks in one pass (BS.1770-5), 1 to 5 channels in the order L R C Ls Rs."""

    def __init__(self, *, sample_rate: int, channels: int) -> None: ...
    def process(self, block: Block) -> Floats:
        """Return the K-weighted energy of each 100 ms piece completed: (k,), sum of weighted mean squares."""

    @property
    def true_peak(self) -> float:
        """Largest magnitude between samples so far (linear), as if silence followed."""

    @property
    def sample_peak(self) -> float:
        """Largest magnitude of a sample so far (linear)."""

class CrossMeter:
    """K-weighted cross energies of 1 to 8 stereo signals; the diagonal equals Meter's energies."""

    def __init__(self, *, sample_rate: int, signals: int) -> None: ...
    def process(self, blocks: Sequence[Block]) -> Floats:
        """Return the cross energies (k, signals, signals) of each 100 ms piece completed."""

class Envelope:
    """Peak and loudness over time at a fixed hop, for 1 or 2 channels."""

    def __init__(self, *, sample_rate: int, hop_samples: int) -> None: ...
    def process(self, block: Block) -> Floats:
        """Return (k, 2) for the hops completed: largest magnitude, and K-weighted energy as Meter's."""

class Plateaus:
    """Where one channel is flat: runs of 3 to 999 equal samples that are not zero."""

    def __init__(self) -> None: ...
    def process(self, samples: npt.NDArray[np.float32]) -> Floats:
        """Take samples (n,); return (k, 4) for the runs that ended: magnitude, falls, length.

        The falls are those on the gentler and on the steeper side, towards zero; negative where the signal rises.
        """

def integrated_lufs(energies: Floats) -> float:
    """Measure gated loudness from 100 ms energies (n,); -inf when silent (BS.1770-5, EBU Tech 3341)."""

def loudness_range_lu(energies: Floats) -> float:
    """Measure the loudness range from 100 ms energies (n,); 0 when shorter than 3 s (EBU Tech 3342)."""

def momentary_lufs(energies: Floats) -> Floats:
    """Loudness of each full 400 ms window, hop 100 ms: (n - 3,); -inf when silent."""

def short_term_lufs(energies: Floats) -> Floats:
    """Loudness of each full 3 s window, hop 100 ms: (n - 29,); -inf when silent."""
