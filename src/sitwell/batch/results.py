"""What came of a batch: a record for each take as soon as it is known, and at the end one list of them all.

results.jsonl           one record a line, in the order of the manifest: written when a run ends
records/7f/ID.json      a record, written beside its result: what a run that was killed leaves behind
mixes/3c/ID-KEY.wav     a result, named by all that it is made of
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sitwell.errors import InputError
from sitwell.storage import Folder
from sitwell.value import Json

RESULTS = "results.jsonl"


def record_name(id: str) -> str:
    """Name the file of a record; folders are kept small."""
    return f"records/{hashlib.sha256(id.encode()).hexdigest()[:2]}/{id}.json"


def read_records(output: Folder) -> dict[str, Json]:
    """Read what earlier runs left, by id; records of their own are newer than the list."""
    found: dict[str, Json] = {}
    if output.exists(RESULTS):
        for line in output.read(RESULTS).decode("utf-8", "replace").splitlines():
            _keep(found, line)
    for shard in output.names("records"):
        for name in output.names(f"records/{shard}"):
            if name.endswith(".json") and not name.startswith("."):
                _keep(found, output.read(f"records/{shard}/{name}").decode("utf-8", "replace"))
    return found


def write_results(output: Folder, ids: Iterable[str], records: dict[str, Json]) -> None:
    """Write the list of all records, those of `ids` first and in this order, and remove what it replaces."""
    ordered = {id: records[id] for id in ids if id in records} | records
    lines = (json.dumps(record, ensure_ascii=False, allow_nan=False) for record in ordered.values())
    output.write(RESULTS, "".join(f"{line}\n" for line in lines).encode())
    output.remove("records")


def _keep(found: dict[str, Json], text: str) -> None:
    """Keep a record; a damaged one is as good as none, and the take is done again."""
    try:
        record: Any = json.loads(text)
        if isinstance(record["id"], str) and isinstance(record["status"], str):
            found[record["id"]] = record
    except (ValueError, KeyError, TypeError, RecursionError, InputError):
        return
