"""Checks of arguments, and the sentences that refuse what doesn't pass.

Each says who was called, what was expected and what came. A value of the wrong type
raises TypeError, one out of range ValueError.
"""

from collections.abc import Callable, Sequence
from math import inf, isfinite
from numbers import Integral, Real
from typing import Any

MAX_SEED = 2**32 - 1
"""What NumPy's global generator takes; the other generators take more."""


def whole(
    who: str, name: str, value: Any, low: int = 1, high: int | None = None
) -> int:
    """Return a whole number of any integer type, as `int`.

    Args:
        who: The function or class that was called.
        name: The argument.
        value: What came.
        low: The smallest number that is allowed.
        high: The largest; None if there is none.

    Raises:
        TypeError: If it is no integer (a bool is none).
        ValueError: If it is out of range.
    """
    expected = f"a whole number of at least {low}"
    expected = expected if high is None else f"a whole number from {low} to {high}"
    most = inf if high is None else high
    _check(who, name, expected, value, Integral, lambda: low <= value <= most)
    return int(value)


def number(
    who: str,
    name: str,
    value: Any,
    high: float = inf,
    *,
    below: bool = False,
) -> float:
    """Return a finite real number of at least 0.

    Args:
        who: The function or class that was called.
        name: The argument.
        value: What came.
        high: The largest number that is allowed.
        below: Whether it must lie below `high`.

    Raises:
        TypeError: If it is no real number (a bool is none).
        ValueError: If it is out of range, infinite or NaN.
    """
    expected = "a number of at least 0"
    if high < inf:
        expected += f" and {'below' if below else 'at most'} {high:g}"

    def fits() -> bool:
        inside = isfinite(float(value)) and 0 <= float(value) <= high
        return inside and not (below and float(value) == high)

    _check(who, name, expected, value, Real, fits)
    return float(value)


def flag(who: str, name: str, value: Any) -> bool:
    """Return True or False.

    Raises:
        TypeError: If it is neither.
    """
    _check(who, name, "True or False", value, bool, lambda: True)
    return value


def word(who: str, name: str, value: Any, words: Sequence[str]) -> str:
    """Return one of a few words.

    Raises:
        TypeError: If it is no text.
        ValueError: If it is another text.
    """
    _check(who, name, f"one of {list(words)}", value, str, lambda: value in words)
    return value


def seed(who: str, value: Any, name: str = "seed") -> int:
    """Return a seed that every generator of the book takes.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is not from 0 to `MAX_SEED`.
    """
    return whole(who, name, value, 0, MAX_SEED)


def _check(
    who: str,
    name: str,
    expected: str,
    value: Any,
    kind: type,
    fits: Callable[[], bool],
) -> None:
    """Refuse a value of another type (a bool is no number), or one out of range."""
    sentence = f"{who}: expected {name} to be {expected}, received {name}={value!r}"
    is_bool = isinstance(value, bool)
    if not isinstance(value, kind) or is_bool != (kind is bool):
        raise TypeError(sentence)
    if not fits():
        raise ValueError(sentence)
