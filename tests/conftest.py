"""What all tests share: real audio, the programs used as oracles, stored results; no sound of its own."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
CI = os.environ.get("CI", "").lower() == "true"

hypothesis.settings.register_profile("sitwell", deadline=None, derandomize=CI, print_blob=True)
hypothesis.settings.load_profile("sitwell")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--write-golden`: accept today's results as the stored ones."""
    parser.addoption("--write-golden", action="store_true", help="store results instead of comparing them")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run, with a reason; in continuous integration programs must be there."""
    if item.get_closest_marker("audio_data") and not data_folder().is_dir():
        pytest.skip(f"no real audio at {data_folder()}; set SITWELL_DATA")
    if item.get_closest_marker("browser"):
        _program("chromium")


def data_folder() -> Path:
    """Say where real audio is: SITWELL_DATA, or `../shared/data` beside the project."""
    return Path(os.environ.get("SITWELL_DATA") or ROOT.parent / "shared" / "data")


@pytest.fixture(scope="session")
def data() -> Path:
    """Give the folder with real audio."""
    if not data_folder().is_dir():
        pytest.skip(f"no real audio at {data_folder()}; set SITWELL_DATA")
    return data_folder()


@pytest.fixture(scope="session")
def ffmpeg() -> str:
    """Give the path of ffmpeg, an oracle."""
    return _program("ffmpeg")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of Chromium."""
    return _program("chromium")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Any], Any]:
    """Give a call that returns the stored JSON of a name, after storing `found` when asked to."""

    def stored(name: str, found: Any) -> Any:
        path = GOLDEN / f"{name}.json"
        if request.config.getoption("--write-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return json.loads(path.read_text(encoding="utf-8"))

    return stored


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None and CI:
        pytest.fail(f"{name} is missing; tools/setup-system {name} installs it")
    if found is None:
        pytest.skip(f"{name} is not installed; tools/setup-system {name} installs it")
    return found
