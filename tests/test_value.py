"""Values: one declaration gives validation, JSON, schema, paths and scales, and a wrong input is named."""

import dataclasses
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitwell.errors import PlanError
from sitwell.knob import Knob, knob, switch
from sitwell.value import Value, walk


@dataclass(frozen=True)
class Lamp(Value):
    """A lamp."""

    enabled: bool = switch(True, doc="off is dark")
    power_w: float = knob(40.0, 10.0, 100.0, unit="W", doc="how bright", step=0.5)
    colour_k: float = knob(2700.0, 1000.0, 10000.0, unit="K", scale="log", step=10.0, doc="how cold")


@dataclass(frozen=True)
class Room(Value):
    """A room with a lamp."""

    name: str
    lamp: Lamp = Lamp()
    level_db: float = knob(0.0, -60.0, 20.0, unit="dB", doc="how loud")
    seats: int = 2
    height_m: float | None = None
    notes: tuple[str, ...] = ()


def test_a_change_makes_a_new_value() -> None:
    lamp = Lamp()
    assert lamp.replace(power_w=60.0).power_w == 60.0
    assert lamp.power_w == 40.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        lamp.power_w = 60.0  # type: ignore[misc]


def test_whole_numbers_become_floats() -> None:
    assert isinstance(Lamp(power_w=60).power_w, float)


@pytest.mark.parametrize(
    "power_w",
    [9.99, 100.0001, math.nan, math.inf, -math.inf, 10**400, -(10**400)],
    ids=lambda number: str(number)[:6],
)
def test_a_value_out_of_range_is_refused_with_the_range(power_w: float) -> None:
    with pytest.raises(PlanError, match=r"power_w.*10 to 100 W.*\[plan\.range\]"):
        Lamp(power_w=power_w)


def test_the_refused_value_is_told_exactly() -> None:
    with pytest.raises(PlanError, match=r"is 100\.0001;"):
        Lamp(power_w=100.0001)


@pytest.mark.parametrize("power_w", ["bright", None, True, [40.0], {"w": 40}])
def test_a_value_of_the_wrong_type_is_refused(power_w: object) -> None:
    with pytest.raises(PlanError, match=r"plan\.type"):
        Lamp.from_dict({"power_w": power_w})


@pytest.mark.parametrize(
    ("data", "code", "named"),
    [
        ({"name": "a", "lamp": {"power_w": 5}}, "plan.range", "lamp.power_w"),
        ({"name": "a", "lamp": {"power": 5}}, "plan.unknown", "lamp.power; did you mean power_w"),
        ({"name": "a", "lamp": 3}, "plan.type", "lamp must be an object"),
        ({"name": 3}, "plan.type", "name must be of type str"),
        ({"name": "a", "seats": 2.5}, "plan.type", "seats"),
        ({"name": "a", "seats": True}, "plan.type", "seats"),
        ({"name": "a", "height_m": "tall"}, "plan.type", "height_m"),
        ({"name": "a", "notes": "abc"}, "plan.type", "notes"),
        ({"name": "a", "notes": ["a", 1]}, "plan.type", r"notes\[1\]"),
        ({"lamp": {}}, "plan.missing", "name is missing"),
        ([], "plan.type", "must be an object"),
    ],
)
def test_wrong_json_is_refused_by_code_and_path(data: object, code: str, named: str) -> None:
    with pytest.raises(PlanError, match=named) as caught:
        Room.from_dict(data)
    assert caught.value.code == code


def test_missing_fields_take_their_defaults() -> None:
    assert Room.from_dict({"name": "a", "lamp": {"power_w": 50}}) == Room("a", Lamp(power_w=50.0))


def test_json_types_come_back_equal() -> None:
    room = Room("a", Lamp(enabled=False, power_w=12.5), -3.0, 4, 2.5, ("x", "y"))
    assert Room.from_dict(room.to_dict()) == room
    assert room.to_dict()["notes"] == ["x", "y"]


def test_infinity_is_written_as_null() -> None:
    assert Room("a", height_m=-math.inf).to_dict()["height_m"] is None


