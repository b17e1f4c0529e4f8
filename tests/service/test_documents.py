"""What the documents of the service say is so: tests that they name exist, codes are those of the source."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("security.md", "service.md")}


def defined(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_threat_names_tests_that_exist() -> None:
    table = TEXT["security.md"].partition("\n|---")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(table) > 20
    for line in table:
        named = re.findall(r"`(tests/[a-z_/]+\.py)::(\w+)`", line.rpartition("|")[0].rpartition("|")[2])
        assert named, line
        for path, name in named:
            assert name in defined(path), f"{path} has no {name}"


def test_the_codes_of_problems_are_those_of_the_source() -> None:
    found = {"not_found", "method", "request.malformed", "range", "http"}
    for file in (ROOT / "src" / "sitwell" / "service").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                code = node.args[1]
                found |= {str(code.value)} if isinstance(code, ast.Constant) else set()
    section = TEXT["service.md"].partition("## Problems")[2].partition("\n## ")[0]
    documented = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", section))
    assert documented >= found, found - documented


def test_every_route_and_option_is_described() -> None:
    from typer.main import get_command

    from sitwell.cli.main import app

    options = get_command(app).commands["serve"].params  # type: ignore[attr-defined]
    for option in options:
        assert option.opts[0] in TEXT["service.md"], option.opts[0]
