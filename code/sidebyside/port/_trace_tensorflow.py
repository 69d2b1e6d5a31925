"""A note in the call of every module of a TensorFlow model."""

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from sidebyside.lanes._names import walk
from sidebyside.lanes.tensorflow import _children, to_numpy
from sidebyside.port._trace import Calls, To, flat, plain


def calls(
    model: tf.Module,
    arguments: tuple[list[np.ndarray], dict[str, np.ndarray]],
    training: bool | None,
) -> Calls:
    """Call the model and return the calls of its modules.

    Functions of `tf.function` run eagerly, so that what they compute can be read.
    """
    noted, given, named = Calls(), *arguments
    tensors: dict[str, Any] = {name: tf.constant(a) for name, a in named.items()}
    if "training" in inspect.signature(type(model).__call__).parameters:
        tensors["training"] = bool(training)
    with ExitStack() as stack:
        stack.enter_context(_eagerly())
        for names, module in walk(model, _children, {}):
            if isinstance(module, tf.Module) and callable(module):
                stack.enter_context(_noting("/".join(names), module, noted))
        model(*map(tf.constant, given), **tensors)
    return noted


@contextmanager
def _eagerly() -> Iterator[None]:
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


@contextmanager
def _noting(path: str, module: tf.Module, noted: Calls) -> Iterator[None]:
    """Put a note around the call of one module: Python looks it up in the class."""
    kind = type(module)

    def call(self: tf.Module, *given: Any, **named: Any) -> Any:
        note = noted.note(path, self, given, named, TO)
        outputs = kind.__call__(self, *given, **named)
        note.outputs |= flat(outputs, _numpy)
        return outputs

    module.__class__ = type(kind.__name__, (kind,), {"__call__": call})
    try:
        yield
    finally:
        module.__class__ = kind


def _numpy(value: Any) -> np.ndarray | None:
    return (
        plain(to_numpy(value)) if isinstance(value, tf.Tensor | tf.Variable) else None
    )


def _call(module: tf.Module, given: Any, named: Any) -> Any:
    return module(*given, **named)


TO = To(_numpy, tf.logical_not, _call)