def test_knobs_lists_every_path_in_reading_order() -> None:
    assert list(Room.knobs()) == ["lamp.enabled", "lamp.power_w", "lamp.colour_k", "level_db"]
    assert Room.knobs()["lamp.enabled"] is None
    assert Room.knobs()["lamp.power_w"] == Knob(10.0, 100.0, "W", "how bright", "linear", 0.5)


def test_set_reaches_into_parts() -> None:
    room = Room("a").set("lamp.power_w", "75")
    assert room.get("lamp.power_w") == 75.0
    assert room.set("lamp.power_w", 40.0) == Room("a")


@pytest.mark.parametrize(
    ("text", "on"),
    [("on", True), ("TRUE", True), ("1", True), ("off", False), ("False", False), ("0", False)],
)
def test_switches_understand_words(text: str, on: bool) -> None:
    assert Lamp(enabled=not on).set("enabled", text).enabled is on


@pytest.mark.parametrize(
    ("path", "value", "code", "named"),
    [
        ("lamp.powr_w", "1", "plan.path", "did you mean lamp.power_w"),
        ("lamp", "1", "plan.path", "'lamp'"),
        ("name", "b", "plan.path", "'name'"),
        ("", "1", "plan.path", "known: lamp.enabled"),
        ("lamp.power_w.x", "1", "plan.path", "lamp.power_w"),
        ("lamp.power_w", "loud", "plan.type", "a number from 10 to 100 W, got 'loud'"),
        ("lamp.power_w", None, "plan.type", "null"),
        ("lamp.power_w", "nan", "plan.range", "nan"),
        ("lamp.power_w", "101", "plan.range", "lamp.power_w is 101; allowed are 10 to 100 W"),
        ("lamp.enabled", "maybe", "plan.type", "give on or off"),
        ("lamp.enabled", 1, "plan.type", "lamp.enabled"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong(path: str, value: object, code: str, named: str) -> None:
    with pytest.raises(PlanError, match=named) as caught:
        Room("a").set(path, value)
    assert caught.value.code == code


def test_rounding_reaches_every_part() -> None:
    room = Room("a", Lamp(power_w=33.3, colour_k=2718.0), level_db=-1.23456)
    assert room.rounded() == Room("a", Lamp(power_w=33.5, colour_k=2720.0), level_db=-1.23)


@given(st.floats(10.0, 100.0))
def test_rounding_twice_is_rounding_once(power_w: float) -> None:
    once = Lamp(power_w=power_w).rounded()
    assert once.rounded() == once
    assert abs(once.power_w - power_w) <= 0.25 + 1e-9  # W, half a step


@pytest.mark.parametrize("declared", [Knob(0.3, 0.9, "", ""), Knob(0.1, 100.0, "", "", "log")])
@given(position=st.floats(0.0, 1.0))
def test_positions_stay_in_range_and_come_back(declared: Knob, position: float) -> None:
    value = declared.from_unit(position)
    assert declared.low <= value <= declared.high
    assert declared.to_unit(value) == pytest.approx(position, abs=1e-9)  # of the whole travel


def test_the_middle_of_a_log_scale_is_the_geometric_mean() -> None:
    assert Knob(10.0, 1000.0, "Hz", "", "log").from_unit(0.5) == pytest.approx(100.0)


def test_the_schema_carries_range_unit_scale_and_default() -> None:
    schema = Room.schema()
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["lamp"]["properties"]["colour_k"] == {
        "type": "number", "minimum": 1000.0, "maximum": 10000.0, "default": 2700.0,
        "description": "how cold", "x-unit": "K", "x-scale": "log", "x-step": 10.0,
    }  # fmt: skip
    assert schema["properties"]["lamp"]["properties"]["enabled"] == {
        "type": "boolean", "description": "off is dark", "default": True
    }  # fmt: skip
    assert schema["properties"]["height_m"] == {"type": ["number", "null"]}
    assert schema["properties"]["notes"] == {"type": "array", "items": {"type": "string"}}


def test_walk_visits_the_outermost_first() -> None:
    room = Room("a")
    assert list(walk(room)) == [("", room), ("lamp", room.lamp)]
