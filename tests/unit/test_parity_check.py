"""`parity.check`: what is equal passes, and what is not is named."""

import json
import math
from typing import Any

import numpy as np
import pytest

from sidebyside import parity, records

pytestmark = pytest.mark.usefixtures("shown")
A = np.arange(6, dtype=np.float32).reshape(2, 3)
LANES = ("pytorch", "tensorflow", "keras")


def moved(index: tuple[int, ...], size: float) -> np.ndarray:
    array = A.copy()
    array[index] += size
    return array


def check(*values: Any, tolerance: float = 1e-6) -> parity.Rungs:
    row = dict(zip(LANES, values, strict=False))
    return parity.check("this", {"row": row}, tolerance=tolerance)


def broken(*values: Any, tolerance: float = 1e-6) -> str:
    with pytest.raises(parity.ParityError) as caught:
        check(*values, tolerance=tolerance)
    return str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        A,
        A.astype(np.float64),
        A.astype(np.int64),
        A.astype(np.uint8),
        A > 2,
        A + 1j * A,
        np.float32(2.5),
        2.5,
        3,
        True,
        {"a": A, "b": A[0]},
        np.zeros(3),
        np.zeros((0, 3)),
    ],
)
def test_equal_values_pass_with_no_difference(value: Any) -> None:
    (rung,) = check(value, value, value)
    assert rung.passed
    assert rung.worst == 0
    assert rung.why == ""


def test_a_difference_is_named_with_lane_tensor_index_and_size() -> None:
    message = broken({"w": A, "b": A}, {"w": A, "b": moved((1, 0), 0.5)})
    assert "parity of this: rung 'row' broke" in message
    assert "lane 'tensorflow', tensor 'b', index (1, 0)" in message
    assert "expected 3.0 as in 'pytorch', received 3.5" in message
    assert "difference 0.5, 0.1 relative" in message


def test_the_worst_of_all_lanes_and_tensors_is_named() -> None:
    values = {"w": A, "b": A}
    small = {"w": moved((0, 0), 1e-3), "b": A}
    large = {"w": A, "b": moved((0, 2), 1e-2)}
    assert "lane 'keras', tensor 'b', index (0, 2)" in broken(values, small, large)
    assert "lane 'tensorflow', tensor 'b'" in broken(values, large, small)


def test_the_difference_is_relative_to_the_largest_entry_of_the_first() -> None:
    (rung,) = check(A * 100, moved((1, 2), 0) * 100 + 1, tolerance=0.01)
    assert rung.worst == pytest.approx(1 / 500)
    assert rung.place.startswith("row[")
    (rung,) = check(np.zeros(2), np.array([0, 1e-7]))  # nothing to relate it to
    assert rung.worst == pytest.approx(1e-7)
    assert rung.place == "row[1]"


def test_each_tensor_is_measured_by_its_own_scale() -> None:
    ones = np.ones(3)
    one, other = ({"big": 1e6 * ones, "small": sign * ones} for sign in (1, -1))
    assert "tensor 'small', index (0,)" in broken(one, other)
    nearly = {"big": 1e6 * ones + 0.5, "small": ones}
    (rung,) = check(one, nearly)
    assert (rung.tensor, rung.worst) == ("big", pytest.approx(5e-7))


def test_the_odd_one_out_is_named_even_if_it_is_the_first() -> None:
    odd = moved((1, 2), 1.0)
    message = broken(odd, A, A)
    assert "lane 'pytorch', tensor 'row', index (1, 2)" in message
    assert "expected 5.0 as in 'tensorflow', received 6.0" in message
    assert "lane 'tensorflow'" in broken(odd, A)  # two lanes: the first is the measure
    assert "lane 'keras'" in broken(A, moved((0, 0), 1.0), moved((0, 1), 2.0))


def test_without_a_tolerance_rounding_decides() -> None:
    one = np.array([1.0, 2.0])
    assert check(one, one + 1e-12, tolerance=None)[0].passed
    broken(one, one + 1e-8, tolerance=None)
    single = one.astype(np.float32)
    assert check(single, single + np.float32(1e-6), tolerance=None)[0].passed
    broken(single, single + np.float32(1e-5), tolerance=None)
    broken(np.array([1, 2]), np.array([1, 3]), tolerance=None)


