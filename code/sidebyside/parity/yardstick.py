"""The yardstick: how far one lane parts from itself when its weights are nudged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sidebyside import records
from sidebyside.layout import Weights
from sidebyside.parity._compare import (
    DOUBLE,
    Allow,
    Rung,
    Rungs,
    Value,
    compare,
    rounding,
    scale,
    tensors,
)
from sidebyside.parity._show import show
from sidebyside.parity.precision import nudge

Run = Callable[[Weights], Mapping[str, Value]]
Spread = Mapping[str, Mapping[str, np.ndarray]]

DRAWS = 5
FACTOR = 1000
"""In float64: how many times the yardstick a lane may differ. Other lanes add up in
another order in each step, a nudge only moves the start."""
STEADY = 1e-8
"""In float64: how far nudged runs of the reference lane may part, relative to the row's
largest entry. Rounding stays far below; more is chance that was left on, and then the
yardstick would excuse any fault of the reference lane."""
WIDE_ULPS = 1024
"""In float32: how much larger the nudges are whose effect is allowed. A difference in
the last place may flip an activation, in one run of a hundred or in each; nudges a
thousand times as large flip it for certain if rounding can flip it at all."""
WIDE_FACTOR = 3
"""In float32: how many times the worst of these draws is allowed. Where activations
flip in every run, large nudges do little more than small ones, and one more draw would
exceed the worst of a few."""


@dataclass(frozen=True)
class Yardstick:
    """How far the reference lane parts from itself.

    Attributes:
        dtype: `"float32"` or `"float64"`, that of the starting weights.
        spread: Row -> tensor -> the largest difference over all draws with weights
            nudged by one unit in the last place; entry by entry, so that a curve has
            one for each epoch. If runs differ in length, of what they share.
        wide: In float32 the same with nudges of `WIDE_ULPS` units; empty in float64.
    """

    dtype: str
    spread: Spread
    wide: Spread

    def allow(self, row: str) -> Allow:
        """Return what may differ in a row: tensor, reference -> absolute difference."""

        def allowed(tensor: str, reference: np.ndarray) -> float:
            size = scale(reference)
            if self.dtype == "float64":
                return DOUBLE * size + FACTOR * _spread(self.spread, row, tensor)
            flips = WIDE_FACTOR * _spread(self.wide, row, tensor)
            return rounding(self.dtype) * size + flips

        return allowed

    def unsteady(self, row: str, reference: Mapping[str, np.ndarray]) -> str:
        """Return the tensor whose spread no rounding explains, empty if there is none.

        Args:
            row: The row's name.
            reference: What the reference lane gave there, by tensor.
        """
        if self.dtype != "float64":
            return ""
        limit = STEADY * max(map(scale, reference.values()))
        spreads = {name: scale(apart) for name, apart in self.spread[row].items()}
        most = max(spreads, key=lambda name: spreads[name])
        return most if spreads[most] > limit else ""

    def relative(
        self, row: str, tensor: str, reference: Mapping[str, np.ndarray]
    ) -> float:
        """Return the spread of a tensor, relative to its largest entry."""
        if tensor not in reference:  # a lane's names differ
            return 0.0
        return _spread(self.spread, row, tensor) / (scale(reference[tensor]) or 1.0)


def yardstick(
    run: Run, start: Weights, *, draws: int = DRAWS, seed: int = 0
) -> Yardstick:
    """Run the reference lane from nudged weights, several times.

    Args:
        run: Starting weights -> results, row -> array, number or arrays by name; the
            same function whose results stand in `rehearsal`. It must start afresh in
            each call: model, optimizer, stream.
        start: The starting weights; their dtype decides the nudges.
        draws: How many runs for each size of nudge; two are enough in float64, where
            nothing flips.
        seed: Seeds the nudges.

    Raises:
        ValueError: If `draws` is below 1.
    """
    if draws < 1:
        raise ValueError(f"yardstick: expected draws >= 1, received draws={draws}")
    dtype = str(next(iter(start.values())).dtype)
    plain = _arrays(run(start))

    def spread(ulps: int) -> Spread:
        seeds = range(seed, seed + draws)
        return _largest(
            plain, [_arrays(run(nudge(start, ulps=ulps, seed=s))) for s in seeds]
        )

    return Yardstick(dtype, spread(1), {} if dtype == "float64" else spread(WIDE_ULPS))


def rehearsal(
    name: str,
    runs: Mapping[str, Mapping[str, Value]],
    yard: Yardstick,
    *,
    apart: Mapping[str, Mapping[str, str]] | None = None,
) -> Rungs:
    """Compare whole runs of the lanes, row by row, beside the yardstick.

    Args:
        name: The title of the table.
        runs: Lane -> row -> array, number or arrays by name; all lanes have the same
            rows. The first lane is the reference, of which `yard` was made. In float32
            curves of different lengths are compared as far as both go: one flipped
            activation may end a run an epoch earlier.
        yard: The reference's yardstick, in the dtype of these runs.
        apart: As in `check`.

    Returns:
        A `Rung` for each row, all passed. Allowed in float64: `DOUBLE` of the tensor's
        largest entry and `FACTOR` times the yardstick. In float32: `WIDE_FACTOR` times
        what nudges of `WIDE_ULPS` do to the reference.

    Raises:
        ParityError: If a row differs by more; names row, lane, tensor, index and size.
            In float64 also if the reference lane parts from itself by more than
            `STEADY`, since then chance is on in it.
        ValueError: If there are fewer than two lanes, or their rows differ.
    """
    rows = _rows(name, runs)
    rungs, spreads = Rungs(), []
    for row, values in rows.items():
        shared = values if yard.dtype == "float64" else _shared(row, values)
        new = compare(row, shared, yard.allow(row), apart)
        first = next(iter(shared))
        reference = tensors(row, shared[first])
        if tensor := yard.unsteady(row, reference):
            new[:1] = [_chance_is_on(row, first, tensor, yard)]
        rungs += new
        spreads += [yard.relative(row, rung.tensor, reference) for rung in new]
    return show(name, rungs, yard.dtype, {"yardstick": spreads})


def _chance_is_on(row: str, lane: str, tensor: str, yard: Yardstick) -> Rung:
    spread = _spread(yard.spread, row, tensor)
    why = (
        f"lane {lane!r}, tensor {tensor!r}: expected runs from weights nudged by one "
        f"unit in the last place to agree in float64, received runs that are "
        f"{records.number(spread)} apart: does something draw random numbers?"
    )
    return Rung(row, spread, STEADY, lane, tensor, False, why)


def updates(before: Weights, after: Weights) -> Weights:
    """Return what training has added to each weight: `after` minus `before`.

    Weights hide small updates: compare what was added, tensor by tensor.

    Raises:
        ValueError: If the names differ.
    """
    if before.keys() != after.keys():
        raise ValueError(
            f"updates: expected weights {sorted(before)}, received {sorted(after)}"
        )
    return {name: after[name] - before[name] for name in before}


def _rows(
    name: str, runs: Mapping[str, Mapping[str, Value]]
) -> dict[str, dict[str, Value]]:
    """Turn lane -> row into row -> lane."""
    first = next(iter(runs.values()), {})
    for lane, run in runs.items():
        if list(run) != list(first) or not first or len(runs) < 2:
            raise ValueError(
                f"rehearsal: {name}: expected at least 2 lanes with the same rows "
                f"{list(first)}, received {len(runs)} and, for {lane!r}, {list(run)}"
            )
    return {row: {lane: run[row] for lane, run in runs.items()} for row in first}


def _arrays(results: Mapping[str, Value]) -> dict[str, dict[str, np.ndarray]]:
    return {row: tensors(row, value) for row, value in results.items()}


def _largest(plain: Spread, nudged: Sequence[Spread]) -> Spread:
    """Return the largest difference from `plain`, entry by entry."""
    return {
        row: {
            tensor: _apart(array, [run[row][tensor] for run in nudged])
            for tensor, array in arrays.items()
        }
        for row, arrays in plain.items()
    }


def _apart(array: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
    cut = _cut([array, *others])
    first, *rest = (np.asarray(part, np.float64) for part in cut)
    return np.max([np.abs(part - first) for part in rest], axis=0)


def _cut(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return what all arrays share along their first axis."""
    if not arrays[0].ndim:
        return list(arrays)
    length = min(len(array) for array in arrays)
    return [array[:length] for array in arrays]


def _shared(row: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return curves as far as all lanes go."""
    lanes = {lane: tensors(row, value) for lane, value in values.items()}
    first = next(iter(lanes.values()))
    if any(lane.keys() != first.keys() for lane in lanes.values()):
        return dict(values)  # `compare` says so
    cut = {tensor: _cut([lane[tensor] for lane in lanes.values()]) for tensor in first}
    return {
        lane: {tensor: parts[place] for tensor, parts in cut.items()}
        for place, lane in enumerate(lanes)
    }


def _spread(spread: Spread, row: str, tensor: str) -> float:
    return scale(spread[row][tensor])
