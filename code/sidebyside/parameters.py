"""Parameters of a notebook: each states its range where it is set.

In the cell *parameters* a comment begins with the range and goes on, after a
semicolon, with the reason:

    SEED = 0  # 0 to 2**32 - 1; the same seed gives the same run
    RATE = 0.1  # above 0, up to 1; the loss falls fast and does not yet jump about
    DATASET = "digits"  # one of digits, mnist; the second needs a network
    QUIET = True  # True or False; whether to show each step
"""

import ast
import linecache
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from IPython import get_ipython

Value = str | int | float | bool

_LINE = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)\s*=\s*(?P<value>.+?)\s+#\s*(?P<text>.+)")
_BETWEEN = re.compile(r"(?P<low>\S.*?) to (?P<high>\S.*)")
_ABOVE = re.compile(r"above (?P<low>\S.*?), up to (?P<high>\S.*)")
_CHOICE = re.compile(r"one of (?P<names>\S.*)")


@dataclass(frozen=True)
class Range:
    """What a parameter may be.

    Attributes:
        name: The parameter.
        text: The range in words: `"0 to 10"`.
        kind: The type that is asked for.
        holds: Whether a value of that type lies inside.
    """

    name: str
    text: str
    kind: type
    holds: Callable[[Any], bool]

    def check(self, value: Any) -> None:
        """Refuse a value outside.

        Raises:
            ValueError: In one sentence, with what was expected and what came.
        """
        whole = isinstance(value, int) and not isinstance(value, bool)
        fits = type(value) is self.kind or (self.kind is float and whole)
        if not fits or not self.holds(value):
            kind = {int: "a whole number", float: "a number"}.get(self.kind, "")
            expected = f"{kind}, {self.text}" if kind else self.text
            raise ValueError(
                f"parameters: expected {self.name} to be {expected}; received {value!r}"
            )


def check(namespace: Mapping[str, Any]) -> None:
    """Refuse parameters outside the ranges that the cell *parameters* states.

    Args:
        namespace: The notebook's `globals()`.

    Raises:
        ValueError: If a parameter lies outside; one sentence says what was expected.
        RuntimeError: If no cell that states ranges was run before.
    """
    ranges = parse(_cell())
    for name, allowed in ranges.items():
        allowed.check(namespace[name])


def parse(source: str) -> dict[str, Range]:
    """Return the ranges that a cell states.

    Args:
        source: Lines of the form `NAME = VALUE  # RANGE; reason`.

    Raises:
        ValueError: If a line has no range, or its own value lies outside.
    """
    ranges = {}
    for line in source.splitlines():
        if match := _LINE.fullmatch(line.strip()):
            value = _literal(match["name"], match["value"])
            allowed = _range(match["name"], match["text"].split(";")[0].strip(), value)
            allowed.check(value)
            ranges[match["name"]] = allowed
    return ranges


def _literal(name: str, text: str) -> Value:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError) as error:
        raise ValueError(
            f"parameters: {name}: expected a literal value, received {text!r}"
        ) from error


def _range(name: str, text: str, value: Value) -> Range:
    kind = type(value)
    if kind is bool and text == "True or False":
        return Range(name, text, bool, lambda _: True)
    if kind is str and (match := _CHOICE.fullmatch(text)):
        names = [part.strip() for part in match["names"].split(",")]
        return Range(name, text, str, lambda value: value in names)
    if kind in (int, float) and (match := _ABOVE.fullmatch(text)):
        low, high = _number(match["low"]), _number(match["high"])
        return Range(name, text, kind, lambda value: low < value <= high)
    if kind in (int, float) and (match := _BETWEEN.fullmatch(text)):
        low, high = _number(match["low"]), _number(match["high"])
        return Range(name, text, kind, lambda value: low <= value <= high)
    raise ValueError(
        f"parameters: {name}: expected a comment that begins with a range, like "
        f"'0 to 10; ...', 'above 0, up to 1; ...', 'one of a, b; ...' or 'True or "
        f"False; ...', received {text!r} for {value!r}"
    )


def _number(text: str) -> float:
    """Return a number that may be written as `2**32 - 1`."""
    if not re.fullmatch(r"[-+*/(). 0-9e_]+", text):
        raise ValueError(f"parameters: expected a number, received {text!r}")
    return eval(text, {"__builtins__": {}})  # digits and operators alone: see above


def _cell() -> str:
    """Return the last cell run that states a range."""
    for source in _cells():
        matches = [_LINE.fullmatch(line.strip()) for line in source.splitlines()]
        if any(matches) and all(
            match or not line.strip()
            for match, line in zip(matches, source.splitlines(), strict=True)
        ):
            return source
    raise RuntimeError(
        "parameters: expected the cell 'parameters' to have been run, received none"
    )


def _cells() -> Iterator[str]:
    """Yield the sources of all cells run, the last first.

    IPython keeps them for tracebacks in `linecache`, also where the front end keeps no
    history.
    """
    shell = get_ipython()
    yield from reversed(shell.user_ns.get("In", []) if shell else [])
    for entry in reversed(list(linecache.cache.values())):
        if len(entry) > 2 and entry[2]:
            yield "".join(entry[2])
