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


CLOSE = 1e-3
"""Arrays that are nearer than this, relative to the largest entry, are in one order."""


def arranged(
    array: np.ndarray, like: np.ndarray, usual: str = ""
) -> tuple[np.ndarray | None, str]:
    """Return an array with its axes in the order in which another one has them.

    Tried are: as it stands, channels from the first place to the last and back, time
    and batch exchanged, all behind the batch in one axis. Of those with the right
    shape the nearest is taken, or, if none is near, the usual one. If none has it,
    axes of length 1 are added or left out.

    Args:
        array: Any shape.
        like: Any shape.
        usual: The order in which earlier arrays with as many axes agreed.

    Returns:
        The array and the name of the order; None and "" if none has the right shape.
    """
    fitting = {name: way for name, way in _orders(array) if way.shape == like.shape}
    if not fitting and _long(array) == _long(like):
        return array.reshape(like.shape), "axes of length 1"
    if not fitting:
        return None, ""
    size = float(np.max(np.abs(np.asarray(like, np.float64)), initial=0.0))
    if usual in fitting and difference(fitting[usual], like) <= CLOSE * size:
        return fitting[usual], usual
    apart = {name: difference(way, like) for name, way in fitting.items()}
    name = min(apart, key=lambda name: apart[name])
    if usual in fitting and apart[name] > CLOSE * size:
        name = usual
    return fitting[name], name


def _long(array: np.ndarray) -> list[int]:
    return [size for size in array.shape if size > 1]


LAST = "channels to the last place"


def _orders(array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    yield "as it stands", array
    if array.ndim >= 3:
        yield LAST, np.moveaxis(array, 1, -1)
        yield "channels to the first place", np.moveaxis(array, -1, 1)
        yield "time and batch exchanged", np.swapaxes(array, 0, 1)
    if array.ndim >= 2 and array.size:
        yield "flattened", array.reshape(len(array), -1)
        yield (
            "flattened, channels last",
            np.moveaxis(array, 1, -1).reshape(len(array), -1),
        )


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest absolute difference; infinite where one is no number.

    Infinity is equal to infinity, as in scores that a mask leaves out.
    """
    if ours.dtype == bool or theirs.dtype == bool:
        return float((ours.astype(bool) != theirs.astype(bool)).any())
    with np.errstate(invalid="ignore"):
        apart = np.abs(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64))
    apart = np.where(ours == theirs, 0.0, apart)
    worst = float(np.max(apart, initial=0.0))
    return worst if np.isfinite(worst) else float("inf")
