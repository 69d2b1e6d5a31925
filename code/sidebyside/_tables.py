"""Tables in YAML become dataclasses, checked by the types of their fields.

A row is a dataclass of pydantic (`@row`); its types say what may stand in a field. What
doesn't fit is told in a sentence: file, row and field, what was expected, what came.
What no type can say, such as a name that another table must have, each table checks
itself, and tells with `refuse`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import yaml
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

T = TypeVar("T")


def like(pattern: str, what: str) -> AfterValidator:
    """Return what a text must look like, to stand in the type of a field.

    Args:
        pattern: The regular expression that all of it matches.
        what: The same in words, for the message.
    """

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(what)
        return text

    return AfterValidator(check)


def _some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise ValueError("one at least")
    return values


Text = Annotated[str, like(r"(?s).*\S.*", "a text")]
Count = Annotated[int, Field(strict=True, ge=0)]
YesNo = Annotated[bool, Field(strict=True)]
Some = Annotated[tuple[T, ...], AfterValidator(_some)]
"""A list that is not empty: `Some[str]`."""

row = dataclass(frozen=True, config=ConfigDict(extra="forbid"))
"""Makes a class the kind of a row; a field without a default is required."""

_EXPECTED = {
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "int_type": "a whole number",
    "bool_type": "true or false",
}
"""Type of an error of pydantic -> what was expected, in the words of YAML."""


def read(path: Path) -> Any:
    """Return the content of a file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def make(kind: type[T], values: object, place: str) -> T:
    """Return a row, made of a mapping.

    Args:
        kind: Its class.
        values: What the file says.
        place: Where it stands, for the message.

    Raises:
        ValueError: If a field is missing, unknown, or of another type. All are told.
    """
    try:
        return _adapter(kind).validate_python(values)
    except ValidationError as error:
        problems = "; ".join(_sentence(kind, problem) for problem in error.errors())
        raise ValueError(f"{place}: {problems}") from None


def make_all(kind: type[T], values: object, place: str) -> list[T]:
    """Return the rows of a list; messages name a row by its id, or by its number.

    Raises:
        ValueError: As in `make`, or if it is no list.
    """
    if not isinstance(values, list):
        raise ValueError(f"{place}: expected a list of rows, received {values!r}")
    return [
        make(kind, fields, f"{place}: {label(fields, number)}")
        for number, fields in enumerate(values, start=1)
    ]


def label(values: object, number: int) -> str:
    """Return what a row is called in a message: its id, or its number."""
    named = values.get("id") if isinstance(values, Mapping) else None
    return str(named or number)


def by_id(rows: Iterable[T], place: str) -> dict[str, T]:
    """Return id -> row.

    Raises:
        ValueError: If two rows have the same id.
    """
    by_name: dict[str, T] = {}
    for made in rows:
        name: str = made.id  # type: ignore[attr-defined]
        if name in by_name:
            raise ValueError(f"{place}: {name}: expected an id that no other row has")
        by_name[name] = made
    return by_name


def checked(
    kind: type[T],
    values: object,
    place: str,
    problems: Callable[[T], Iterable[str]],
) -> dict[str, T]:
    """Return id -> row, each row checked by what its table asks of it.

    Args:
        kind: The dataclass of a row.
        values: A list of mappings.
        place: The file, for messages.
        problems: What is wrong with a row, as in `refuse`.

    Raises:
        ValueError: As in `make_all`, `by_id` and `refuse`.
    """
    rows = by_id(make_all(kind, values, place), place)
    for name, made in rows.items():
        refuse(f"{place}: {name}", problems(made))
    return rows


def refuse(place: str, problems: Iterable[str]) -> None:
    """Raise what is wrong with a row, if anything is.

    Args:
        place: Where it stands.
        problems: What was expected and what came, without the word *expected*.
    """
    if text := "; ".join(problems):
        raise ValueError(f"{place}: expected {text}")


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


def _sentence(kind: type, error: Any) -> str:
    """Return an error of pydantic in our words."""
    *above, last = error["loc"] or ("",)
    if error["type"] == "missing":
        place, expected = above, f"a field {last!r}"
        received = list(error["input"])
    elif error["type"] == "unexpected_keyword_argument":
        place, expected = above, f"no field but {_known(kind, above)}"
        received = last
    else:
        place = above[:-1] if last == "[key]" else error["loc"]
        expected, received = _expected(kind, error), error["input"]
    return f"{_place(place)}expected {expected}, received {received!r}"


def _expected(kind: type, error: Any) -> str:
    if error["type"] == "dataclass_type":
        return f"a mapping with some of {_known(kind, error['loc'])}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    message = error["msg"].removeprefix("Input should be ")
    return _EXPECTED.get(error["type"], message)


def _place(parts: Sequence[str | int]) -> str:
    """Return where in a row something is: `sections 2: talk: `."""
    place = ""
    for part in parts:
        place += f" {part + 1}" if isinstance(part, int) else f": {part}"
    return f"{place.removeprefix(': ')}: " if place else ""


def _known(kind: Any, place: Sequence[str | int]) -> list[str]:
    """Return the fields of the kind of row that stands at a place in another."""
    for name in place:
        if isinstance(name, str):  # a number is a place in a list
            kind = get_type_hints(_kind_in(kind))[name]
    return [field.name for field in fields(_kind_in(kind))]


def _kind_in(kind: Any) -> Any:
    """Return a kind of row, or that of which a list is made."""
    if is_dataclass(kind):
        return kind
    return next(inner for inner in get_args(kind) if is_dataclass(inner))
