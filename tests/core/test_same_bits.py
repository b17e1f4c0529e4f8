"""Every instruction set gives the same bits: AVX2 code, vectorized, and baseline code that is not."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

INCLUDE = Path(__file__).parents[2] / "core" / "include"
FLAGS = ["-std=c++20", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
BUILDS = {"as shipped": ["-O3"], "baseline": ["-O1", "-DSITWELL_MULTIVERSION=0"]}
PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include "sitwell/compressor.hpp"
#include "sitwell/crossmeter.hpp"
#include "sitwell/envelope.hpp"
#include "sitwell/limiter.hpp"
#include "sitwell/loudness.hpp"
#include "sitwell/quantizer.hpp"
using namespace sitwell;
static uint64_t hash = 14695981039346656037u;
template <class T> void see(const char* name, const T* values, size_t count) {
  const unsigned char* bytes = reinterpret_cast<const unsigned char*>(values);
  for (size_t i = 0; i < count * sizeof(T); ++i) hash = (hash ^ bytes[i]) * 1099511628211u;  // FNV-1a
  printf("%s %016llx\\n", name, static_cast<unsigned long long>(hash));
}
int main() {
  constexpr size_t frames = 30000;
  static float block[2 * frames], gain_db[frames];
  static double out[8000];
  static int16_t steps[2 * frames];
  uint32_t state = 1;
  for (float& x : block) {
    state = state * 1664525u + 1013904223u;
    x = static_cast<float>(static_cast<int32_t>(state)) * 0x1p-31f;
  }
  Section sections[7];
  for (int k = 0; k < 7; ++k) sections[k] = design_bell(44100, 50 << k, k - 3.3, 0.5 + k);
  Biquads(sections, 7, 2).process(block, frames);
  see("biquads", block, 2 * frames);
  Meter meter(44100, 2);
  see("energies", out, meter.process(block, frames, out));
  const float peaks[2] = {meter.true_peak(), meter.sample_peak()};
  see("peaks", peaks, 2);
  const float* signals[2] = {block, block};
  CrossMeter cross(44100, 2);
  see("cross", out, 4 * cross.process(signals, frames, out));
  Envelope envelope(44100, 100);
  see("envelope", out, 2 * envelope.process(block, 2, frames, out));
  Compressor(44100, {-20, 3, 6, 3, 80}, 4).process(block, 2, frames, gain_db);
  see("compressor", block, 2 * frames);
  see("gain", gain_db, frames);
  const LimiterSettings limits{44100, -6, 2, 60, 2};
  Limiter limiter(limits, calloc(Limiter::memory_needed(limits), 1));
  limiter.process(block, frames);
  see("limiter", block, 2 * frames);
  Quantizer(3).process(block, 2, frames, steps);
  see("quantizer", steps, 2 * frames);
}
"""


@pytest.fixture(scope="module")
def hashes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Compile and run one program in two ways."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler here")
    folder = tmp_path_factory.mktemp("bits")
    (folder / "bits.cpp").write_text(PROGRAM)
    found = {}
    for name, flags in BUILDS.items():
        target = os.fspath(folder / "bits")
        command = [compiler, *FLAGS, *flags, f"-I{INCLUDE}", os.fspath(folder / "bits.cpp"), "-o", target]
        subprocess.run(command, check=True)
        found[name] = subprocess.run([target], capture_output=True, text=True, check=True).stdout
    return found


def test_builds_agree_to_the_bit(hashes: dict[str, str]) -> None:
    assert hashes["baseline"].splitlines() == hashes["as shipped"].splitlines()
