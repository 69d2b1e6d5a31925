"""The table of defaults: they differ, they can be made to agree, and bad rows fail."""

import copy
from typing import Any

import pytest

from sidebyside.records import MIME
from sidebyside.reference.defaults import rows, runner

ROW: dict[str, Any] = {
    "id": "spread",
    "topic": "numbers",
    "stage": "first hour",
    "what": "What the variance divides by",
    "reads": {"pytorch": '"n - 1"', "tensorflow": '"n"'},
    "shows": {"pytorch": "torch.var(v)", "tensorflow": "tf.math.reduce_variance(v)"},
    "agree": {
        "pytorch": "torch.var(v, correction=0)",
        "tensorflow": "tf.math.reduce_variance(v)",
    },
    "note": "A note.",
}


def one(**changes: Any) -> rows.Row:
    return rows.parse([{**copy.deepcopy(ROW), **changes}])["spread"]


@pytest.mark.parametrize("name", sorted(rows.load()))
def test_a_default_differs_and_can_be_made_to_agree(name: str) -> None:
    row = rows.load()[name]
    found = runner.measure(row)
    assert found.gap is None or found.gap > 2 * row.tolerance
    assert found.agreed <= row.tolerance
    assert found.defaults.keys() == row.reads.keys()


def test_there_are_eighty_four_of_ten_topics() -> None:
    assert len(rows.load()) >= 84
    assert len({row.topic for row in rows.load().values()}) >= 10


def test_what_differs_in_shape_hurts_least() -> None:
    silent = runner.Measured({}, {"pytorch-keras": 0.01}, {}, 0.0)
    loud = runner.Measured({}, {"pytorch-keras": None}, {}, 0.0)
    assert silent.hurt > loud.hurt == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shows": {"pytorch": "1", "tensorflow": "1"}}, "defaults that differ"),
        ({"agree": {"pytorch": "1", "tensorflow": "2"}}, "lanes that agree within"),
        ({"agree": {"pytorch": "v", "tensorflow": "x"}}, "received another shape"),
        ({"shows": {"pytorch": "v.no()", "tensorflow": "v"}}, "pytorch: Attribute"),
        (
            {"reads": {"pytorch": 'sig(sorted, "no")', "tensorflow": "1"}},
            "pytorch: ValueError: default_of: expected a default of 'no'",
        ),
    ],
)
def test_a_wrong_row_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(runner.DefaultsError, match=f"spread: .*{said}"):
        runner.measure(one(**changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stage": "never"}, "stage: expected 'first hour'.*received 'never'"),
        ({"hurt": 1}, "no field but .*received 'hurt'"),
        ({"shows": {"pytorch": "1"}}, "two lanes or more in shows"),
        (
            {"agree": {"pytorch": "1", "jax": "1"}},
            "agree: expected .* or 'keras', received 'jax'",
        ),
        ({"agree": {"pytorch": "1 +", "tensorflow": "1"}}, "Python in agree"),
        ({"reads": {"pytorch": "1"}}, "a default that is read in each lane"),
    ],
)
def test_a_bad_row_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"defaults.yaml: spread: .*{said}"):
        one(**changes)


def test_differences_are_measured_between_each_two_lanes() -> None:
    shows = {"pytorch": "np.ones(2)", "tensorflow": "4.0", "keras": "np.ones(2) * 2"}
    agree = dict.fromkeys(shows, "1")
    row = one(reads=agree, shows=shows, agree=agree)
    found = runner.measure(row)
    assert found.pairs == {
        "pytorch-tensorflow": None,
        "pytorch-keras": 0.5,
        "tensorflow-keras": None,
    }
    assert found.gap is None
    assert found.results == {"pytorch": "1 1", "tensorflow": "4", "keras": "2 2"}
    assert runner.pair("keras", "pytorch") == runner.pair("pytorch", "keras")


def test_two_lanes_that_agree_with_the_third_must_agree_with_each_other() -> None:
    agree = {"pytorch": "1.0", "tensorflow": "1.0009", "keras": "0.9991"}
    shows = {"pytorch": "1", "tensorflow": "2", "keras": "3"}
    with pytest.raises(runner.DefaultsError, match="lanes that agree within"):
        runner.measure(one(reads=shows, shows=shows, agree=agree))


def test_long_results_are_cut(shown: list[dict[str, Any]]) -> None:
    shows = {"pytorch": "np.zeros((2, 3))", "tensorflow": "np.ones((2, 3))"}
    found = runner.measure(
        one(shows=shows, agree={**shows, "pytorch": "1", "tensorflow": "1"})
    )
    assert found.results["tensorflow"] == "1 1 1 1 ... (2 × 3)"


def test_defaults_come_from_signatures() -> None:
    def function(rate: float = 0.5, *, needed: int) -> None: ...

    assert runner.default_of(function, "rate") == 0.5
    assert runner.default_of(function, "needed", 3) == 3
    with pytest.raises(ValueError, match="expected a default of 'needed'"):
        runner.default_of(function, "needed")


def test_a_check_is_recorded_and_tells_all_wrong_rows(
    shown: list[dict[str, Any]],
) -> None:
    runner.check([one()])
    record = shown[0][MIME]
    assert record["rows"]["spread"]["defaults"]["pytorch"] == "n - 1"
    assert record["rows"]["spread"]["gap"] == pytest.approx(1 / 3, rel=1e-3)
    pairs = record["rows"]["spread"]["pairs"]
    assert pairs == {"pytorch-tensorflow": record["rows"]["spread"]["gap"]}
    with pytest.raises(runner.DefaultsError, match=r"(?s)1 rows are wrong:.*spread"):
        runner.check([one(shows={"pytorch": "1", "tensorflow": "1"})])
