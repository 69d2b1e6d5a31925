"""Compare results of the lanes row by row."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sidebyside.parity._compare import (
    Allow,
    Rungs,
    Value,
    compare,
    lowest_dtype,
    rounding,
    scale,
)
from sidebyside.parity._show import show


def check(
    name: str,
    rows: Mapping[str, Mapping[str, Value]],
    *,
    tolerance: float | None = None,
    terms: int = 1,
    dtype: Any = None,
    apart: Mapping[str, Mapping[str, str]] | None = None,
) -> Rungs:
    """Compare NumPy results of the lanes, row by row, against the first lane.

    Args:
        name: What is being shown equal; the title of the table.
        rows: For each row a mapping from lane to value: an array, a number, or a
            mapping from tensor name to array. Any shape, any numeric dtype.
        tolerance: The largest difference allowed, relative to the largest absolute
            entry of *that tensor* in the first lane. None for what rounding explains:
            see `rounding`. Give a number only for another reason, and say which.
        terms: How many products are added up for one number, over all layers; used
            where `tolerance` is None.
        dtype: In which the numbers were computed, if the arrays don't show it (Python
            floats from a float32 loss); the coarsest dtype of a row if None.
        apart: Lane -> row, or tensor with or without its path -> why this lane must
            differ there from the first; it is shown, and fails if it doesn't differ.

    Returns:
        A `Rung` for each row (and one for each difference with a cause), all passed.

    Raises:
        ParityError: If a row differs; names row, lane, tensor, index and size. If all
            other lanes agree with each other, the first lane is named.
        ValueError: If there is no row, or a row has fewer than two lanes or no tensor.
    """
    if not rows:
        raise ValueError("check: expected at least 1 row, received none")
    rungs = Rungs()
    for row, values in rows.items():
        kind = dtype or lowest_dtype(list(values.values()))
        relative = rounding(kind, terms) if tolerance is None else tolerance
        rungs += compare(row, values, _relative(relative), apart)
    first = next(iter(rows.values()))
    return show(name, rungs, str(np.dtype(dtype or lowest_dtype(list(first.values())))))


def _relative(tolerance: float) -> Allow:
    return lambda _, reference: tolerance * (scale(reference) or 1.0)
