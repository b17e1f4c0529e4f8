"""The API against its own description: schemathesis sends what fits and what does not, to every route."""

import tempfile
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck

from sitwell.service.settings import Settings
from tests.service.conftest import Here

_FOLDER = tempfile.TemporaryDirectory(prefix="sitwell-schema-")  # the routes must be known before tests are listed
HERE = Here(Settings(data=Path(_FOLDER.name), min_free_mb=0, requests_per_s=1e6, wait_s=0.01), tenant="operator")
BEYOND = ("/v1/mixes", "/v1/catalog/{backing_id}")  # where sounds are sent
schema = schemathesis.openapi.from_asgi("/openapi.json", HERE.app)
# Parameters that nobody described are ignored, as HTTP has it, and the key is the test's own.
schema.config.generation.update(allow_extra_parameters=False, with_security_parameters=False)


@schema.parametrize()
@hypothesis.settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_answer_fits_the_description(case: Any) -> None:
    # What sounds and wishes must be, beyond their types, no schema tells: they may be refused, in words.
    beyond = [schemathesis.checks.positive_data_acceptance] if case.path in BEYOND else []
    case.call_and_validate(headers=HERE.headers, excluded_checks=beyond)
