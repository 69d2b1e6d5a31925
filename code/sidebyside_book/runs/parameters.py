"""The parameters of a chapter: what its cell `parameters` offers, and what one asks."""

import ast
import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

TAG = "parameters"
BACKENDS = ("tensorflow", "jax", "torch")
"""What Keras can run on."""
Value = str | int | float | bool


def offered(notebook: Path) -> dict[str, Value]:
    """Return a chapter's parameters, name -> its value in the notebook.

    Args:
        notebook: The notebook's file; its cell tagged `parameters` assigns literals.

    Raises:
        ValueError: If there is no such cell, or it does something else.
    """
    cells = nbformat.read(notebook, as_version=4).cells
    found = [cell for cell in cells if TAG in cell.metadata.get("tags", [])]
    if len(found) != 1:
        raise ValueError(
            f"run: expected one cell tagged {TAG!r} in {notebook.name}, "
            f"received {len(found)}"
        )
    return dict(_assignment(line) for line in ast.parse(found[0].source).body)


def _assignment(line: ast.stmt) -> tuple[str, Value]:
    if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
        return line.targets[0].id, ast.literal_eval(line.value)
    raise ValueError(
        f"run: expected NAME = value among the parameters, received {ast.unparse(line)}"
    )


def checked(
    given: Sequence[tuple[str, str]],
    offer: dict[str, Value],
    chapter: str,
    command: str = "run",
) -> dict[str, Value]:
    """Return the parameters that were asked for, with values of the right type.

    Args:
        given: Pairs of name and text, as they come from the command line.
        offer: What `offered` returned.
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
