"""What a cell of parameters says, and what lies inside its ranges."""

import sys

import pytest

from sidebyside import parameters
from sidebyside.parameters import parse, read

CELL = '''"""The parameters."""
%matplotlib inline
SEED = 0  # 0 to 2**32 - 1; any will do
RATE: float = 1  # above 0, up to 2; is it fast?
NAME = "a # b"  # one of a # b, c; a name
QUIET = True  # True or False; or loud
!echo \\
  on two lines
HIGH = 2 * 8  # 1 to 64; twice eight
SIZES = [1, 2]
WIDTH: int = max(SIZES)
PAIR = (1, 2)
'''


def test_a_cell_is_read_as_python_reads_it() -> None:
    found = {one.name: one for one in read(CELL)}
    assert {name: (one.text, one.value, one.kind) for name, one in found.items()} == {
        "SEED": ("0", 0, int),
        "RATE": ("1", 1.0, float),
        "NAME": ('"a # b"', "a # b", str),
        "QUIET": ("True", True, bool),
        "HIGH": ("2 * 8", None, None),
        "SIZES": ("[1, 2]", [1, 2], list),
        "WIDTH": ("max(SIZES)", None, int),
        "PAIR": ("(1, 2)", None, None),
    }
    assert type(found["RATE"].value) is float
    ranges = ("0 to 2**32 - 1", "above 0, up to 2", "one of a # b, c", "True or False")
    names = ("SEED", "RATE", "NAME", "QUIET")
    assert tuple(found[name].range.text for name in names) == ranges
    assert found["HIGH"].range.kind is float
    assert found["SIZES"].comment == ""


@pytest.mark.parametrize(
    "source",
    [
        "SEED += 1",
        "print(1)",
        "A, B = 1, 2",
        "A = B = 1",
        "A: int",
        "import os",
        "A[0] = 1",
        "%%time\nA = 1",
        "for A in 1, 2: pass",
    ],
)
def test_what_sets_no_parameter_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"^parameters: expected NAME = value in the"):
        read(source)


def test_what_is_no_python_is_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"expected Python, received 'A = \('"):
        read("A = (")


@pytest.mark.parametrize(
    ("line", "inside", "outside"),
    [
        ("A = 0  # 0 to 2**32 - 1; r", [0, 2**32 - 1], [-1, 2**32, 0.0, True, "0"]),
        ("A = 0.5  # 0 to 0.95; r", [0, 0.0, 0.95], [-0.1, 1, float("nan"), "0.5"]),
        ("A = 0.1  # above 0, up to 1; r", [1e-9, 1], [0, 0.0, 1.1, float("inf")]),
        ("A = 'a'  # one of a, b-c; r", ["a", "b-c"], ["b", "", "a, b-c", 1]),
        ("A = True  # True or False; r", [True, False], [0, 1, None]),
        ("A = 2 * 8  # 1 to 64; r", [1, 16.5, 64], [0, 65, "16", True]),
    ],
)
def test_a_range_holds_its_ends_and_nothing_outside(
    line: str, inside: list, outside: list
) -> None:
    (found,) = read(line)
    for value in inside:
        found.range.check(value)
    for value in outside:
        with pytest.raises(ValueError, match=r"^run: expected A to be .*; received"):
            found.range.check(value, "run")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("A = 0  # any", "a comment that begins with a range"),
        ("A = 0  # one of a, b; r", "a comment that begins with a range"),
        ("A = 0  # 1/0 to 5; r", "expected a number, received '1/0'"),
        ("A = 0  # 0 to (; r", r"expected a number, received '\('"),
        ("A = 0  # 0 to ten; r", "expected a number, received 'ten'"),
        ("A = 9  # 0 to 5; r", "a whole number, 0 to 5; received 9"),
        ("A = 2 * 2  # 0 to 5; r", r"A: expected a literal value, received '2 \* 2'"),
    ],
)
def test_a_chapter_states_its_ranges_without_a_slip(source: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^parameters: .*{said}"):
        parse(source)


def test_a_notebook_is_held_to_the_last_cell_that_set_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = [
        "A = 1  # 0 to 1; r",
        '"""P."""\nA: int = 1  # 0 to 5; r',
        "A = 7",
        "A = (",
    ]
    monkeypatch.setattr(parameters, "_cells", lambda: reversed(cells))
    parameters.check({"A": 5})
    with pytest.raises(ValueError, match="A to be a whole number, 0 to 5; received 7"):
        parameters.check({"A": 7})
    monkeypatch.setattr(parameters, "_cells", lambda: ["A = 1", "B = ("])
    with pytest.raises(RuntimeError, match="expected the cell 'parameters' to have"):
        parameters.check({"A": 1})


def test_ipython_is_asked_only_where_a_magic_may_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "IPython.core.inputtransformer2", None)
    assert [one.name for one in read("A = 5 % 3  # 0 to 9; half of it\nB = 1")] == [
        "A",
        "B",
    ]
