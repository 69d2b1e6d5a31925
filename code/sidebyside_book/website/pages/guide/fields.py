"""Turn mappings of a YAML file into dataclasses, and say what is wrong with them."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def make(kind: type[T], values: object, place: str) -> T:
    """Return a dataclass filled from a mapping.

    Args:
        kind: The dataclass; fields without a default are required, and no text may be
            empty.
        values: What the file says.
        place: Where it stands, for the message.

    Raises:
        ValueError: If a field is missing, unknown, empty, or of another type.
    """
    known: dict[str, Field[Any]] = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(values, Mapping):
        raise ValueError(
            f"guide: {place}: expected a mapping with {sorted(known)}, "
            f"received {values!r}"
        )
    required = {
        name
        for name, f in known.items()
        if f.default is MISSING and f.default_factory is MISSING
    }
    missing, unknown = required - values.keys(), values.keys() - known.keys()
    if missing or unknown:
        raise ValueError(
            f"guide: {place}: expected {sorted(required)}; missing {sorted(missing)}, "
            f"unknown {sorted(unknown)}"
        )
    for name, value in values.items():
        _check(known[name], value, f"{place}: {name}")
    return kind(**values)


def _check(field: Field[Any], value: object, place: str) -> None:
    if field.type is str and not (isinstance(value, str) and value.strip()):
        raise ValueError(f"guide: {place}: expected a text, received {value!r}")
    whole = isinstance(value, int) and not isinstance(value, bool)
    if field.type is int and not (whole and value >= 0):
        raise ValueError(
            f"guide: {place}: expected whole minutes from 0 on, received {value!r}"
        )
    if field.type is bool and not isinstance(value, bool):
        raise ValueError(f"guide: {place}: expected yes or no, received {value!r}")
