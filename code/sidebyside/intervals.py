"""Intervals: what repeated rounds or seeds say about a ratio or a difference.

A claim about times or scores is settled only if its whole interval lies on one side of
the threshold, with a margin. Otherwise it is undecided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 5
"""Rounds or seeds: of five, all lie on one side of the true median in 1 of 16 cases."""

Samples = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Interval:
    """From the least to the largest of what the rounds or seeds gave.

    It holds the true median with a probability of 1 - 2 / 2**n for n independent
    rounds: 94 % for five, 99.6 % for nine.

    Attributes:
        low: Its lower end.
        middle: The median.
        high: Its upper end.
        rounds: How many rounds or seeds it is made of.
    """

    low: float
    middle: float
    high: float
    rounds: int

    def above(self, threshold: float, *, margin: float = 0.0) -> bool | None:
        """Say whether the quantity is above a threshold.

        Args:
            threshold: What is asked about.
            margin: How far beyond the threshold the whole interval must lie, absolute.

        Returns:
            True or False if the whole interval lies on one side and `margin` away;
            None if what was measured does not decide it.
        """
        if self.low > threshold + margin:
            return True
        return False if self.high < threshold - margin else None

    def below(self, threshold: float, *, margin: float = 0.0) -> bool | None:
        """Say whether the quantity is below a threshold; see `above`."""
        above = self.above(threshold, margin=margin)
        return None if above is None else not above

    def __str__(self) -> str:
        """Return `1.23 (1.02 to 1.41)`."""
        return f"{self.middle:.3g} ({self.low:.3g} to {self.high:.3g})"


def ratio(first: Samples, second: Samples) -> Interval:
    """Return the interval of `first / second`, round by round.

    Args:
        first: Positive samples, shape (n,), in the order of the rounds.
        second: The same rounds of what it is compared with, shape (n,). Rounds are
            pairs: a machine that slows down slows down for both.

    Raises:
        ValueError: If there are fewer than `FEWEST` rounds, other shapes, or samples
            that are not positive.
    """
    a, b = _pair("ratio", first, second)
    if (a <= 0).any() or (b <= 0).any():
        raise ValueError("ratio: expected positive samples, received others")
    return _of(a / b)


def difference(first: Samples, second: Samples) -> Interval:
    """Return the interval of `first - second`, seed by seed; see `ratio`."""
    a, b = _pair("difference", first, second)
    return _of(a - b)


def spread(samples: Samples) -> Interval:
    """Return the interval of a quantity that was measured several times.

    Raises:
        ValueError: If there are fewer than `FEWEST` samples.
    """
    array, _ = _pair("spread", samples, samples)
    return _of(array)


def _pair(who: str, first: Samples, second: Samples) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(first, float), np.asarray(second, float)
    if a.ndim != 1 or a.shape != b.shape or len(a) < FEWEST:
        raise ValueError(
            f"{who}: expected at least {FEWEST} rounds of both, received shapes "
            f"{a.shape} and {b.shape}"
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError(f"{who}: expected finite samples, received others")
    return a, b


def _of(values: np.ndarray) -> Interval:
    low, middle, high = (float(f(values)) for f in (np.min, np.median, np.max))
    return Interval(low, middle, high, len(values))
