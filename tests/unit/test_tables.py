"""Rows from YAML: what does not fit is told by place, expected and received."""

from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from sidebyside import _tables as tables
from sidebyside._tables import Count, Some, Text, YesNo


@tables.row
class Part:
    what: Text
    minutes: Count = 0


@tables.row
class Whole:
    id: Annotated[str, tables.like("[a-z]+", "small letters")]
    kind: Literal["one", "two"]
    parts: Some[Part]
    names: dict[Literal["a", "b"], Text] = field(default_factory=dict)
    open: YesNo = False
    first: Part | None = None


GOOD: dict[str, Any] = {"id": "x", "kind": "one", "parts": [{"what": "A."}]}


def test_a_good_row_has_its_types_and_defaults() -> None:
    found = tables.make(Whole, {**GOOD, "open": True}, "t.yaml: x")
    assert found == Whole("x", "one", (Part("A.", 0),), {}, True)
    assert found.parts[0].minutes == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"id": "X1"}, "id: expected small letters, received 'X1'"),
        ({"id": "x\n"}, "id: expected small letters, received 'x\\n'"),
        ({"id": 3}, "id: expected a text, received 3"),
        ({"kind": "three"}, "kind: expected 'one' or 'two', received 'three'"),
        ({"parts": []}, "parts: expected one at least, received []"),
        ({"parts": "A."}, "parts: expected a list, received 'A.'"),
        ({"parts": [{"what": " "}]}, "parts 1: what: expected a text, received ' '"),
        (
            {"parts": [*GOOD["parts"], {"minutes": 1}]},
            "parts 2: expected a field 'what', received ['minutes']",
        ),
        (
            {"parts": [{"what": "A.", "why": "B."}]},
            "parts 1: expected no field but ['what', 'minutes'], received 'why'",
        ),
        (
            {"parts": ["A."]},
            "parts 1: expected a mapping with some of ['what', 'minutes'], "
            "received 'A.'",
        ),
        (
            {"first": {"what": "A.", "why": "B."}},
            "first: expected no field but ['what', 'minutes'], received 'why'",
        ),
        (
            {"parts": [{"what": "A.", "minutes": True}]},
            "parts 1: minutes: expected a whole number, received True",
        ),
        (
            {"parts": [{"what": "A.", "minutes": -1}]},
            "parts 1: minutes: expected greater than or equal to 0, received -1",
        ),
        ({"names": {"c": "C"}}, "names: expected 'a' or 'b', received 'c'"),
        ({"names": {"a": 1}}, "names: a: expected a text, received 1"),
        ({"names": ["a"]}, "names: expected a mapping, received ['a']"),
        ({"open": 1}, "open: expected true or false, received 1"),
        (
            {"id": "X", "kind": "three"},
            "id: expected small letters, received 'X'; "
            "kind: expected 'one' or 'two', received 'three'",
        ),
    ],
)
def test_what_does_not_fit_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=r"^t\.yaml: x: ") as caught:
        tables.make(Whole, {**GOOD, **changes}, "t.yaml: x")
    assert str(caught.value) == f"t.yaml: x: {told}"


@pytest.mark.parametrize("values", ["x", None, [GOOD]])
def test_a_row_is_a_mapping(values: object) -> None:
    with pytest.raises(ValueError, match=r"^t: expected a mapping with some of \['id'"):
        tables.make(Whole, values, "t")


def test_rows_are_named_by_their_ids_or_numbers() -> None:
    assert [one.id for one in tables.make_all(Whole, [GOOD], "t")] == ["x"]
    with pytest.raises(ValueError, match=r"^t: y: kind: expected"):
        tables.make_all(Whole, [GOOD, {**GOOD, "id": "y", "kind": 1}], "t")
    with pytest.raises(ValueError, match=r"^t: 2: minutes: expected"):
        tables.make_all(Part, [{"what": "A."}, {"what": "B.", "minutes": "?"}], "t")
    with pytest.raises(ValueError, match=r"^t: expected a list of rows, received \{"):
        tables.make_all(Whole, GOOD, "t")


def test_no_two_rows_have_one_id() -> None:
    rows = tables.make_all(Whole, [GOOD, {**GOOD, "id": "y"}], "t")
    assert list(tables.by_id(rows, "t")) == ["x", "y"]
    with pytest.raises(
        ValueError, match=r"^t: x: expected an id that no other row has"
    ):
        tables.by_id([*rows, rows[0]], "t")


def test_all_problems_are_told_at_once() -> None:
    tables.refuse("t: x", iter(()))
    with pytest.raises(ValueError, match=r"^t: x: expected one; two$"):
        tables.refuse("t: x", ["one", "two"])


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("- {a: ü}", encoding="utf-8")
    assert tables.read(path) == [{"a": "ü"}]
