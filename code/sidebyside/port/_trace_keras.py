"""A note in the call of every layer of a Keras model, on any backend."""

from typing import Any
from unittest import mock

import keras
import numpy as np

from sidebyside.lanes._names import walk
from sidebyside.lanes.keras import _children, to_numpy
from sidebyside.port._trace import Calls, To, flat, plain


def calls(
    model: keras.Model,
    arguments: tuple[list[np.ndarray], dict[str, np.ndarray]],
    training: bool | None,
) -> Calls:
    """Call the model eagerly and return the calls of its layers."""
    noted = Calls()
    paths = {id(layer): "/".join(p) for p, layer in walk(model, _children, {})}
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
    several: Any = by_name or (tensors if len(tensors) > 1 else tensors[0])
    with mock.patch.object(keras.Layer, "__call__", wrapped):
        model(several, training=bool(training))
    return noted


def _numpy(value: Any) -> np.ndarray | None:
    return plain(to_numpy(value)) if keras.ops.is_tensor(value) else None


def _call(layer: keras.Layer, given: Any, named: Any) -> Any:
    return layer(*given, **named)


TO = To(_numpy, keras.ops.logical_not, _call)
