"""The Rosetta table: its rows, its checks, its search, and that every line runs."""

import copy
import logging
from typing import Any

import pytest

from sidebyside.reference.rosetta import entries, givens, runner

ROW: dict[str, Any] = {
    "id": "sum-up",
    "task": "Sum",
    "pytorch": "torch.sum(x)",
    "tensorflow": "tf.reduce_sum(x)",
    "keras": "keras.ops.sum(x)",
    "difference": "names differ",
    "note": "A remark that helps.",
}


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> None:
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


def one(**changes: Any) -> entries.Entry:
    row = {**copy.deepcopy(ROW), **changes}
    return entries.parse({"math": [row]})[row["id"]]


@pytest.mark.parametrize("name", sorted(entries.load()))
def test_a_row_runs_in_its_lanes_and_they_agree(name: str) -> None:
    entry = entries.load()[name]
    assert runner.difference(entry) <= entry.tolerance


def test_the_table_is_as_large_as_it_says() -> None:
    table = entries.load().values()
    assert len(table) >= 310
    assert {entry.section for entry in table} == set(entries.SECTIONS)
    assert {entry.difference for entry in table} == set(entries.DIFFERENCES)
    compared = [entry for entry in table if entry.compare != "runs"]
    assert len(compared) > 0.8 * len(table)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "Sum_up"}, "words with hyphens"),
        ({"difference": "similar"}, "difference: expected 'same'"),
        ({"compare": "roughly"}, "compare: expected 'values'"),
        ({"note": "x"}, "a note that says something"),
        ({"keras": {"none": "no"}}, "exactly where a lane is missing"),
        (
            {"keras": {"none": " "}, "difference": "none"},
            "without: keras: expected a text, received",
        ),
        ({"difference": "none"}, "exactly where a lane is missing"),
        ({"difference": "same"}, "same but for their prefix"),
        ({"tensorflow": "tf.sum(x)"}, "another difference than of names"),
        ({"keras": "keras.ops.sum("}, "Python in lane 'keras'"),
        ({"keras": "a = 1; keras.ops.sum(x)"}, "one line"),
        ({"pytorch": "torch.sum(x)" + " + 1" * 40}, "one line of at most"),
    ],
)
def test_a_bad_row_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    name = changes.get("id", "sum-up")
    with pytest.raises(ValueError, match=f"rosetta.yaml: {name}: .*{said}"):
        one(**changes)


def test_rows_have_all_their_fields_and_no_other() -> None:
    row = {key: value for key, value in ROW.items() if key != "note"}
    with pytest.raises(ValueError, match="sum-up: expected a field 'note'"):
        entries.parse({"math": [row]})
    with pytest.raises(ValueError, match=r"no field but .*received 'verdict'"):
        one(verdict="same")
    row = {key: value for key, value in ROW.items() if key != "keras"}
    with pytest.raises(ValueError, match=r"sum-up: .*a line.* of \['keras'\]"):
        entries.parse({"math": [row]})
    with pytest.raises(ValueError, match="that no other row has"):
        entries.parse({"math": [ROW, ROW]})
    with pytest.raises(ValueError, match="section: expected 'tensors'"):
        entries.parse({"magic": [ROW]})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"keras": "keras.ops.sum(x) + 1"}, "sum-up: pytorch and keras: .*up to 1e-05"),
        ({"keras": "keras.ops.sum(x, 0)"}, "pytorch and keras: expected shape"),
        ({"keras": "keras.ops.no_such(x)"}, "sum-up: keras: AttributeError"),
        ({"keras": "[keras.ops.sum(x)]"}, "results of one kind"),
        ({"keras": "keras.ops.sum(x) * np.nan"}, "pytorch and keras: expected a diff"),
    ],
)
def test_lanes_that_disagree_or_fail_are_named(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(runner.RosettaError, match=said):
        runner.difference(one(**changes))


def test_all_wrong_rows_are_told_at_once(shown: list[dict[str, Any]]) -> None:
    rows = [one(id=f"row-{k}", keras=f"keras.ops.sum(x) + {k}") for k in (0, 1, 2)]
    with pytest.raises(
        runner.RosettaError, match=r"(?s)2 rows are wrong:.*row-1.*row-2"
    ):
        runner.check(rows)
    assert shown == []


def test_a_check_is_recorded(shown: list[dict[str, Any]]) -> None:
    from sidebyside.records import MIME

    runner.check([one()])
    record = shown[0][MIME]
    assert record["kind"] == "rosetta"
    assert record["differences"].keys() == {"sum-up"}
    assert record["lines"] == 3


def test_each_line_begins_with_fresh_things() -> None:
    first = givens.names("pytorch", {"x"})["x"]
    first.zero_()
    assert bool(givens.names("pytorch", {"x"})["x"].any())
