"""The part of all runs that is made where there is no time for all of them."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

SIZE = 8
"""Runs in a part: about three minutes on two cores."""
TODAY = "today"

Name = tuple[str, str]
"""Chapter and setting of a run."""


def number(text: str) -> int:
    """Return a part's number: as it was given, or one that is another each day.

    Raises:
        ValueError: If it is neither a number from 0 on nor `today`.
    """
    if text == TODAY:
        return datetime.now(UTC).date().toordinal()
    if not text.isdecimal():
        raise ValueError(
            f"machines: expected a number or {TODAY!r} for a part, received {text!r}"
        )
    return int(text)


def count(names: Sequence[Name], size: int = SIZE) -> int:
    """Return how many parts of a size so many runs have."""
    return max(1, -(-len(names) // size))


def part(names: Sequence[Name], which: int, size: int = SIZE) -> list[Name]:
    """Return the runs of one part, in their order.

    Each part mixes chapters and settings, and the parts together are all runs.

    Args:
        names: All runs.
        which: The part's number; after the last one, they begin again.
        size: How many runs a part has.
    """
    parts = count(names, size)
    chosen = set(sorted(names, key=_lot)[which % parts :: parts])
    return [name for name in names if name in chosen]


def _lot(name: Name) -> str:
    """Return what orders the runs as if by lot, and in the same way everywhere."""
    return hashlib.sha256(" ".join(name).encode()).hexdigest()
