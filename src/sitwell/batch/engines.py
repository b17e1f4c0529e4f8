"""Engines by name, as doors offer them."""

from sitwell.batch.engine import Engine
from sitwell.batch.local import Local
from sitwell.batch.on_ray import OnRay
from sitwell.errors import PlanError

ENGINES = ("local", "ray")


def choose_engine(
    name: str, *, address: str | None = None, workers: int | None = None, timeout_s: float | None = None
) -> Engine:
    """Choose an engine; PlanError `batch.engine`."""
    match name:
        case "ray":
            return OnRay(address, workers, timeout_s)
        case "local" if address is None:
            return Local(workers, timeout_s)
        case "local":
            raise PlanError("batch.engine", "--address is that of a Ray cluster; add --engine ray")
        case _:
            raise PlanError("batch.engine", f"unknown engine {name!r}; known: {', '.join(ENGINES)}")
