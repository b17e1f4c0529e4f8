"""The engine of a cluster: what it makes is what one machine makes, also when a node is lost in the middle."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitwell.batch import Places, read_manifest, run_batch
from sitwell.engines import Failure, Local, OnRay
from tests.batch.works import Tell, outputs, results, write_sounds
from tests.clusters import cluster_of

ray: Any = pytest.importorskip("ray", reason="the engine ray needs pip install 'sitwell[ray]'")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Ray's own
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Connect to a cluster of two nodes with a core each."""
    with cluster_of(2) as cluster:
        root = str(Path(__file__).parents[2])
        ray.init(
            cluster.address, log_to_driver=False, logging_level="ERROR",
            runtime_env={"env_vars": {"PYTHONPATH": root}},
        )  # fmt: skip
        try:
            yield cluster
        finally:
            ray.shutdown()


@pytest.mark.usefixtures("cluster")
def test_a_take_costs_no_more_than_itself_and_neighbours_share(tmp_path: Path) -> None:
    items = ["a 1", "a 2", "a fails", "b breaks", "b 3", "unloadable 4"]
    found = {items[index]: result for index, result in OnRay(timeout_s=60.0).run(Tell(str(tmp_path)), items)}
    codes = {item: result.code for item, result in found.items() if isinstance(result, Failure)}
    assert codes == {"a fails": "test.fails", "b breaks": "internal", "unloadable 4": "test.load"}
    assert [found[item] for item in ("a 1", "a 2", "b 3")] == ["a 1: A", "a 2: A", "b 3: B"]
    assert len(list(tmp_path.iterdir())) == 3  # each key loaded once, wherever its items went


def test_a_lost_node_loses_nothing_and_doubles_nothing(cluster: Any, tmp_path: Path) -> None:
    manifest = write_sounds(tmp_path / "in", takes=12)
    listed = read_manifest(manifest)
    there, here = (Places(str(manifest.parent), str(tmp_path / name), "") for name in ("ray", "local"))
    victims = list(cluster.worker_nodes)[:1]

    def lose_a_node(progress: Any) -> None:
        if progress.done >= 2 and victims:
            cluster.remove_node(victims.pop(), allow_graceful=False)  # kill -9 of all its processes

    summary = run_batch(listed, there, OnRay(), max_seconds=60.0, report=lose_a_node)
    assert summary.failed == ()
    assert not victims
    assert summary.done == 12
    assert [record["id"] for record in results(tmp_path / "ray")] == [f"t{number}" for number in range(12)]
    assert run_batch(listed, here, Local(1), max_seconds=60.0).done == 12
    assert outputs(tmp_path / "ray") == outputs(tmp_path / "local")
    plans = [{str(record["id"]): record["plan"] for record in results(tmp_path / name)} for name in ("ray", "local")]
    assert plans[0] == plans[1]
