"""Figures: numbers that stand beside a result, kept as numbers, shown in short.

A record keeps all digits of a figure, as JSON. What shows it asks `shown` for a text;
nobody makes a number of that text again.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sidebyside import records
from sidebyside.intervals import Interval

UNITS = {
    "s": "seconds",
    "B": "bytes",
    "1": "a pure number: a share, a ratio, a loss, an accuracy",
    "count": "a number of things",
}
_BYTES = {"GB": 1e9, "MB": 1e6, "kB": 1e3}


@dataclass(frozen=True)
class Quantity:
    """A number with its unit.

    Attributes:
        value: The number, in the unit itself: bytes, not megabytes.
        unit: One of `UNITS`.
        shown_in: The multiple of bytes to show it in, so that figures in a column can
            be compared: `"MB"`. The one that suits its size if None.

    Raises:
        ValueError: If one of the three is none of these, or the number is not finite.
    """

    value: float
    unit: str
    shown_in: str | None = None

    def __post_init__(self) -> None:
        """Check all three, and make the number one that JSON can carry."""
        if self.unit not in UNITS:
            raise ValueError(
                f"Quantity: expected a unit of {list(UNITS)}, received {self.unit!r}"
            )
        if self.shown_in and (self.unit != "B" or self.shown_in not in _BYTES):
            raise ValueError(
                f"Quantity: expected bytes to be shown in one of {list(_BYTES)}, "
                f"received {self.shown_in!r} for the unit {self.unit!r}"
            )
        object.__setattr__(self, "value", _number("Quantity", self.value))

    def __str__(self) -> str:
        """Return it in short form: `1.23 ms`, `45.6 MB`."""
        if self.shown_in:
            return f"{self.value / _BYTES[self.shown_in]:.3g} {self.shown_in}"
        return quantity(self.value, self.unit)


Figure = str | int | float | np.integer | np.floating | Quantity | Interval
"""A number, one with a unit, an interval of pure numbers, or a short text."""
Kept = str | int | float | Mapping[str, Any]
"""A figure as a record has it; a quantity or an interval as an object."""


def kept(place: str, figure: Figure) -> Kept:
    """Return a figure as a record keeps it, with all its digits.

    Args:
        place: What it belongs to, for the message.
        figure: The figure.

    Raises:
        ValueError: If it is no figure, or a number that is not finite.
    """
    if isinstance(figure, str):
        return figure
    if isinstance(figure, Quantity | Interval):
        return asdict(figure)
    return _number(place, figure)


def shown(figure: Kept) -> str:
    """Return what readers see of a figure that a record keeps."""
    if isinstance(figure, str):
        return figure
    if isinstance(figure, Mapping):
        kind = Quantity if "unit" in figure else Interval
        return str(kind(**figure))
    return f"{figure:,}" if isinstance(figure, int) else records.number(figure)


def quantity(value: float, unit: str) -> str:
    """Return a value with its unit in short form: `1.23 ms`, `45.6 MB`, `0.97`.

    Raises:
        ValueError: If the unit is not one of `UNITS`.
    """
    if unit == "s":
        return records.seconds(value)
    if unit == "B":
        for name, size in _BYTES.items():
            if abs(value) >= 0.9995 * size:
                return f"{value / size:.3g} {name}"
        return f"{value:.3g} B"
    if unit == "count":
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    if unit == "1":
        return records.number(value)
    raise ValueError(f"quantity: expected a unit of {list(UNITS)}, received {unit!r}")


def _number(place: str, value: Any) -> int | float:
    """Return a number as Python's own; it must be one, and finite."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value)
    if not isinstance(value, float | np.floating) or not math.isfinite(value):
        raise ValueError(f"{place}: expected a finite number, received {value!r}")
    return float(value)
