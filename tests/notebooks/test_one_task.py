"""The three programs of the front page: narrow, and a proof that notices faults."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidebyside import parity
from sidebyside_book.chapter import read_notebook

NOTEBOOK = Path(__file__).resolve().parents[2] / "chapters" / "one_task.ipynb"
CELLS = {cell.id: cell for cell in read_notebook(NOTEBOOK).code}
PROGRAMS = ["program-pytorch", "program-tensorflow", "program-keras"]
MOST_LETTERS = 39
"""In a line: what a third of a window of 1280 pixels holds."""
MOST_LINES = 23
pytestmark = pytest.mark.filterwarnings(  # Keras 3 on TensorFlow, NumPy 2
    "ignore:__array__ implementation doesn't accept a copy keyword"
)


@pytest.fixture(scope="module")
def ran() -> Iterator[dict[str, Any]]:
    """Run the three programs once, and return their names with their values."""
    names: dict[str, Any] = {}
    exec(CELLS["imports"].source, names)
    with names["double"]:
        for name in PROGRAMS:
            exec(CELLS[name].source, names)
        yield names


def prove(names: dict[str, Any]) -> None:
    """Run the proof, but for its end, which leaves double precision."""
    source = CELLS["proof-weights"].source
    assert source.endswith("\ndouble.close()")
    exec(source.removesuffix("double.close()"), dict(names))


def test_the_programs_are_equal(ran) -> None:
    prove(ran)


@pytest.mark.parametrize(
    ("lane", "old", "new"),
    [
        ("pytorch", "lr=0.01", "lr=0.0101"),
        ("pytorch", "sgd.zero_grad()", "pass"),
        ("pytorch", "range(100)", "range(99)"),
        ("pytorch", "iris[:, :3], iris", "iris[:149, :3], iris[:149]"),
        ("tensorflow", "0.01 * db", "0.0101 * db"),
        ("tensorflow", "range(100)", "range(101)"),
        ("tensorflow", "tf.reduce_mean(error**2)", "tf.reduce_mean(tf.abs(error))"),
        ("keras", "SGD(0.01)", "SGD(0.0101)"),
        ("keras", "epochs=100", "epochs=99"),
        ("keras", '"mse"', '"mae"'),
    ],
)
def test_a_fault_in_one_program_is_noticed(ran, lane, old, new) -> None:
    source = CELLS[f"program-{lane}"].source
    assert old in source
    names = dict(ran)
    exec(source.replace(old, new), names)
    with pytest.raises(parity.ParityError, match=f"lane '{lane}'"):
        prove(names)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_fits_into_a_column(name: str) -> None:
    lines = CELLS[name].source.splitlines()
    assert len(lines) <= MOST_LINES
    longest = max(lines, key=len)
    assert len(longest) <= MOST_LETTERS, longest
    assert any(line.lstrip().startswith("# differs: ") for line in lines)
