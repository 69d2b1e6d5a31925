"""Parity: show by numbers that the three lanes are one model.

The ladder checks in an order in which each rung rests on the one below: shapes and
counts, forward pass, loss, gradients, one step, N steps, evaluation mode. It stops at
the first rung that breaks, because whatever stands above it is bound to break too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sidebyside import records
from sidebyside._difference import largest
from sidebyside.layout import Weights

__all__ = [
    "TOLERANCES",
    "Lane",
    "ParityError",
    "Rung",
    "Rungs",
    "Value",
    "check",
    "ladder",
    "to_arrays",
]

TOLERANCES: dict[str, float] = {
    # float32 carries 24 bits: rounding of 6e-8, times the square root of the number of
    # terms that a layer adds up, times a few layers.
    "forward": 1e-5,
    "loss": 1e-5,
    "gradients": 2e-5,
    "one step": 1e-5,
    # Each step starts from the rounding of the one before, so differences grow.
    "N steps": 1e-4,
    # The end of N steps, seen through every layer of the network.
    "evaluation": 1e-3,
}

Value = np.ndarray | float | Mapping[str, np.ndarray]
Batches = Sequence[tuple[np.ndarray, np.ndarray]]


class ParityError(AssertionError):
    """Two lanes that should be one model are not."""


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


@dataclass(frozen=True)
class Rung:
    """The outcome of one comparison.

    Attributes:
        rung: Its name.
        worst: The largest difference between a lane and the first one, divided by the
            largest absolute entry that the first lane has on this rung.
        tolerance: What `worst` may be.
        lane: The lane in which the worst difference was seen.
        tensor: The tensor in which it was seen, with the index.
        passed: Whether `worst <= tolerance` (and shapes agreed, and all was finite).
        why: For a failure, the sentence that explains it.
    """

    rung: str
    worst: float
    tolerance: float
    lane: str
    tensor: str
    passed: bool
    why: str = ""


class Rungs(list[Rung]):
    """The rungs that were climbed; a notebook has shown them and does not echo them."""

    def _ipython_display_(self) -> None:
        """Show nothing: the table stands above already."""


def to_arrays(outputs: Any, to_numpy: Callable[[Any], np.ndarray]) -> Value:
    """Return a model's outputs as NumPy: one array, or one for each name or place.

    Args:
        outputs: A tensor, a mapping from name to tensor, or a sequence of tensors.
        to_numpy: The lane's conversion.
    """
    if isinstance(outputs, Mapping):
        return {str(name): to_numpy(tensor) for name, tensor in outputs.items()}
    if isinstance(outputs, list | tuple):
        return {str(place): to_numpy(tensor) for place, tensor in enumerate(outputs)}
    return to_numpy(outputs)


def check(
    name: str, rows: Mapping[str, Mapping[str, Value]], *, tolerance: float
) -> Rungs:
    """Compare NumPy results of the lanes, row by row, against the first lane.

    Args:
        name: What is being shown equal; the title of the table.
        rows: For each row a mapping from lane to value: an array, a number, or a
            mapping from tensor name to array. Any shape, any numeric dtype.
        tolerance: The largest difference allowed, relative to the largest absolute
            entry of the first lane in that row. State the reason beside the call.

    Returns:
        One `Rung` a row, all passed.

    Raises:
        ParityError: If a row differs; names row, lane, tensor, index and size.
        ValueError: If there is no row, or a row has fewer than two lanes or no tensor.
    """
    if not rows:
        raise ValueError("check: expected at least 1 row, received none")
    rungs = Rungs(_compare(row, values, tolerance) for row, values in rows.items())
    return _show(name, rungs, _dtype(rows))


def ladder(
    name: str,
    lanes: Sequence[Lane],
    batches: Batches,
    *,
    weights: Weights | None = None,
    tolerances: Mapping[str, float] | None = None,
) -> Rungs:
    """Climb the parity ladder with all lanes at once and show it as a table.

    Every rung starts from the same weights. The model and, above "gradients", the
    optimizer of each lane are left trained for `len(batches)` steps, then get the
    starting weights back; build fresh ones before you train for real.

    Args:
        name: The title of the table.
        lanes: Two or more lanes; the first is the reference.
        batches: `(X, y)` NumPy batches, one for each step; the first also serves the
            rungs below "N steps" and the last serves "evaluation".
        weights: The starting weights, neutral layout; those of the first lane if None.
        tolerances: Replaces entries of `TOLERANCES`, e.g. `{"evaluation": 5e-3}`.

    Returns:
        The rungs, all passed.

    Raises:
        ParityError: At the first rung that breaks; names rung, lane, tensor, index,
            size.
        ValueError: If there are fewer than two lanes, no batches, or an unknown rung
            in `tolerances`.
    """
    allowed = _tolerances(tolerances)
    names = [lane.name for lane in lanes]
    if len(set(names)) < max(2, len(names)) or not batches:
        raise ValueError(
            "ladder: expected at least 2 lanes of different names and 1 batch, "
            f"received lanes {names} and {len(batches)} batches"
        )
    start = lanes[0].get_weights() if weights is None else weights
    rungs = Rungs()
    for rung in _climb(lanes, batches, start, allowed):
        rungs.append(rung)
        if not rung.passed:
            break
    if rungs[0].passed:  # else nothing was written, and could not be
        for lane in lanes:
            lane.set_weights(start)
    return _show(name, rungs, str(next(iter(start.values())).dtype))


def _tolerances(changed: Mapping[str, float] | None) -> dict[str, float]:
    unknown = set(changed or {}) - set(TOLERANCES)
    if unknown:
        raise ValueError(
            f"ladder: expected tolerances for {list(TOLERANCES)}, "
            f"received {sorted(unknown)}"
        )
    return {**TOLERANCES, **(changed or {})}


def _climb(
    lanes: Sequence[Lane], batches: Batches, start: Weights, tol: dict[str, float]
) -> Iterator[Rung]:
    X, y = batches[0]

    def compare(rung: str, measure: Callable[[Lane], Value], title: str = "") -> Rung:
        values = {lane.name: measure(lane) for lane in lanes}
        return _compare(title or rung, values, tol[rung])

    def reset() -> None:
        for lane in lanes:
            lane.set_weights(start)

    yield _shapes(lanes, start)
    reset()
    yield compare("forward", lambda lane: lane.forward(X))
    reset()  # the forward pass moved batch norm's averages
    at_start = {lane.name: lane.gradients(X, y) for lane in lanes}
    yield compare("loss", lambda lane: at_start[lane.name][0])
    yield compare("gradients", lambda lane: at_start[lane.name][1])
    reset()
    paths = {lane.name: [lane.step(X, y)] for lane in lanes}
    yield compare("one step", lambda lane: lane.get_weights())
    for lane in lanes:
        paths[lane.name] += [lane.step(*batch) for batch in batches[1:]]
    yield compare(
        "N steps", lambda lane: np.array(paths[lane.name]), f"{len(batches)} steps"
    )
    yield compare("evaluation", lambda lane: lane.predict(batches[-1][0]))


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


def _compare(rung: str, values: Mapping[str, Value], tolerance: float) -> Rung:
    """Compare every lane of `values` with the first and keep the worst difference."""
    if len(values) < 2:
        raise ValueError(
            f"check: expected at least 2 lanes in row {rung!r}, received {list(values)}"
        )
    (first, reference), *others = (
        (lane, _tensors(rung, value)) for lane, value in values.items()
    )
    if not reference:
        raise ValueError(f"check: expected tensors in row {rung!r}, received none")
    scale = max(float(np.max(np.abs(a), initial=0)) for a in reference.values())
    worst = Rung(rung, 0.0, tolerance, "", "", True)
    for lane, tensors in [(first, reference), *others]:
        if tensors.keys() != reference.keys():
            why = (
                f"lane {lane!r}: expected tensors {sorted(reference)} as in "
                f"{first!r}, received {sorted(tensors)}"
            )
            return Rung(rung, 1.0, tolerance, lane, "(names)", False, why)
        for tensor, array in tensors.items():
            found = largest(first, lane, tensor, reference[tensor], array)
            if isinstance(found, str):
                return Rung(rung, 1.0, tolerance, lane, tensor, False, found)
            size, where, why = found
            size = size / scale if scale else size
            if size > worst.worst or not worst.lane:
                passed = size <= tolerance
                why = "" if passed else f"{why}, {records.number(size)} relative"
                place = f"{tensor}{where}"
                worst = Rung(rung, size, tolerance, lane, place, passed, why)
    return worst


def _tensors(rung: str, value: Value) -> dict[str, np.ndarray]:
    named = value if isinstance(value, Mapping) else {rung: value}
    return {name: np.asarray(array) for name, array in named.items()}


def _dtype(rows: Mapping[str, Mapping[str, Value]]) -> str:
    value = next(iter(next(iter(rows.values())).values()))
    array = next(iter(value.values())) if isinstance(value, Mapping) else value
    return str(np.asarray(array).dtype)


def _show(name: str, rungs: Rungs, dtype: str) -> Rungs:
    header = ["rung", "worst difference", "tolerance", "seen in", "verdict"]
    rows: list[list[Any]] = [
        [
            rung.rung,
            records.number(rung.worst),
            records.number(rung.tolerance),
            f"{rung.lane} {rung.tensor}".strip()
            if rung.worst or rung.rung == "shapes"
            else "",
            "equal" if rung.passed else "BROKEN",
        ]
        for rung in rungs
    ]
    caption = f"Parity: {name}"
    fields = [{k: v for k, v in asdict(r).items() if k != "why"} for r in rungs]
    passed = all(rung.passed for rung in rungs)
    records.emit(
        "parity",
        {"name": name, "passed": passed, "dtype": dtype, "rungs": fields},
        as_html=records.html_table(caption, header, rows),
        as_text=records.text_table(caption, header, rows),
    )
    for rung in rungs:
        if not rung.passed:
            raise ParityError(f"parity of {name}: rung {rung.rung!r} broke: {rung.why}")
    return rungs
