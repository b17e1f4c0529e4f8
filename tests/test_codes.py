"""Every code that a person can meet is in the documentation, and nothing else is."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
RAISED_BY = {"InputError", "CodecError", "PlanError", "ModelError", "OutputError", "Notice", "_fail", "Failure"}


def codes_in_source() -> set[str]:
    found = set()
    for file in (ROOT / "src" / "sitwell").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED_BY:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


def test_documented_codes_are_those_of_the_source() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8").partition("## Codes")[2]
    documented = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", text))
    assert documented == codes_in_source()