def test_more_terms_round_more_and_the_coarsest_dtype_counts() -> None:
    unit = 32 * 2.0**-24
    assert parity.rounding("float32") == unit
    assert parity.rounding(np.float32, terms=100) == 10 * unit
    assert parity.rounding("float16") == 32 * 2.0**-11
    assert parity.rounding("complex64") == unit
    assert parity.rounding("float64", terms=10**6) == parity.DOUBLE
    assert parity.rounding("int32") == parity.rounding("bool") == 0.0
    row = {"NumPy": np.ones(2), "pytorch": np.ones(2, np.float32)}
    (rung,) = parity.check("mixed", {"row": row}, terms=4)
    assert rung.tolerance == 2 * unit
    (rung,) = parity.check("said", {"row": {"a": 1.0, "b": 1.0}}, dtype="float32")
    assert rung.tolerance == unit


CAUSE = {"keras": {"moving_variance": "its variance is biased"}}


def with_cause(variance: float, bias: float, **options: Any) -> parity.Rungs:
    one = {"norm/moving_variance": np.ones(2), "bias": np.ones(2)}
    other = {"norm/moving_variance": variance * np.ones(2), "bias": bias * np.ones(2)}
    row = {"pytorch": one, "tensorflow": one, "keras": other}
    return parity.check("this", {"row": row}, apart=CAUSE, **options)


def test_a_difference_with_a_cause_stands_apart(shown: list[dict[str, Any]]) -> None:
    rest, apart = with_cause(variance=1.1, bias=1.0)
    assert (rest.passed, rest.worst, rest.cause) == (True, 0.0, "")
    assert (apart.passed, apart.tensor) == (True, "norm/moving_variance")
    assert apart.worst == pytest.approx(0.1)
    assert "differs: its variance is biased" in shown[0]["text/plain"]
    with pytest.raises(parity.ParityError, match="lane 'keras', tensor 'bias'"):
        with_cause(variance=1.1, bias=1.1)


def test_a_cause_without_a_difference_is_refused() -> None:
    with pytest.raises(
        parity.ParityError, match="expected a difference, since its variance is biased"
    ):
        with_cause(variance=1.0, bias=1.0)


def test_a_cause_excuses_its_own_lane_only() -> None:
    one, other = {"moving_variance": np.ones(2)}, {"moving_variance": 2 * np.ones(2)}
    row = {"pytorch": one, "tensorflow": other, "keras": other}
    with pytest.raises(parity.ParityError, match="lane 'tensorflow'"):
        parity.check("this", {"row": row}, apart=CAUSE)


def test_the_odd_one_out_is_named_beside_a_difference_with_a_cause() -> None:
    odd = {"norm/moving_variance": np.ones(2), "bias": 3 * np.ones(2)}
    one = odd | {"bias": np.ones(2)}
    other = one | {"norm/moving_variance": 2 * np.ones(2)}
    row = {"pytorch": odd, "tensorflow": one, "keras": other}
    with pytest.raises(parity.ParityError, match="lane 'pytorch', tensor 'bias'"):
        parity.check("this", {"row": row}, apart=CAUSE)


def test_the_tolerance_is_the_limit() -> None:
    one, other = np.array([1.0]), np.array([1.25])
    assert check(one, other, tolerance=0.25)[0].passed
    broken(one, other, tolerance=0.2499)


def test_numbers_are_compared() -> None:
    assert "index (): expected 1.0 as in 'pytorch', received 2.0" in broken(1.0, 2.0)
    assert "received 4" in broken(3, 4)


def test_booleans_and_integers_are_compared() -> None:
    assert "index (1,)" in broken(np.array([True, True]), np.array([True, False]))
    one, other = np.array([1, 2, 3], np.uint8), np.array([1, 3, 3], np.uint8)
    assert "expected 2 as in 'pytorch', received 3, difference 1" in broken(one, other)
    assert "difference 1" in broken(other, one)  # unsigned numbers don't wrap


