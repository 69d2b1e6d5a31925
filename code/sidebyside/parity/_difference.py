"""The difference between two arrays, put into words."""

from dataclasses import dataclass

import numpy as np

from sidebyside import records


@dataclass(frozen=True)
class Difference:
    """The largest difference between two arrays.

    Attributes:
        size: |a - b|, absolute.
        index: Where it stands, e.g. `"[1, 0]"`; empty for a number.
        why: A sentence.
    """

    size: float
    index: str = ""
    why: str = ""


def largest(
    first: str, lane: str, tensor: str, a: np.ndarray, b: np.ndarray
) -> Difference | str:
    """Return the largest difference between two arrays, or what is wrong with them.

    Args:
        first: The lane that `a` is from.
        lane: The lane that `b` is from.
        tensor: What both are called.
        a: What is expected, any shape, any numeric dtype, finite.
        b: What was received.
    """
    place = f"lane {lane!r}, tensor {tensor!r}"
    if a.shape != b.shape:
        return f"{place}: expected shape {a.shape} as in {first!r}, received {b.shape}"
    if b.size == 0:
        return Difference(0.0)
    broken = ~np.isfinite(b)
    if broken.any():
        index = _index(broken)
        return f"{place}, index {index}: expected a finite number, received {b[index]}"
    kind = np.result_type(a, b, np.float64)  # complex where either one is
    gap = np.abs(a.astype(kind) - b.astype(kind))
    index = _index(gap)
    why = (
        f"{place}, index {index}: expected {a[index]!s} as in {first!r}, "
        f"received {b[index]!s}, difference {records.number(float(gap[index]))}"
    )
    return Difference(float(gap[index]), str(list(index)) if index else "", why)


def _index(array: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(np.argmax(array), array.shape))
