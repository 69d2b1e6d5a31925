"""A ratio or a difference is decided only if its whole interval lies on one side."""

import numpy as np
import pytest

from sidebyside import intervals


def test_an_interval_decides_or_leaves_open() -> None:
    ratio = intervals.ratio([2.0, 2.2, 2.4, 3.0, 2.6], [1.0, 1.1, 1.0, 1.0, 1.3])
    assert (ratio.low, ratio.middle, ratio.high) == (2.0, 2.0, 3.0)
    assert ratio.above(1.5) is True
    assert ratio.above(1.5, margin=0.6) is None
    assert ratio.above(2.5) is None
    assert ratio.above(4) is False
    assert ratio.below(4, margin=0.5) is True
    assert ratio.below(1.5) is False
    assert ratio.below(2.5) is None
    assert str(ratio) == "2 (2 to 3)"


def test_rounds_are_pairs() -> None:
    """A machine that slows down slows down for both, and the ratio stays."""
    pace = np.array([1.0, 3.0, 9.0, 2.0, 5.0])
    assert intervals.ratio(2 * pace, pace).high == 2.0
    assert intervals.difference([3, 4, 5, 6, 7], [1, 2, 3, 4, 5]).low == 2


def test_it_holds_the_median_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    drawn = [intervals.spread(rng.exponential(size=5)) for _ in range(4000)]
    share = np.mean([i.low <= np.log(2) <= i.high for i in drawn])
    assert abs(share - (1 - 2 / 2**5)) < 0.02  # five standard deviations


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ([1, 1, 1, 1], [1, 1, 1, 1], "at least 5 rounds"),
        ([1] * 5, [1] * 6, r"shapes \(5,\) and \(6,\)"),
        ([1, 1, 1, 1, 0], [1] * 5, "positive"),
        ([1, 1, 1, 1, float("nan")], [1] * 5, "finite"),
    ],
)
def test_too_little_is_refused(
    one: list[float], other: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        intervals.ratio(one, other)
