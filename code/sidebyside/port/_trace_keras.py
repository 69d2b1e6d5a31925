"""A note in the call of every layer of a Keras model, on any backend."""

import inspect
from collections.abc import Iterator
from typing import Any
from unittest import mock

import keras
import numpy as np

from sidebyside.lanes._keras_layers import _below, _inside
from sidebyside.lanes.keras import to_numpy
from sidebyside.port._trace import Calls, To, flat, plain


def calls(
    model: keras.Model,
    arguments: tuple[list[np.ndarray], dict[str, np.ndarray]],
    training: bool | None,
) -> Calls:
    """Call the model eagerly and return the calls of its layers."""
    noted, paths = Calls(), dict(_paths(model, ()))
    call = keras.Layer.__call__

    def wrapped(self: keras.Layer, *given: Any, **named: Any) -> Any:
        if id(self) not in paths:
            return call(self, *given, **named)
        note = noted.note(paths[id(self)], self, given, named, TO)
        outputs = call(self, *given, **named)
        note.outputs |= flat(outputs, _numpy)
        return outputs

    given, named = arguments
    tensors = [keras.ops.convert_to_tensor(array) for array in given]
    by_name = {name: keras.ops.convert_to_tensor(a) for name, a in named.items()}
    first, others = _as_taken(model, tensors, by_name)
    with mock.patch.object(keras.Layer, "__call__", wrapped):
        model(*first, **others, training=bool(training))
    return noted


def _as_taken(
    model: keras.Layer, tensors: list[Any], by_name: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return inputs as arguments: all in the first, or, if `call` has more, in several.

    Functional models take a list or a mapping as one argument.
    """
    taken = dict(list(inspect.signature(type(model).call).parameters.items())[1:])
    if by_name.keys() & taken.keys():
        return [], by_name
    needed = [
        p for p in taken.values() if p.kind in POSITIONAL and p.default is p.empty
    ]
    if by_name:
        return [by_name], {}
    return (tensors if len(tensors) == 1 or len(needed) > 1 else [tensors]), {}


POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


def _paths(layer: keras.Layer, path: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield each layer's id and path; a wrapper stands for what it wraps."""
    yield id(layer), "/".join(path)
    for name, child in _below(_inside(layer)):
        yield from _paths(child, (*path, name))


def _numpy(value: Any) -> np.ndarray | None:
    """Return a tensor's numbers; None if it has none, as in a loop's graph."""
    if not keras.ops.is_tensor(value) or _is_symbol(value):
        return None
    return plain(to_numpy(value))


def _is_symbol(tensor: Any) -> bool:
    if keras.config.backend() == "tensorflow":
        return not hasattr(tensor, "numpy")
    if keras.config.backend() == "jax":
        import jax

        return isinstance(tensor, jax.core.Tracer)
    return False


def _call(layer: keras.Layer, given: Any, named: Any) -> Any:
    return layer(*given, **named)


TO = To(_numpy, keras.ops.logical_not, _call)
