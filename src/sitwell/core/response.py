"""Closed forms on arrays: the response of filter sections, and energies as LUFS."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def response_db(sections: Floats, *, sample_rate: float, frequencies_hz: npt.ArrayLike) -> Floats:
    """Compute the magnitude (n,) in dB of sections (k, 5) in series at frequencies (n,).

    From |b0 + b1 z + b2 z²|² written in sin²(w/2), which stays exact at low frequencies (RBJ cookbook).
    """
    sections = np.atleast_2d(np.asarray(sections, dtype=np.float64))
    if sections.shape[1] != 5:
        raise ValueError(f"sections must be float64 of shape (k, 5), got {sections.shape}")
    hz = np.asarray(frequencies_hz, dtype=np.float64)
    phi = np.sin(np.pi * hz / sample_rate)[:, None] ** 2  # (n, 1)
    b0, b1, b2, a1, a2 = sections.T
    power = _power(b0, b1, b2, phi) / _power(np.ones_like(a1), a1, a2, phi)
    tiny = np.finfo(np.float64).tiny
    return np.asarray(10 * np.log10(np.maximum(power, tiny)).sum(axis=1))


def energies_lufs(energy: npt.ArrayLike) -> Floats:
    """Convert K-weighted energies of any shape to LUFS; -inf for 0 (BS.1770-5, eq. 2)."""
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(np.asarray(energy, dtype=np.float64)) - 0.691)


def _power(c0: Floats, c1: Floats, c2: Floats, phi: Floats) -> Floats:
    total = c0 + c1 + c2
    return np.asarray(total**2 - 4 * (c0 * c1 + 4 * c0 * c2 + c1 * c2) * phi + 16 * c0 * c2 * phi**2)
