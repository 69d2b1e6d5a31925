"""The parity ladder: from shapes to evaluation, each rung rests on the one below."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sidebyside.layout import Weights
from sidebyside.parity._compare import (
    DOUBLE,
    Allow,
    Rung,
    Rungs,
    Value,
    compare,
    scale,
    tensors,
)
from sidebyside.parity._show import show
from sidebyside.parity.precision import doubled, float64, nudge
from sidebyside.parity.yardstick import FACTOR, updates

Batches = Sequence[tuple[np.ndarray, np.ndarray]]
NUDGES = 2
"""Nudged runs of the reference: they show how much of a tensor is rounding alone, as in
the gradient of a bias that the next layer takes away again."""


@dataclass(frozen=True)
class Lane:
    """What the ladder needs of one lane; made by `sidebyside.lanes.*.probe`.

    Attributes:
        name: `"pytorch"`, `"tensorflow"` or `"keras"`.
        get_weights: Returns the model's weights in the neutral layout.
        set_weights: Writes them.
        count_parameters: Returns the number of trainable numbers.
        forward: NumPy batch -> outputs in training mode: an array, or arrays by name.
        gradients: NumPy batch and targets -> loss and gradients, neutral layout.
        step: One training step on a batch -> the loss of that batch before the step.
        predict: NumPy batch -> outputs in evaluation mode, in the same form.
    """

    name: str
    get_weights: Callable[[], Weights]
    set_weights: Callable[[Mapping[str, np.ndarray]], None]
    count_parameters: Callable[[], int]
    forward: Callable[[np.ndarray], Value]
    gradients: Callable[[np.ndarray, np.ndarray], tuple[float, Weights]]
    step: Callable[[np.ndarray, np.ndarray], float]
    predict: Callable[[np.ndarray], Value]


Maker = Callable[[], Lane]


def ladder(
    name: str,
    makers: Sequence[Maker],
    batches: Batches,
    *,
    weights: Weights | None = None,
    apart: Mapping[str, Mapping[str, str]] | None = None,
) -> Rungs:
    """Climb the parity ladder with all lanes at once, in float64, and show it.

    Every rung starts from the same weights. "one step" and "N steps" compare what
    training has added to each weight, since weights hide small updates.

    Args:
        name: The title of the table.
        makers: Functions that return a lane, two or more; the first is the reference.
            They are called inside `float64()`, the first one several times, and must
            build a model, a loss and an optimizer of their own in each call.
        batches: `(X, y)` NumPy batches, one for each step; the first also serves the
            rungs below "N steps" and the last serves "evaluation". Floats become
            float64.
        weights: The starting weights, neutral layout; those of the first lane if None.
        apart: Lane -> rung, or weight with or without its path -> why this lane must
            differ there from the first; it is shown, and fails if it doesn't differ.

    Returns:
        The rungs, all passed. Allowed is `DOUBLE` of a tensor's largest entry, and
        `FACTOR` times what a nudge of the weights' last place does to the reference.

    Raises:
        ParityError: At the first rung that breaks; names rung, lane, tensor, index,
            size.
        ValueError: If there are fewer than two lanes, or no batches.
    """
    with float64():
        lanes = [make() for make in makers]
        _check(lanes, batches)
        batches = [(doubled(X), doubled(y)) for X, y in batches]
        start = doubled(lanes[0].get_weights() if weights is None else dict(weights))
        rungs = Rungs([_shapes(lanes, start)])
        if rungs[0].passed:
            nudged = [makers[0]() for _ in range(NUDGES)]
            rungs += _climb(lanes, nudged, batches, start, apart)
    return show(name, rungs, "float64")


def _check(lanes: Sequence[Lane], batches: Batches) -> None:
    names = [lane.name for lane in lanes]
    if len(set(names)) < max(2, len(names)) or not batches:
        raise ValueError(
            "ladder: expected at least 2 lanes of different names and 1 batch, "
            f"received lanes {names} and {len(batches)} batches"
        )


def _climb(
    lanes: Sequence[Lane],
    nudged: Sequence[Lane],
    batches: Batches,
    start: Weights,
    apart: Mapping[str, Mapping[str, str]] | None,
) -> Iterator[Rung]:
    """Yield rung after rung, up to the first that breaks."""
    ways = [_rungs(lane, batches, start) for lane in lanes]
    for seed, lane in enumerate(nudged):
        ways.append(_rungs(lane, batches, nudge(start, seed=seed)))
    for rungs in zip(*ways, strict=True):
        rung = rungs[0][0]
        values = {lane.name: rungs[place][1] for place, lane in enumerate(lanes)}
        again = [value for _, value in rungs[len(lanes) :]]
        rows = compare(rung, values, _allow(rung, rungs[0][1], again), apart)
        yield from rows
        if not all(row.passed for row in rows):
            return


def _rungs(lane: Lane, batches: Batches, start: Weights) -> Iterator[tuple[str, Value]]:
    """Yield what one lane gives on each rung."""
    X, y = batches[0]
    lane.set_weights(start)
    yield "forward", lane.forward(X)
    lane.set_weights(start)  # the forward pass moved batch norm's averages
    loss, gradients = lane.gradients(X, y)
    yield "loss", loss
    yield "gradients", gradients
    lane.set_weights(start)
    losses = [lane.step(X, y)]
    yield "one step", updates(start, lane.get_weights())
    losses += [lane.step(*batch) for batch in batches[1:]]
    path = {"loss of every step": np.array(losses)}
    yield f"{len(batches)} steps", path | updates(start, lane.get_weights())
    yield "evaluation", lane.predict(batches[-1][0])


def _allow(rung: str, plain: Value, nudged: Sequence[Value]) -> Allow:
    first, others = tensors(rung, plain), [tensors(rung, value) for value in nudged]
    noise = {
        tensor: max(scale(other[tensor] - array) for other in others)
        for tensor, array in first.items()
    }
    return lambda tensor, reference: (
        DOUBLE * scale(reference) + FACTOR * noise.get(tensor, 0.0)
    )


def _shapes(lanes: Sequence[Lane], start: Weights) -> Rung:
    expected = {name: array.shape for name, array in start.items()}
    count = lanes[0].count_parameters()
    for lane in lanes:
        shapes = {name: array.shape for name, array in lane.get_weights().items()}
        for tensor in sorted(set(expected) | set(shapes)):
            if expected.get(tensor) != shapes.get(tensor):
                why = (
                    f"lane {lane.name!r}, tensor {tensor!r}: expected shape "
                    f"{expected.get(tensor)}, received {shapes.get(tensor)}"
                )
                return Rung("shapes", 1.0, 0.0, lane.name, tensor, False, why)
        if lane.count_parameters() != count:
            why = (
                f"lane {lane.name!r}: expected {count} trainable parameters as in "
                f"{lanes[0].name!r}, received {lane.count_parameters()}"
            )
            return Rung("shapes", 1.0, 0.0, lane.name, "(count)", False, why)
    return Rung("shapes", 0.0, 0.0, "", f"{count} trainable parameters", True)
