"""Runs the table of defaults: they must differ, and must agree when told to."""

import inspect
import re
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from sidebyside import records
from sidebyside.reference import snippets
from sidebyside.reference.defaults.rows import Row, load
from sidebyside.reference.rosetta import givens
from sidebyside.reference.rosetta.entries import LANES

MISSING = object()
MOST = 4
"""How many numbers of a result are shown."""

_TINY = 1e-30


class DefaultsError(AssertionError):
    """Rows that fail, don't differ, or don't agree; the message names each of them."""


@dataclass(frozen=True)
class Measured:
    """What came out of a row.

    Attributes:
        defaults: Lane -> the default, as text.
        pairs: Two lanes, as `pair` names them -> the largest relative difference of
            their results under defaults, between 0 and 2; None if the results differ
            in shape.
        results: Lane -> what the code with defaults gave, as short text.
        agreed: The largest difference of any two lanes with what to pass.
    """

    defaults: dict[str, str]
    pairs: dict[str, float | None]
    results: dict[str, str]
    agreed: float

    @property
    def gap(self) -> float | None:
        """The largest difference of any two lanes; None for another shape."""
        return _largest(self.pairs)

    @property
    def hurt(self) -> float:
        """How much it hurts: the difference, if nothing but the numbers tells.

        A result of another shape is noticed at once, mostly by an error: 0.
        """
        return self.gap or 0.0


def check(rows: Iterable[Row] | None = None) -> None:
    """Run every row, show what hurts most and record all of it.

    Raises:
        DefaultsError: If rows fail, don't differ or don't agree; all are named.
    """
    begin, measured, wrong = time.perf_counter(), {}, []
    for row in load().values() if rows is None else rows:
        try:
            measured[row.id] = measure(row)
        except DefaultsError as error:
            wrong.append(str(error))
    if wrong:
        raise DefaultsError("\n".join([f"{len(wrong)} rows are wrong:", *wrong]))
    _show(measured, time.perf_counter() - begin)


def measure(row: Row) -> Measured:
    """Run a row in its lanes.

    Raises:
        DefaultsError: If code fails, the defaults don't differ by more than twice the
            row's tolerance, or the lanes still differ when told to agree.
    """
    defaults = {
        lane: _default(_run(row, lane, code)) for lane, code in row.reads.items()
    }
    shown = _results(row, row.shows)
    measured = Measured(
        defaults,
        pairs=_differences(shown),
        results={lane: _short(parts) for lane, parts in shown.items()},
        agreed=0.0,
    )
    if measured.gap is not None and measured.gap <= 2 * row.tolerance:
        raise DefaultsError(
            f"{row.id}: expected defaults that differ, received {measured.gap:.3g}"
        )
    agreed = _largest(_differences(_results(row, row.agree)))
    if agreed is None or agreed > row.tolerance:
        received = "another shape" if agreed is None else f"{agreed:.3g}"
        raise DefaultsError(
            f"{row.id}: expected lanes that agree within {row.tolerance:g}, "
            f"received {received}"
        )
    return replace(measured, agreed=agreed)


def default_of(
    function: Callable[..., Any], name: str, otherwise: Any = MISSING
) -> Any:
    """Return a parameter's default, from the signature of the installed version.

    Args:
        function: A function or a class.
        name: The parameter.
        otherwise: What to return for what is written in C and has no signature.

    Raises:
        ValueError: If there is no such parameter, and nothing to return instead.
    """
    try:
        parameter = inspect.signature(function).parameters.get(name)
    except ValueError:
        parameter = None
    if parameter is not None and parameter.default is not inspect.Parameter.empty:
        return parameter.default
    if otherwise is MISSING:
        raise ValueError(f"default_of: expected a default of {name!r}, received none")
    return otherwise


def _run(row: Row, lane: str, code: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = givens.names(lane, set(re.findall(r"\b[A-Za-z_]\w*", code)))
            names["sig"] = default_of
            return snippets.run(code, names)
    except Exception as error:
        text = str(error).strip().splitlines() or [""]
        raise DefaultsError(
            f"{row.id}: {lane}: {type(error).__name__}: {text[0][:200]}"
        ) from error


def _default(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(getattr(value, "name", value)).removeprefix("torch.")


def pair(lane: str, other: str) -> str:
    """Return what a record calls two lanes, whichever comes first."""
    return "-".join(sorted((lane, other), key=LANES.index))


def _results(row: Row, codes: dict[str, str]) -> dict[str, list[np.ndarray]]:
    return {
        lane: _flat(snippets.to_arrays(_run(row, lane, code)))
        for lane, code in codes.items()
    }


def _differences(results: dict[str, list[np.ndarray]]) -> dict[str, float | None]:
    """Return the largest relative difference of each two lanes; None for shapes."""
    return {
        pair(a, b): _difference(results[a], results[b])
        for a, b in combinations(results, 2)
    }


def _difference(first: list[np.ndarray], other: list[np.ndarray]) -> float | None:
    if [p.shape for p in first] != [p.shape for p in other]:
        return None
    worst = 0.0
    for a, b in zip(first, other, strict=True):
        scale = max(float(np.abs(a).max()), float(np.abs(b).max()), _TINY)
        worst = max(worst, float(np.abs(a - b).max()) / scale)
    return worst


def _largest(pairs: dict[str, float | None]) -> float | None:
    known = [value for value in pairs.values() if value is not None]
    return max(known) if len(known) == len(pairs) else None


def _short(parts: list[np.ndarray]) -> str:
    """Return a result as short text: the numbers if they are few, or the first."""
    texts = []
    for part in parts:
        numbers = [records.number(float(n)) for n in part.ravel()[:MOST]]
        more = " ..." if part.size > MOST else ""
        shape = f" ({' × '.join(map(str, part.shape))})" if part.ndim > 1 else ""
        texts.append(" ".join(numbers) + more + shape)
    return "; ".join(texts)


def _flat(value: Any) -> list[np.ndarray]:
    """Return the arrays in a result, as float64; lists of numbers as one array."""
    if isinstance(value, list) and any(np.ndim(part) for part in value):
        return [array for part in value for array in _flat(part)]
    return [np.asarray(value, dtype=np.float64)]


def _show(measured: dict[str, Measured], seconds: float) -> None:
    rows = load()
    order = sorted(measured, key=lambda name: -measured[name].hurt)
    table = [
        [
            rows[n].what if n in rows else n,
            *_defaults(measured[n]),
            gap_in_words(measured[n].gap),
        ]
        for n in order[:5]
    ]
    caption = f"{len(measured)} defaults that differ, run in {seconds:.0f} s; the worst"
    header = ["", *LANES, "difference"]
    fields = {
        name: {
            "defaults": result.defaults,
            "gap": result.gap,
            "pairs": result.pairs,
            "results": result.results,
            "agreed": result.agreed,
            "hurt": result.hurt,
        }
        for name, result in measured.items()
    }
    records.emit(
        "defaults",
        {"rows": fields, "seconds": round(seconds, 3)},
        as_html=records.html_table(caption, header, table),
        as_text=records.text_table(caption, header, table),
    )


def _defaults(measured: Measured) -> list[str]:
    return [measured.defaults.get(lane, "-") for lane in LANES]


def gap_in_words(gap: float | None) -> str:
    """Return a difference in words."""
    if gap is None:
        return "another shape"
    percent = 100 * gap
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"
