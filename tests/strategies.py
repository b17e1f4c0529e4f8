"""Random values for property tests, derived from the declarations of the knobs."""

from typing import Any, TypeVar

from hypothesis import strategies as st

from sitwell.value import Value

V = TypeVar("V", bound=Value)


def settings_of(value_type: type[V]) -> st.SearchStrategy[V]:
    """Draw a value with every knob and switch anywhere in its range."""
    draws = {
        path: st.booleans() if knob is None else st.floats(knob.low, knob.high)
        for path, knob in value_type.knobs().items()
    }
    return st.fixed_dictionaries(draws).map(lambda flat: value_type.from_dict(_nested(flat)))


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        *folders, name = path.split(".")
        branch = tree
        for folder in folders:
            branch = branch.setdefault(folder, {})
        branch[name] = value
    return tree
