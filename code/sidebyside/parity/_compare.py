"""Compare what the lanes give, tensor by tensor, each by its own scale."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sidebyside import records
from sidebyside.parity._difference import largest

Value = np.ndarray | float | Mapping[str, np.ndarray]
Allow = Callable[[str, np.ndarray], float]
"""Tensor name and the reference's array -> the difference allowed, absolute."""

DOUBLE = 1e-9
"""Allowed in float64, relative to the largest entry of a tensor. Sums of 100,000 terms
round by about 1e-13, so that rounding stays far below; a rate or an epsilon that is off
by 1 % stands far above."""
SAFETY = 32
"""How many standard deviations of a rounded sum `rounding` leaves room for."""


class ParityError(AssertionError):
    """Two lanes that should be one model are not."""


@dataclass(frozen=True)
class Rung:
    """The outcome of one comparison.

    Attributes:
        rung: Its name.
        worst: The difference between a lane and the first one that comes closest to
            what is allowed, or exceeds it most, divided by the largest absolute entry
            that the first lane has in that tensor.
        tolerance: What `worst` may be.
        lane: The lane in which it was seen. If most lanes differ from the first one and
            agree with each other, this is the first one.
        tensor: The tensor in which it was seen.
        passed: Whether no tensor exceeds what is allowed (and shapes agreed, and all
            was finite).
        why: For a failure, the sentence that explains it.
        cause: For a difference with a stated cause, that cause.
        index: Where in the tensor, e.g. `"[1, 0]"`.
    """

    rung: str
    worst: float
    tolerance: float
    lane: str
    tensor: str
    passed: bool
    why: str = ""
    cause: str = ""
    index: str = ""

    @property
    def place(self) -> str:
        """The tensor and the index in it."""
        return f"{self.tensor}{self.index}"


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


