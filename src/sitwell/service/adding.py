"""Adds one backing to a tenant's catalogue, in a process of its own: `python -m sitwell.service.adding`.

Measuring a song takes a second of CPU time, which the process that answers requests does not have. What to do comes on
stdin, what came of it goes to stdout, both as JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

from sitwell import io
from sitwell.errors import SitwellError
from sitwell.service import backings
from sitwell.service.settings import Settings


def main() -> None:
    """Do it."""
    asked = json.loads(sys.stdin.read())
    settings, path = Settings.from_json(asked["settings"]), Path(asked["path"])
    try:
        answer = _added(settings, path, **asked["backing"])
    except SitwellError as error:
        answer = {"code": error.code, "detail": error.message.replace(str(path), asked["backing"]["name"])}
    print(json.dumps(answer))


def _added(settings: Settings, path: Path, *, tenant: str, id: str, name: str, replace: bool) -> dict[str, Any]:
    with io.Guard(settings.limits) as guard:

        def read(file: Path, **options: Any) -> Any:
            return guard.read(file, name=name, **options)

        entry = backings.own(settings, tenant).add(path, id=id, name=name, replace=replace, read=read)
    return {"id": entry.id}


if __name__ == "__main__":
    main()
