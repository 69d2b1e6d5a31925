"""The difference between two arrays, put into words."""

import numpy as np

from sidebyside import records


def largest(
    first: str, lane: str, tensor: str, a: np.ndarray, b: np.ndarray
) -> tuple[float, str, str] | str:
    """Return the largest |a - b|, where it stands and a sentence; or what is wrong.

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
        return 0.0, "", ""
    broken = ~np.isfinite(b)
    if broken.any():
        index = _index(broken)
        return f"{place}, index {index}: expected a finite number, received {b[index]}"
    kind = np.result_type(a, b, np.float64)  # complex where either one is
    gap = np.abs(a.astype(kind) - b.astype(kind))
    index = _index(gap)
    where = str(list(index)) if index else ""
    why = (
        f"{place}, index {index}: expected {a[index]!s} as in {first!r}, "
        f"received {b[index]!s}, difference {records.number(float(gap[index]))}"
    )
    return float(gap[index]), where, why


def _index(array: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(np.argmax(array), array.shape))
