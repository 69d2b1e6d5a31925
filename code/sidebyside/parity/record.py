"""Records of real runs: what each lane did, compared exactly."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sidebyside import records
from sidebyside.parity._compare import ParityError

Fact = Any
"""A number, a text, or an array of numbers."""

ROUNDED = 2.0**-20
"""Relative: a rate that a lane keeps in float32 is the same rate."""
CANCELLED = 2.0**-23
"""Relative to the largest entry: where a schedule falls to zero, as 1 + cos does, the
rounding of float32 is that of the rate it started from."""


def record(name: str, lanes: Mapping[str, Mapping[str, Fact]]) -> None:
    """Show what each lane did in its real run, and compare it exactly.

    Args:
        name: The title of the table.
        lanes: Lane -> what was counted or set -> a number, a text or an array; see
            `sidebyside.lanes.*.watch`. Integers and texts must be equal, floats up to
            the rounding of float32.

    Raises:
        ParityError: If a lane did something else than the first; names lane and fact.
            If all other lanes agree with each other, the first lane is named.
        ValueError: If there are fewer than two lanes.
    """
    if len(lanes) < 2:
        raise ValueError(f"record: expected at least 2 lanes, received {list(lanes)}")
    facts = list(dict.fromkeys(fact for done in lanes.values() for fact in done))
    verdicts = {fact: _difference(fact, lanes) for fact in facts}
    rows = [
        [
            fact,
            *(
                _brief(done[fact]) if fact in done else "none"
                for done in lanes.values()
            ),
            "DIFFERENT" if verdicts[fact] else "the same",
        ]
        for fact in facts
    ]
    header, caption = ["", *lanes, "verdict"], f"Record: {name}"
    passed = not any(verdicts.values())
    records.emit(
        "record",
        {"name": name, "passed": passed, "rows": rows},
        as_html=records.html_table(caption, header, rows),
        as_text=records.text_table(caption, header, rows),
    )
    for fact, why in verdicts.items():
        if why:
            raise ParityError(f"record of {name}: rung {fact!r} broke: {why}")


def _difference(fact: str, lanes: Mapping[str, Mapping[str, Fact]]) -> str:
    """Return a sentence that names the lane that did something else."""
    first, *others = lanes
    apart = [lane for lane in others if not _same(fact, lanes[first], lanes[lane])]
    if not apart:
        return ""
    reference, odd = first, apart[0]
    if len(others) > 1 and apart == others:
        agree = all(_same(fact, lanes[others[0]], lanes[lane]) for lane in others[1:])
        reference, odd = (others[0], first) if agree else (first, others[0])
    expected, received = (_text_of(fact, lanes[lane]) for lane in (reference, odd))
    where = _where(lanes[reference].get(fact), lanes[odd].get(fact))
    return (
        f"lane {odd!r}: expected {expected} as in {reference!r}, received {received}"
        f"{where}"
    )


def _same(fact: str, first: Mapping[str, Fact], second: Mapping[str, Fact]) -> bool:
    if fact not in first or fact not in second:
        return False
    a, b = np.asarray(first[fact]), np.asarray(second[fact])
    return a.shape == b.shape and not _different(a, b).any()


def _different(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return where two arrays of one shape differ by more than float32 rounds."""
    kinds = a.dtype.kind + b.dtype.kind
    if "f" not in kinds or not set(kinds) <= set("fiub"):
        return np.asarray(a != b)
    size = np.maximum(np.abs(a), np.abs(b))
    allowed = ROUNDED * size + CANCELLED * np.max(size, initial=0)
    return np.abs(a - b) > allowed


def _where(a: Fact, b: Fact) -> str:
    """Return where two arrays first differ, empty where that says nothing."""
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 1 or a.shape != b.shape or a.dtype.kind not in "fiub":
        return ""
    index = int(np.argmax(_different(a, b)))
    return f"; the first difference is at {index}: {a[index]} and {b[index]}"


def _text_of(fact: str, done: Mapping[str, Fact]) -> str:
    return _brief(done[fact]) if fact in done else "none"


def _brief(fact: Fact) -> str:
    """Return a fact in a few words."""
    array = np.asarray(fact)
    if array.dtype.kind not in "fiub":
        return str(fact)
    if array.ndim == 0:
        is_float = array.dtype.kind == "f"
        return records.number(float(array)) if is_float else f"{array:,}"
    if not array.size:
        return "none"
    low, high = (_brief(part) for part in (array.min(), array.max()))
    spread = f"all {low}" if low == high else f"{low} to {high}"
    return f"{array.size:,} values, {spread}"
