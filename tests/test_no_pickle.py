"""No file that comes from elsewhere can be code: nothing in the product unpickles."""

import ast
import io
from pathlib import Path

import numpy as np
import pytest

SOURCES = sorted((Path(__file__).parents[1] / "src" / "sitwell").rglob("*.py"))
PICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def offences(text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                found += [name.name for name in names if name.name.partition(".")[0] in PICKLERS]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in PICKLERS:
                found.append(module)
            case ast.keyword(arg="allow_pickle", value=ast.Constant(value=False)):
                pass
            case ast.keyword(arg="allow_pickle"):
                found.append("allow_pickle")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_nothing_in_the_product_unpickles(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", ["import pickle", "from joblib import load", "np.load(x, allow_pickle=True)"])
def test_an_offence_is_found(text: str) -> None:
    assert offences(text)


def test_numpy_unpickles_nothing_unless_told() -> None:
    file = io.BytesIO()
    np.save(file, np.array([{"code": 1}], dtype=object), allow_pickle=True)
    file.seek(0)
    with pytest.raises(ValueError, match="allow_pickle"):
        np.load(file)
