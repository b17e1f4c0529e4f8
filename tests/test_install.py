"""A clean environment: the built wheel installs with its declared dependencies alone and works."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [str(part) for part in command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pip = (sys.executable, "-m", "pip")
    run(*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "wheels",
        f"--config-settings=build-dir={tmp_path / 'build'}", ROOT)  # fmt: skip
    wheel = next((tmp_path / "wheels").glob("sitwell-*.whl"))
    page = [name for name in ZipFile(wheel).namelist() if name.startswith("sitwell/studio/static/")]
    assert "sitwell/studio/static/index.html" in page, "build the page first: make web"
    assert any(name.endswith(".wasm") for name in page)
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    fresh = tmp_path / "venv" / "bin"
    run(fresh / "python", "-m", "pip", "install", "--quiet", wheel)
    assert "everything works" in run(fresh / "sitwell", "doctor")
    assert '"schema_version"' in run(fresh / "sitwell", "schema")
