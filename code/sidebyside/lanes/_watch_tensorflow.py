"""TensorFlow's watch: Python functions inside the graph of the model and its steps."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
import tensorflow as tf

from sidebyside import tfcore
from sidebyside.lanes._watch import Seen, settings, watching
from sidebyside.tfcore.optimizers import taken


@contextmanager
def watch(model: tf.Module, optimizer: type | None = None) -> Iterator[Seen]:
    """Note what `model` is shown and how it is trained inside the `with` block.

    `tf.py_function` notes each call of the model, and each step of an optimizer of
    `sidebyside.tfcore` that holds a variable of the model. A graph that was traced for
    this model earlier doesn't hold these functions: give the watch a fresh model.

    Args:
        model: The model.
        optimizer: A class of the chapter's own, a `tf.Module` whose `apply(gradients)`
            is a step, and whose attributes `rate`, `momentum` and so on are its
            settings; what it has no attribute for is off. None if the optimizer is one
            of `sidebyside.tfcore`.

    Yields:
        What was seen; read it when the block has ended.

    Raises:
        ValueError: If the model's call has no argument `training`.
    """
    kind = type(model)
    if optimizer is not None:
        with _telling(optimizer), watch(model) as seen:
            yield seen
        return
    parameters = inspect.signature(kind.__call__).parameters
    if "training" not in parameters:
        raise ValueError(
            f"watch: expected a model that is called with training=True or False, "
            f"received {kind.__name__} with {list(parameters)}"
        )
    seen, running = Seen(), True

    def note(training: tf.Tensor, *inputs: tf.Tensor) -> None:
        if running:
            X = [tensor.numpy() for tensor in inputs]
            seen.note(X, training=bool(training))
            if bool(training):
                seen.batch_sizes.append(len(X[0]))

    def call(self: tf.Module, X: Any, *rest: Any, **named: Any) -> Any:
        given = inspect.signature(kind.__call__).bind(self, X, *rest, **named)
        given.apply_defaults()
        training = bool(given.arguments["training"])
        tf.py_function(note, [training, *tf.nest.flatten(X)], [])  # by sorted names
        return kind.__call__(self, X, *rest, **named)

    def step(stepped: Any, rate: tf.Tensor) -> None:
        own = {id(v) for v in model.trainable_variables}
        if running and any(id(v) in own for v in stepped.variables):
            seen.rates.append(float(rate))
            seen.settings |= _settings(stepped)

    model.__class__ = type(kind.__name__, (kind,), {"__call__": call})
    remove = tfcore.on_step(step)
    try:
        with watching(model, seen):
            yield seen
    finally:
        running = False
        remove()
        model.__class__ = kind
        layers = [m for m in model.submodules if isinstance(m, tfcore.Dropout)]
        seen.settings["dropout"] = np.array([m.rate for m in layers], float)


@contextmanager
def _telling(kind: type) -> Iterator[None]:
    """Let an optimizer of a chapter's own tell of its steps as those of `tfcore` do."""
    own = kind.apply

    def apply(self: tf.Module, gradients: Any) -> None:
        own(self, gradients)
        taken(self, tf.cast(self.rate, tf.float64))

    with mock.patch.object(kind, "apply", apply):
        yield


def _settings(optimizer: Any) -> dict[str, Any]:
    names = {"momentum": "momentum", "nesterov": "nesterov", "weight decay": ""}
    names |= {"beta 1": "beta_1", "beta 2": "beta_2", "epsilon": "epsilon"}
    values = {neutral: getattr(optimizer, own, None) for neutral, own in names.items()}
    kind = type(optimizer).__name__.removesuffix("_tf")
    if values["momentum"] is not None and values["nesterov"] is None:
        values["nesterov"] = False  # an optimizer of a chapter's own lacks it
    values["weight decay"] = float(getattr(optimizer, "weight_decay", 0.0))
    return settings(kind, values, {})
