"""The core compiles without a C or C++ library, as the WebAssembly build needs it."""

import shutil
import subprocess
from pathlib import Path

import pytest

INCLUDE = Path(__file__).parents[2] / "core" / "include"
ALLOWED = {"memcpy", "memset", "memmove"}  # what compilers call on their own; a few lines in any build
FLAGS = [
    "-std=c++20", "-O2", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-nostdinc++", "-ffp-contract=off",
    "-fno-math-errno", "-fno-trapping-math", "-fno-threadsafe-statics", "-Wall", "-Wextra", "-Werror", "-Wno-psabi",
]  # fmt: skip
USE_ALL = """
extern "C" void use_all(double* numbers, float* block, float* const* blocks, int16_t* steps, unsigned long frames) {
  using namespace sitwell;
  const Section sections[2] = {design_bell(numbers[0], 100, 3, 1), design_high_shelf(numbers[0], 5000, -2, 0.7)};
  Biquads biquads(sections, 2, 2);
  biquads.process(block, frames);
  const CompressorSettings settings{numbers[1], 3, 6, 5, 100};
  Compressor compressor(numbers[0], settings, 2);
  compressor.process(block, 2, frames, nullptr);
  compressor_gain_db(settings, 1000, block, block, frames);
  const LimiterSettings limits{numbers[0], -1, 2, 100, 2};
  numbers[2] = static_cast<double>(Limiter::memory_needed(limits));
  Limiter limiter(limits, numbers + 10);
  limiter.process(block, frames);
  numbers[3] = limiter.max_reduction_db();
  Meter meter(48000, 2);
  const unsigned long count = meter.process(block, frames, numbers + 10);
  numbers[4] = integrated_lufs(numbers + 10, count) + meter.true_peak();
  numbers[5] = loudness_range_lu(numbers + 10, count, numbers + 1000);
  numbers[6] = math::sin(numbers[0]) + math::tan(numbers[1]) + math::log2(numbers[2]);
  CrossMeter cross(48000, 2);
  cross.process(blocks, frames, numbers + 10);
  Envelope envelope(48000, 480);
  envelope.process(block, 2, frames, numbers + 10);
  Plateaus plateaus;
  plateaus.process(block, frames, numbers + 10);
  Quantizer quantizer(1);
  quantizer.process(block, 2, frames, steps);
}
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile one file that includes every header and uses every class but the reverb."""
    folder = tmp_path_factory.mktemp("freestanding")
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None or shutil.which("nm") is None:
        pytest.skip("no C++ compiler here")
    headers = sorted(path.relative_to(INCLUDE) for path in INCLUDE.glob("sitwell/*.hpp"))
    source, target = folder / "all.cpp", folder / "all.o"
    source.write_text("".join(f'#include "{header}"\n' for header in headers) + USE_ALL)
    run = subprocess.run(
        [compiler, *FLAGS, f"-I{INCLUDE}", "-c", str(source), "-o", str(target)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return target


def test_headers_need_no_library(compiled: Path) -> None:
    listed = subprocess.run(["nm", "--undefined-only", str(compiled)], capture_output=True, text=True, check=True)
    undefined = {line.split()[-1] for line in listed.stdout.splitlines()} - {"_GLOBAL_OFFSET_TABLE_"}
    assert undefined <= ALLOWED


def test_nothing_is_initialised_before_main(compiled: Path) -> None:
    """Tables are made by the compiler; a browser would otherwise have to run constructors first."""
    listed = subprocess.run(["nm", str(compiled)], capture_output=True, text=True, check=True)
    assert "_GLOBAL__sub_I" not in listed.stdout
