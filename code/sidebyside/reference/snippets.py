"""Run a line of code in one lane, on the same arrays as the others.

The Rosetta table and the table of defaults are made of short pieces of code, written
as text. Here they are run, and their results become NumPy arrays, so that the lanes can
be compared.
"""

import ast
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

MODULES = {
    "pytorch": {"torch": "torch"},
    "tensorflow": {"tf": "tensorflow"},
    "keras": {"keras": "keras"},
}
"""Lane -> the names that its code may use -> module; `np` may be used by all."""


def namespace(lane: str, arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the names that a lane's code sees: its framework, and its own tensors.

    Args:
        lane: A lane.
        arrays: Name -> array; a copy of each becomes a tensor of the lane, same shape
            and dtype. What is no array is passed as it is.

    Raises:
        ValueError: If there is no such lane.
    """
    if lane not in MODULES:
        raise ValueError(
            f"snippets: expected one of {list(MODULES)}, received {lane!r}"
        )
    names: dict[str, Any] = {"np": np}
    names |= {name: import_module(module) for name, module in MODULES[lane].items()}
    names |= {name: to_tensor(lane, array) for name, array in arrays.items()}
    return names


def run(code: str, names: dict[str, Any]) -> Any:
    """Run some lines of code, and return the value of the last one.

    Args:
        code: Statements; the last may be an expression.
        names: What the code sees, and where it assigns.

    Returns:
        The value of the last line, or None if that is no expression.
    """
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<snippet>", "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "<snippet>", "eval"), names)


def to_tensor(lane: str, value: Any) -> Any:
    """Return a lane's tensor with the numbers of an array; other things as they are."""
    if not isinstance(value, np.ndarray):
        return value
    if lane == "pytorch":
        return import_module("torch").from_numpy(value.copy())
    if lane == "tensorflow":
        return import_module("tensorflow").constant(value)
    return import_module("keras").ops.convert_to_tensor(value)


def to_arrays(value: Any) -> Any:
    """Return what a snippet gave with NumPy arrays in the place of tensors.

    Tuples and lists become lists, mappings dictionaries; numbers and truth values
    become arrays without axes; texts and None stay.
    """
    if isinstance(value, str | bytes | type(None) | np.ndarray):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_arrays(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [to_arrays(part) for part in value]
    if hasattr(value, "detach"):  # PyTorch
        return np.array(value.detach().cpu().resolve_conj().numpy())
    if hasattr(value, "numpy"):  # TensorFlow, and variables of Keras
        return np.array(value.numpy())
    return np.asarray(value)
