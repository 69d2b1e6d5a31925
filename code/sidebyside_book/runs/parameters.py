"""The parameters that a command asks for, held against those of its chapter."""

import ast
import difflib
from collections.abc import Sequence
from typing import Any

from sidebyside_book.chapter import Value

BACKENDS = ("tensorflow", "jax", "torch")
"""What Keras can run on."""


def checked(
    given: Sequence[tuple[str, str]],
    offer: dict[str, Value],
    chapter: str,
    command: str = "run",
) -> dict[str, Value]:
    """Return the parameters that were asked for, with values of the right type.

    Args:
        given: Pairs of name and text, as they come from the command line.
        offer: What `chapter.parameters` returned.
        chapter: The chapter's name, for messages.
        command: The command's name, for messages.

    Raises:
        ValueError: If a name is not offered (the message names the nearest), is given
            twice, or a text is no value of its type.
    """
    values: dict[str, Value] = {}
    for name, text in given:
        if name not in offer:
            raise ValueError(_unknown(name, offer, chapter, command))
        if name in values:
            raise ValueError(f"{command}: expected {name} once, received it twice")
        values[name] = _typed(name, text, offer[name], command)
    return values


def _unknown(name: str, offer: dict[str, Value], chapter: str, command: str) -> str:
    near = difflib.get_close_matches(name.upper(), offer, n=1)
    hint = f" (do you mean {near[0]}?)" if near else ""
    return (
        f"{command}: expected a parameter of {chapter}: {', '.join(offer)}; "
        f"received {name!r}{hint}"
    )


def _typed(name: str, text: str, default: Value, command: str) -> Value:
    """Return a text as a value of the default's type; an int will do for a float."""
    wanted = type(default)
    if wanted is str:
        return text
    try:
        value: Any = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = None
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        raise ValueError(
            f"{command}: expected a value of type {wanted.__name__} for {name}, "
            f"such as {default!r}; received {text!r}"
        )
    return value
