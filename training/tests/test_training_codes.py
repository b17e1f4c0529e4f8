"""Every code that a person can meet in training is in its documentation."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RAISED_BY = {
    "InputError", "CodecError", "PlanError", "ModelError", "OutputError", "Notice", "Failure", "Skipped", "Finding",
}  # fmt: skip
CODE = re.compile(r"[a-z_]+\.[a-z_]+")


def codes_in_source() -> set[str]:
    found = set()
    for file in (ROOT / "training" / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED_BY:
                texts = [item.value for item in node.args[:2] if isinstance(item, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}
    return found


def test_every_code_of_training_is_documented() -> None:
    names = ("training.md", "models.md", "command-line.md")
    text = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in names)
    documented = set(re.findall(rf"`({CODE.pattern})`", text))
    assert codes_in_source() <= documented


def test_the_search_for_codes_finds_them() -> None:
    assert {"dataset.bleed", "dataset.artist_leak", "song.no_singing", "song.cache"} <= codes_in_source()
