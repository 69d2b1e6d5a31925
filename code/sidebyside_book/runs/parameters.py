"""The parameters that a command asks for, held against those of its chapter."""

import difflib
from collections.abc import Mapping, Sequence

from sidebyside.parameters import Parameter, Range, literal
from sidebyside_book.chapter import Value

BACKENDS = ("tensorflow", "jax", "torch")
"""What Keras can run on."""


def checked(
    given: Sequence[tuple[str, str]],
    offer: Mapping[str, Parameter],
    chapter: str,
    command: str = "run",
) -> dict[str, Value]:
    """Return the parameters that were asked for, each of its type and in its range.

    Args:
        given: Pairs of name and text, as they come from the command line.
        offer: What `chapter.parameters` returned.
        chapter: The chapter's name, for messages.
        command: The command's name, for messages.

    Raises:
        ValueError: If a name is not offered (the message names the nearest), is given
            twice, or a text is no value of its type, or one outside its range.
    """
    values: dict[str, Value] = {}
    for name, text in given:
        if name not in offer:
            raise ValueError(_unknown(name, offer, chapter, command))
        if name in values:
            raise ValueError(f"{command}: expected {name} once, received it twice")
        values[name] = _value(text, offer[name], command)
    return values


def stated(parameter: Parameter) -> Range | None:
    """Return a parameter's range, None if its comment begins with something else.

    Chapters of the book state them all: `sidebyside check` sees to it.
    """
    try:
        return parameter.range
    except ValueError:
        return None


def _unknown(
    name: str, offer: Mapping[str, Parameter], chapter: str, command: str
) -> str:
    if not offer:
        return (
            f"{command}: expected no parameter, since {chapter} has no cell tagged "
            f"'parameters'; received {name!r}"
        )
    near = difflib.get_close_matches(name.upper(), offer, n=1)
    hint = f" (do you mean {near[0]}?)" if near else ""
    return (
        f"{command}: expected a parameter of {chapter}: {', '.join(offer)}; "
        f"received {name!r}{hint}"
    )


def _value(text: str, parameter: Parameter, command: str) -> Value:
    """Return a text as a value that the parameter may have."""
    allowed = stated(parameter)
    kind = parameter.kind
    is_text = str in (kind, allowed.kind if allowed else None)
    value = text if is_text else literal(text)
    if kind is float and type(value) is int:
        value = _as_float(value)
    if value is None or (kind and type(value) is not kind):
        wanted = f"a value of type {kind.__name__}" if kind else "a literal"
        such = "such as" if parameter.value is not None else "in place of"
        raise ValueError(
            f"{command}: expected {wanted} for {parameter.name}, "
            f"{such} {parameter.text}; received {text!r}"
        )
    if allowed:
        allowed.check(value, command)
    return value


def _as_float(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None
