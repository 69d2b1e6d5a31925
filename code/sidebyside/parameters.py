"""Parameters of a notebook: each states its range where it is set.

In the cell *parameters* a comment begins with the range and goes on, after a
semicolon, with the reason:

    SEED = 0  # 0 to 2**32 - 1; the same seed gives the same run
    RATE = 0.1  # above 0, up to 1; the loss falls fast and does not yet jump about
    DATASET = "digits"  # one of digits, mnist; the second needs a network
    QUIET = True  # True or False; whether to show each step
"""

import ast
import io
import json
import linecache
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from IPython import get_ipython

_KINDS = {kind.__name__: kind for kind in (bool, int, float, str)}
_BETWEEN = re.compile(r"(?P<low>\S.*?) to (?P<high>\S.*)")
_ABOVE = re.compile(r"above (?P<low>\S.*?), up to (?P<high>\S.*)")
_CHOICE = re.compile(r"one of (?P<names>\S.*)")
_MAGIC = re.compile(r"get_ipython\(\)\.(?!run_cell_magic\b)\w+\(")


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

    def check(self, value: Any, who: str = "parameters") -> None:
        """Refuse a value outside.

        Args:
            value: Of any type.
            who: Who asks, for the message.

        Raises:
            ValueError: In one sentence, with what was expected and what came.
        """
        whole = isinstance(value, int) and not isinstance(value, bool)
        fits = type(value) is self.kind or (self.kind is float and whole)
        if not fits or not self.holds(value):
            kind = {int: "a whole number", float: "a number"}.get(self.kind, "")
            expected = f"{kind}, {self.text}" if kind else self.text
            raise ValueError(
                f"{who}: expected {self.name} to be {expected}; received {value!r}"
            )


@dataclass(frozen=True)
class Parameter:
    """A parameter as its cell sets it."""

    name: str
    text: str
    """The code of its value."""
    value: Any
    """None if the code is no literal, or one that JSON does not have."""
    kind: type | None
    """The type that a value must have; None if neither type hint nor value says."""
    comment: str
    """Empty if there is none."""

    @property
    def range(self) -> Range:
        """The range that the comment begins with.

        Raises:
            ValueError: If it does not begin with one that suits the value.
        """
        return _range(self, self.comment.split(";")[0].strip())


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
        ValueError: If a comment is no range, a value with a range is no literal or lies
            outside, or a line does anything but set a parameter.
    """
    ranges = {}
    for parameter in read(source):
        if parameter.comment:
            if parameter.value is None:
                raise ValueError(
                    f"parameters: {parameter.name}: expected a literal value, "
                    f"received {parameter.text!r}"
                )
            ranges[parameter.name] = parameter.range
            ranges[parameter.name].check(parameter.value)
    return ranges


def read(source: str) -> list[Parameter]:
    """Return the parameters that a cell sets, in their order.

    Text and magics of one line may stand among them.

    Args:
        source: Lines of the form `NAME = VALUE` or `NAME: TYPE = VALUE`.

    Raises:
        ValueError: If a line is anything else.
    """
    code = _python(source)
    try:
        body = ast.parse(code).body
    except SyntaxError as error:
        raise ValueError(
            f"parameters: expected Python, received {source!r}: {error.msg}"
        ) from error
    comments = _comments(code)
    return [
        _parameter(part, code, comments.get(part.end_lineno, ""))
        for part in body
        if not _sets_nothing(part, code)
    ]


def literal(code: str | ast.expr) -> Any:
    """Return the value of a literal that JSON can hold; None for all other code."""
    try:
        value = ast.literal_eval(code)
        return value if json.loads(json.dumps(value)) == value else None
    except (MemoryError, RecursionError, SyntaxError, TypeError, ValueError):
        return None


def _python(source: str) -> str:
    """Return a cell's code with its magics as calls; without magics, as it stands."""
    if not re.search(r"^\s*[%!?]|[%!]\w|\?\s*$", source, re.M):
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)


def _comments(code: str) -> dict[int, str]:
    """Return the comments of some Python by their lines, without `#`."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return {
        token.start[0]: token.string.lstrip("# ")
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _sets_nothing(part: ast.stmt, code: str) -> bool:
    """Say whether a statement is a text, or was a magic."""
    if not isinstance(part, ast.Expr):
        return False
    is_text = isinstance(part.value, ast.Constant) and type(part.value.value) is str
    return is_text or bool(_MAGIC.match(_segment(code, part)))


def _parameter(part: ast.stmt, code: str, comment: str) -> Parameter:
    targets = getattr(part, "targets", [getattr(part, "target", None)])
    value = getattr(part, "value", None)
    sets = isinstance(part, ast.Assign | ast.AnnAssign) and value is not None
    if not sets or len(targets) != 1 or not isinstance(targets[0], ast.Name):
        raise ValueError(
            "parameters: expected NAME = value in the cell 'parameters', received "
            f"{_segment(code, part)}"
        )
    default, hint = literal(value), _hint(getattr(part, "annotation", None))
    if hint is float and type(default) is int:
        default = float(default)
    kind = hint if default is None else type(default)
    return Parameter(targets[0].id, _segment(code, value), default, kind, comment)


def _segment(code: str, node: ast.AST) -> str:
    """Return the code of a part, in one line."""
    return " ".join((ast.get_source_segment(code, node) or "").split())


def _hint(annotation: ast.expr | None) -> type | None:
    """Return the type that a hint names, None for all but the simplest ones."""
    return _KINDS.get(ast.unparse(annotation).strip("'")) if annotation else None


def _range(parameter: Parameter, text: str) -> Range:
    name, kind = parameter.name, parameter.kind
    if kind in (bool, None) and text == "True or False":
        return Range(name, text, bool, lambda _: True)
    if kind in (str, None) and (match := _CHOICE.fullmatch(text)):
        names = [part.strip() for part in match["names"].split(",")]
        return Range(name, text, str, lambda value: value in names)
    if kind in (int, float, None) and (match := _ABOVE.fullmatch(text)):
        low, high = _number(match["low"]), _number(match["high"])
        return Range(name, text, kind or float, lambda value: low < value <= high)
    if kind in (int, float, None) and (match := _BETWEEN.fullmatch(text)):
        low, high = _number(match["low"]), _number(match["high"])
        return Range(name, text, kind or float, lambda value: low <= value <= high)
    raise ValueError(
        f"parameters: {name}: expected a comment that begins with a range, like "
        f"'0 to 10; ...', 'above 0, up to 1; ...', 'one of a, b; ...' or 'True or "
        f"False; ...', received {text!r} for {parameter.text}"
    )


def _number(text: str) -> float:
    """Return a number that may be written as `2**32 - 1`."""
    number = None
    if re.fullmatch(r"[-+*/(). 0-9e_]+", text):
        with suppress(ArithmeticError, SyntaxError, TypeError):
            # Digits and operators alone: see above.
            number = eval(text, {"__builtins__": {}})
    if isinstance(number, int | float):
        return number
    raise ValueError(f"parameters: expected a number, received {text!r}")


def _cell() -> str:
    """Return the last cell run that sets parameters, each with a comment."""
    for source in _cells():
        try:
            rows = read(source)
        except ValueError:
            continue
        if rows and all(row.comment and row.name.isupper() for row in rows):
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
