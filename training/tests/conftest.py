"""What tests of training share with all other tests: real audio and what to do without it."""

from tests.conftest import data, pytest_runtest_setup

__all__ = ["data", "pytest_runtest_setup"]