def test_the_imaginary_part_counts() -> None:
    one = np.array([1 + 1j, 2])
    assert "index (0,)" in broken(one, np.array([1 + 2j, 2]))
    assert "index (0,)" in broken(one, np.array([1.0, 2.0]))
    assert "index (0,)" in broken(np.array([1.0, 2.0]), one)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("lane", [0, 1, 2])
def test_a_number_that_is_not_finite_is_named(bad: float, lane: int) -> None:
    values = [A, A, A]
    values[lane] = moved((1, 2), bad)
    message = broken(*values, tolerance=1e30)
    assert f"lane {LANES[lane]!r}, tensor 'row', index (1, 2)" in message
    assert f"expected a finite number, received {bad}" in message


def test_the_same_nan_in_all_lanes_is_not_equal() -> None:
    assert "lane 'pytorch'" in broken(math.nan, math.nan)


def test_a_difference_in_shape_is_named_even_where_it_would_broadcast() -> None:
    message = broken(A, A[:1])
    assert "lane 'tensorflow', tensor 'row'" in message
    assert "expected shape (2, 3) as in 'pytorch', received (1, 3)" in message
    assert "expected shape (1,)" in broken(np.ones(1), 1.0)


def test_a_difference_in_names_is_named() -> None:
    message = broken({"w": A}, {"w": A}, {"v": A})
    assert "lane 'keras': expected tensors ['w'] as in 'pytorch'" in message
    assert "received ['v']" in message


def test_every_row_is_shown_and_the_first_broken_one_is_raised(
    shown: list[dict[str, Any]],
) -> None:
    rows = {
        "fine": {"pytorch": A, "keras": A},
        "off": {"pytorch": A, "keras": moved((0, 1), 1.0)},
        "worse": {"pytorch": A, "keras": moved((0, 1), 3.0)},
    }
    with pytest.raises(parity.ParityError, match="rung 'off' broke"):
        parity.check("three rows", rows, tolerance=1e-3)
    (bundle,) = shown
    record = bundle[records.MIME]
    assert json.loads(json.dumps(record)) == record
    assert (record["schema"], record["kind"]) == (1, "parity")
    assert record["name"] == "three rows"
    assert record["passed"] is False
    assert record["dtype"] == "float32"
    assert [set(rung) for rung in record["rungs"]] == [
        {"rung", "worst", "tolerance", "lane", "tensor", "passed", "cause"}
    ] * 3
    assert [rung["passed"] for rung in record["rungs"]] == [True, False, False]
    assert record["rungs"][1]["tensor"] == "off[0, 1]"
    assert record["rungs"][1]["worst"] == pytest.approx(1 / 5)
    for text in (bundle["text/html"], bundle["text/plain"]):
        assert "three rows" in text
        assert text.count("BROKEN") == 2
        assert text.count("equal") == 1


def test_a_passed_check_is_recorded_and_not_echoed(shown: list[dict[str, Any]]) -> None:
    rungs = check(A, A)
    assert shown[0][records.MIME]["passed"] is True
    assert shown[0][records.MIME]["rungs"][0]["worst"] == 0
    rungs._ipython_display_()
    assert len(shown) == 1


def test_too_little_to_compare_is_refused(shown: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="expected at least 1 row, received none"):
        parity.check("this", {}, tolerance=0)
    with pytest.raises(ValueError, match=r"at least 2 lanes in row 'row', .*pytorch"):
        check(A)
    with pytest.raises(ValueError, match="expected tensors in row 'row'"):
        check({}, {})
    assert shown == []


def test_outputs_of_any_form_become_arrays() -> None:
    by_name = parity.to_arrays({"digit": 1, "same": 2}, np.asarray)
    assert {name: int(a) for name, a in by_name.items()} == {"digit": 1, "same": 2}
    by_place = parity.to_arrays([1, 2], np.asarray)
    assert {name: int(a) for name, a in by_place.items()} == {"0": 1, "1": 2}
    assert parity.to_arrays(3, np.asarray).shape == ()