def rounding(dtype: Any, terms: int = 1) -> float:
    """Return the relative difference that rounding explains.

    Args:
        dtype: In which the numbers were computed.
        terms: How many products are added up for one number, over all layers.

    Returns:
        `DOUBLE` for float64. Otherwise `SAFETY` times the unit roundoff u times the
        square root of `terms`: rounding errors of a sum add up like a random walk. 0
        for integers and truth values.

    Source: Higham and Mary 2019, theorem 2.4, https://doi.org/10.1137/18M1226312
    """
    kind = np.dtype(dtype)
    if kind.kind not in "fcV":  # ml_dtypes' bfloat16 is of kind V
        return 0.0
    real = np.zeros(0, kind).real.dtype if kind.kind == "c" else kind
    if real.itemsize >= 8:
        return DOUBLE
    unit = {"float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}[real.name]
    return SAFETY * unit * terms**0.5


def tensors(row: str, value: Value) -> dict[str, np.ndarray]:
    """Return the named arrays of a value; a lone one is called like its row."""
    named = value if isinstance(value, Mapping) else {row: value}
    return {name: np.asarray(array) for name, array in named.items()}


def scale(array: np.ndarray) -> float:
    """Return the largest absolute entry, 0 for an empty array."""
    return float(np.max(np.abs(array), initial=0))


def compare(
    rung: str,
    values: Mapping[str, Value],
    allow: Allow,
    apart: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Rung]:
    """Compare every lane of `values` with the first.

    Args:
        rung: What is compared.
        values: Lane -> array, number, or arrays by name. Any shape and numeric dtype.
        allow: What may differ.
        apart: Lane -> name of a rung, or of a weight with or without its path -> why
            this lane must differ there from the first.

    Returns:
        The comparison that came closest to what is allowed, or failed most; then one
        for each cause of `apart`, which fails where there is no difference.

    Raises:
        ValueError: If there are fewer than two lanes, or the first has no tensor.
    """
    if len(values) < 2:
        raise ValueError(
            f"check: expected at least 2 lanes in row {rung!r}, received {list(values)}"
        )
    lanes = {lane: tensors(rung, value) for lane, value in values.items()}
    first = next(iter(lanes))
    if not lanes[first]:
        raise ValueError(f"check: expected tensors in row {rung!r}, received none")
    reasons = apart or {}
    causes = {lane: _causes(rung, lanes[lane], reasons.get(lane, {})) for lane in lanes}
    rows = [
        _known(_Pair(rung, lanes, first, lane), tensor, cause, allow)
        for lane, known in causes.items()
        for tensor, cause in known.items()
    ]
    return [_worst(rung, lanes, allow, causes), *_one_a_cause(rows)]


def _causes(
    rung: str, arrays: Mapping[str, np.ndarray], reasons: Mapping[str, str]
) -> dict[str, str]:
    """Return tensor -> cause for the tensors of a lane that must differ."""
    return {
        tensor: cause
        for tensor in arrays
        for name, cause in reasons.items()
        if name in (rung, tensor, tensor.rsplit("/", 1)[-1])
    }


@dataclass(frozen=True)
class _Pair:
    """A lane beside the one that it is compared with."""

    rung: str
    lanes: Mapping[str, Mapping[str, np.ndarray]]
    first: str
    lane: str

    def compare(self, allow: Allow, without: Mapping[str, str] | None = None) -> Rung:
        """Return the tensor that comes closest to its limit, or exceeds it most."""
        left_out = without or {}
        reference, arrays = (
            {name: a for name, a in self.lanes[who].items() if name not in left_out}
            for who in (self.first, self.lane)
        )
        if arrays.keys() != reference.keys():
            why = (
                f"lane {self.lane!r}: expected tensors {sorted(reference)} as in "
                f"{self.first!r}, received {sorted(arrays)}"
            )
            return Rung(self.rung, 1.0, 0.0, self.lane, "(names)", False, why)
        rows = [self.tensor(name, allow) for name in arrays]
        return max(
            rows, key=_strain, default=Rung(self.rung, 0, 0, self.lane, "", True)
        )

    def tensor(self, name: str, allow: Allow) -> Rung:
        """Return the comparison of one tensor."""
        a, b = self.lanes[self.first][name], self.lanes[self.lane][name]
        gap = largest(self.first, self.lane, name, a, b)
        if isinstance(gap, str):
            return Rung(self.rung, 1.0, 0.0, self.lane, name, False, gap)
        allowed, size = allow(name, a), scale(a)
        if allowed >= size:  # rounding alone, or zero: of what size is the rest?
            size = max(map(scale, self.lanes[self.first].values())) or 1.0
        worst, tolerance = gap.size / size, allowed / size
        passed = gap.size <= allowed
        why = "" if passed else f"{gap.why}, {records.number(worst)} relative"
        return Rung(
            self.rung, worst, tolerance, self.lane, name, passed, why, "", gap.index
        )


def _worst(
    rung: str,
    lanes: Mapping[str, Mapping[str, np.ndarray]],
    allow: Allow,
    causes: Mapping[str, Mapping[str, str]],
) -> Rung:
    """Return the lane that comes closest to its limit, or exceeds it most."""
    first, *others = lanes
    itself = _Pair(rung, lanes, first, first).compare(allow)  # is it finite?
    if not itself.passed:
        return itself
    rows = [_Pair(rung, lanes, first, o).compare(allow, causes[o]) for o in others]
    failed = [row for row in rows if not row.passed]
    if len(failed) > len(lanes) - len(failed):  # more than agree with the first
        second, *rest = [row.lane for row in failed]
        known = {lane: {**causes[second], **causes[lane]} for lane in rest}
        pairs = [_Pair(rung, lanes, second, lane) for lane in rest]
        if all(pair.compare(allow, known[pair.lane]).passed for pair in pairs):
            odd = _Pair(rung, lanes, second, first)
            return odd.compare(allow, causes[second])  # the odd one out
    worst = max(failed or rows, key=_strain)
    too = ", ".join(repr(row.lane) for row in failed if row is not worst)
    return replace(worst, why=f"{worst.why}; so does lane {too}") if too else worst


def _known(pair: _Pair, tensor: str, cause: str, allow: Allow) -> Rung:
    """Return the comparison of a tensor that has a cause to differ."""
    row = pair.tensor(tensor, allow)
    why = (
        f"lane {pair.lane!r}, tensor {tensor!r}: expected a difference, since {cause}; "
        f"received {records.number(row.worst)} relative"
    )
    why = why if row.passed else ""
    return replace(row, passed=not row.passed, why=why, cause=cause)


def _one_a_cause(rows: Sequence[Rung]) -> list[Rung]:
    """Return one row for each lane and cause: one that fails, or the largest."""
    kept: dict[tuple[str, str], Rung] = {}
    for row in sorted(rows, key=lambda row: (row.passed, -row.worst)):
        kept.setdefault((row.lane, row.cause), row)
    return list(kept.values())


def _strain(rung: Rung) -> tuple[bool, float]:
    """Return how far a row went: first whether it failed, then its share."""
    if rung.tolerance:
        return not rung.passed, rung.worst / rung.tolerance
    return not rung.passed, float("inf") if rung.worst else 0.0


def lowest_dtype(values: Sequence[Value]) -> np.dtype:
    """Return the coarsest floating dtype among `values`, int64 if there is none."""
    arrays = [array for value in values for array in tensors("", value).values()]
    floats = [a.dtype for a in arrays if a.dtype.kind in "fcV"]
    return max(floats, key=rounding, default=np.dtype(np.int64))
