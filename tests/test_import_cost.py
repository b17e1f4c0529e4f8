"""What starting Sitwell must not cost: libraries that load slowly are not loaded before they are needed."""

import subprocess
import sys

import pytest

HEAVY = {"soundfile", "soxr", "av", "typer", "click", "rich", "onnxruntime"}
FORBIDDEN = {"cma", "scipy", "numba", "torch", "pydantic", "matplotlib", "stempeg", "pyebur128"}


def _loaded_by(statement: str) -> set[str]:
    """Run a statement in a fresh interpreter and name the top-level modules it loaded."""
    program = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_sitwell_loads_no_library_it_may_not_need() -> None:
    assert not _loaded_by("import sitwell") & (HEAVY | FORBIDDEN)


def test_importing_plans_loads_no_library_it_may_not_need() -> None:
    assert not _loaded_by("import sitwell.plan, sitwell.wishes") & (HEAVY | FORBIDDEN)


@pytest.mark.parametrize("module", ["sitwell.pipeline", "sitwell.cli.main"])
def test_nothing_on_the_way_to_a_mix_loads_a_slow_library(module: str) -> None:
    assert not _loaded_by(f"import {module}") & FORBIDDEN
