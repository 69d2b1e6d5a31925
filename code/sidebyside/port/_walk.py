"""Calls of two models, layer beside layer: what agrees, and where they first part."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from sidebyside.parity import rounding
from sidebyside.parity._compare import SAFETY, scale
from sidebyside.port import _moves as moves
from sidebyside.port._arrange import IMAGES, LAST, arranged, difference
from sidebyside.port._averages import after_one_batch
from sidebyside.port._pairing import Pair
from sidebyside.port._trace import Call, Calls, arguments, lane, lane_of
from sidebyside.port.causes import Parting
from sidebyside.port.causes._elementwise import ACTIVATIONS
from sidebyside.port.causes._solve import NEAR
from sidebyside.port.match import Match

LATEST = 6
"""So many arrays before a parting are asked if a cause explains it from them."""


@dataclass(frozen=True)
class Row:
    """One layer's input or output in both models.

    Attributes:
        name: The layer in the source and in the target.
        where: `"input"`, `"output"`, `"averages"` or `"result"`.
        worst: The largest difference, relative to the target's largest entry.
        allowed: What rounding explains.
        why: A sentence, if it parts and shapes say why.
        note: In which other way it agrees, if it does not as it stands.
    """

    name: str
    where: str
    worst: float
    allowed: float
    why: str = ""
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether it agrees."""
        return self.worst <= self.allowed or bool(self.note)


class Walk:
    """Compares call by call, and remembers where the models first part."""

    def __init__(
        self, match: Match, ours: Calls, theirs: Calls, nudged: list[Calls]
    ) -> None:
        self.match, self.ours, self.theirs = match, ours, theirs
        self.steady, *self.nudged = nudged
        self.parting: Parting | None = None
        self.also: Parting | None = None  # the output of a layer whose input parts
        given, named = arguments(match.target_inputs)
        self.agreed = [*given, *named.values()]
        self.seen: set[tuple[int, int]] = set()
        self.ways = _usual(match)

    @property
    def norms(self) -> list[Pair]:
        """The pairs that keep moving averages."""
        return [p for p in self.match.pairs if "moving_mean" in p.target.names]

    def rows(self) -> Iterator[Row]:
        """Yield a row for what each pair is given and gives, then for the result."""
        for pair in self.match.pairs:
            source, target = self._calls(pair)
            if source is None or target is None:
                continue
            if (key := (id(source), id(target))) in self.seen:
                continue
            self.seen.add(key)
            name = f"{source.path} = {target.path}"
            yield from self._layer(name, source, target, pair)
        yield from self._all("result", "result", self.ours[0], self.theirs[0], None)

    def _layer(
        self, name: str, source: Call, target: Call, pair: Pair
    ) -> Iterator[Row]:
        """Yield the rows of what a layer gives, and of what it is given if it parts.

        A padding that stands before one layer and inside the other, or rows that were
        reordered, change what a layer is given, and not what it gives.
        """
        known, parted = list(self.agreed), self.parting
        inputs = list(self._all(name, "input", source, target, pair))
        at_input, self.parting = self.parting, parted
        outputs = list(self._all(name, "output", source, target, pair))
        self.agreed = known + self.agreed[len(known) + sum(r.passed for r in inputs) :]
        if not all(row.passed for row in outputs):
            if parted is None and at_input is not None:
                self.parting, self.also = at_input, self.parting
            yield from (row for row in inputs if not row.passed)
        yield from outputs

    def _calls(self, pair: Pair) -> tuple[Call | None, Call | None]:
        """Return the calls of a pair: equally far above its weights in both models."""
        units = (pair.source, pair.target)
        owners = [unit.owner for unit in units if unit.owner is not None]
        if len(owners) < len(units):
            return None, None
        up = max(map(_levels, [unit.path for unit in units], owners))
        paths = [_above(unit.path, up) for unit in units]
        below = [f"{unit.path}/" for unit in units]
        if "" in paths or self._holds_more(*below):  # a weight beside layers
            return None, None
        return self.ours.first(paths[0]), self.theirs.first(paths[1])

    def _holds_more(self, source: str, target: str) -> bool:
        """Tell whether other units lie below one of two paths."""
        return any(
            pair.source.path.startswith(source) or pair.target.path.startswith(target)
            for pair in self.match.pairs
        )

    def _all(
        self, name: str, where: str, source: Call, target: Call, pair: Pair | None
    ) -> Iterator[Row]:
        part = "inputs" if where == "input" else "outputs"
        ours, theirs = getattr(source, part), getattr(target, part)
        place = next(k for k, call in enumerate(self.ours) if call is source)
        beside = list(_beside(ours, theirs))
        if where == "output":
            del beside[1:]  # states and attention weights come after the output
        for key, given, received in beside:
            if given.dtype == bool or received.dtype == bool:
                continue
            steady, *again = (
                getattr(calls[place], part).get(key, given)
                for calls in (self.steady, *self.nudged)
            )
            spread = max(difference(moved, steady) for moved in again)
            usual = self.ways.get(given.ndim, "")
            fitting, way = arranged(given, received, usual)
            if where == "input" and pair and pair.flattened and fitting is not None:
                fitting = fitting[..., moves.rows(pair)]
            label = f"{name} {key}" if where == "result" and beside[1:] else name
            row = _row(label, where, (given, fitting, received), spread)
            if row.passed:
                self.ways[given.ndim] = way
            if not row.passed and where == "output" and fitting is not None:
                row = _with_activation(row, fitting, received)
            yield row
            if not row.passed and self.parting is None:
                last = self._channels_last(target)
                self.parting = Parting(
                    where,
                    last(given if fitting is None else fitting),
                    last(received),
                    list(
                        _known([last(y) for y in self.agreed[-LATEST:]], received.ndim)
                    ),
                    source,
                    target,
                    self._weights(pair),
                    lane_of(self.match.source) == "pytorch",
                )
            if row.passed:  # before the activation, if one has it inside its layer
                bare = fitting if "target" in row.note else received
                self.agreed.append(received if bare is None else bare)

    def _channels_last(self, target: Call) -> Callable[[np.ndarray], np.ndarray]:
        """Return what moves the channels of PyTorch's arrays to the last place."""
        if lane_of(self.match.target) != "pytorch":
            return lambda array: array
        axes = (3, *IMAGES) if target.kind.endswith("1d") else IMAGES
        return lambda a: np.moveaxis(a, 1, -1) if a.ndim in axes else a

    def _weights(self, pair: Pair | None) -> Mapping[str, np.ndarray]:
        if pair is None:
            return {}
        held = lane(self.match.target).get_weights(self.match.target)
        return {neutral: held[name] for neutral, name in pair.target.names.items()}

    def averages(self) -> Iterator[Row]:
        """Yield a row for the averages of each batch norm after a batch in training."""
        before, ours, theirs, shown = after_one_batch(self.match, self.norms)
        for pair in self.norms:
            given, received = (side[pair.target.path] for side in (ours, theirs))
            name = f"{pair.source.path} = {pair.target.path}"
            row = _row(name, "averages", (given, given, received), 0.0)
            yield row
            if not row.passed and self.parting is None:
                known = [shown[pair.target.path], before[pair.target.path]]
                self.parting = Parting("averages", given, received, known)
                return


