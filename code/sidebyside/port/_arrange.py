"""Axes: the same numbers stand in another order in another framework."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sidebyside.port._trace import Inputs, lane_of

IMAGES = (4, 5)
"""Axes of a batch of images or volumes, whose channels PyTorch puts first."""


def inputs_for(source: Any, target: Any, inputs: Inputs) -> Inputs:
    """Return the source's inputs in the layout that the target takes.

    Between PyTorch and another lane the channels of images and volumes (4 or 5 axes,
    floats or bytes) move; all others stay as they are.
    """
    first = [lane_of(model) == "pytorch" for model in (source, target)]
    if first[0] == first[1]:
        return inputs

    def moved(array: np.ndarray) -> np.ndarray:
        if array.ndim not in IMAGES or array.dtype == bool:
            return array
        axes = (1, -1) if first[0] else (-1, 1)
        return np.ascontiguousarray(np.moveaxis(array, *axes))

    if isinstance(inputs, Mapping):
        return {name: moved(array) for name, array in inputs.items()}
    if isinstance(inputs, list | tuple):
        return [moved(array) for array in inputs]
    return moved(inputs)


def arranged(array: np.ndarray, like: np.ndarray) -> np.ndarray | None:
    """Return an array with its axes in the order in which another one has them.

    Tried are: as it stands, channels from the first place to the last and back, time
    and batch exchanged, all behind the batch in one axis. Of those with the right
    shape the nearest is taken.

    Returns:
        None if no order has the right shape.
    """
    fitting = [way for way in _orders(array) if way.shape == like.shape]
    if not fitting:
        return None
    return min(fitting, key=lambda way: difference(way, like))


def _orders(array: np.ndarray) -> Iterator[np.ndarray]:
    yield array
    if array.ndim >= 3:
        yield np.moveaxis(array, 1, -1)
        yield np.moveaxis(array, -1, 1)
        yield np.swapaxes(array, 0, 1)
    if array.ndim >= 2 and array.size:
        yield array.reshape(len(array), -1)
        yield np.moveaxis(array, 1, -1).reshape(len(array), -1)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest absolute difference; infinite where one is no number."""
    if one.dtype == bool or other.dtype == bool:
        return float((one.astype(bool) != other.astype(bool)).any())
    apart = np.abs(np.asarray(one, np.float64) - np.asarray(other, np.float64))
    worst = float(np.max(apart, initial=0.0))
    return worst if np.isfinite(worst) else float("inf")