def _beside(
    ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Pair arrays by their names, or by their places if the names are not the same."""
    if ours.keys() <= theirs.keys() or theirs.keys() <= ours.keys():
        yield from ((key, ours[key], theirs[key]) for key in ours if key in theirs)
        return
    for (key, given), received in zip(ours.items(), theirs.values(), strict=False):
        yield key, given, received


def _row(
    name: str,
    where: str,
    arrays: tuple[np.ndarray, np.ndarray | None, np.ndarray],
    spread: float,
) -> Row:
    """Compare the source's array, in its own order and in the target's, with another.

    Args:
        name: The layer.
        where: What of it.
        arrays: The source's, the same in the target's order, and the target's.
        spread: How far the source parts from itself when its weights are nudged.
    """
    given, fitting, received = arrays
    if fitting is None:
        why = f"The source has shape {given.shape} there, the target {received.shape}."
        return Row(name, where, float("inf"), 0.0, why)
    size = scale(received[np.isfinite(received)]) or 1.0
    fine = min(rounding(array.dtype) for array in (given, received))
    allowed = fine + SAFETY * spread / size
    return Row(name, where, difference(fitting, received) / size, allowed)


def _usual(match: Match) -> dict[int, str]:
    """Return in which order images and volumes of the source stand in the target."""
    lanes = [lane_of(model) == "pytorch" for model in (match.source, match.target)]
    return dict.fromkeys(IMAGES, LAST) if lanes == [True, False] else {}


def _with_activation(row: Row, source: np.ndarray, target: np.ndarray) -> Row:
    """Note an activation that one model has inside the layer, the other behind it."""
    for name, form in list(ACTIVATIONS.items())[1:]:  # the first one does nothing
        for who, given, wanted in (
            ("target", source, target),
            ("source", target, source),
        ):
            with np.errstate(all="ignore"):
                made = form(given.astype(np.float64))
            if difference(made, wanted) <= NEAR * (scale(wanted) or 1.0):
                return replace(row, note=f"equal; {name} is inside the {who}'s layer")
    return row


def _known(arrays: list[np.ndarray], axes: int) -> Iterator[np.ndarray]:
    """Yield arrays, latest first, then what may be made of them without a layer.

    That are sums of two of one shape, as behind a residual connection, and, where
    something with two axes is looked for, all that stands behind the batch in a row.
    """
    latest = list(reversed(arrays))
    pairs = combinations(latest, 2)
    sums = [
        ours + theirs
        for ours, theirs in pairs
        if ours.shape == theirs.shape and ours.dtype.kind == theirs.dtype.kind == "f"
    ]
    yield from [*latest, *sums]
    if axes == 2:
        yield from (y.reshape(len(y), -1) for y in [*latest, *sums] if y.ndim > 2)


def _levels(path: str, owner: str) -> int:
    return len(path.split("/")) - (len(owner.split("/")) if owner else 0)


def _above(path: str, up: int) -> str:
    parts = path.split("/")
    return "/".join(parts[: len(parts) - up])
