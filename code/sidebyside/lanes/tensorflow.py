"""The TensorFlow lane: TensorFlow core, without Keras."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from sidebyside import layout
from sidebyside.lanes._watch import started
from sidebyside.lanes._watch_tensorflow import watch
from sidebyside.layout import Entries, Entry, Slot, Weights
from sidebyside.parity import Lane, to_arrays

__all__ = [
    "count_parameters",
    "device",
    "get_weights",
    "probe",
    "seed",
    "set_weights",
    "to_numpy",
    "watch",
]


def seed(value: int) -> None:
    """Set TensorFlow's global seed (operation seeds are derived from it)."""
    tf.random.set_seed(value)


def device() -> str:
    """Return the device that eager operations land on, e.g. `"cpu"`."""
    return "gpu" if tf.config.list_logical_devices("GPU") else "cpu"


def to_numpy(tensor: tf.Tensor | tf.Variable) -> np.ndarray:
    """Return a NumPy copy of `tensor`, same shape and dtype."""
    return np.array(tensor.numpy())


def get_weights(model: tf.Module) -> Weights:
    """Return the weights of `model` in the neutral layout (see `sidebyside.layout`).

    Attributes whose names start with `_` are private and left out, with all below them.
    """
    return layout.read(_entries(model), to_numpy)


def set_weights(model: tf.Module, weights: Mapping[str, np.ndarray]) -> None:
    """Write neutral `weights` into `model`, all of them or none.

    Raises:
        ValueError: If names or shapes are not exactly the model's.
    """
    layout.write("set_weights", _entries(model), weights, to_numpy, _assign)
    started(model, weights)


def count_parameters(model: tf.Module) -> int:
    """Return how many numbers gradient descent may change."""
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def probe(
    model: tf.Module,
    loss_fn: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    *,
    step: Callable[[tf.Tensor, tf.Tensor], Any],
    prepare: Callable[[np.ndarray], tf.Tensor] = tf.constant,
) -> Lane:
    """Wrap a model and its training step so that the parity ladder can compare them.

    Args:
        model: Called as `model(X, training=...)`.
        loss_fn: `loss_fn(outputs, targets)` -> scalar tensor.
        step: The chapter's own training step, `step(X, y)` -> loss of that batch.
        prepare: Turns a NumPy batch of inputs into this lane's tensor.

    Returns:
        A `sidebyside.parity.Lane` named `"tensorflow"`.
    """

    def gradients(X: np.ndarray, y: np.ndarray) -> tuple[float, Weights]:
        entries = {name: e for name, e in _entries(model).items() if e.trainable}
        with tf.GradientTape() as tape:
            loss = loss_fn(model(prepare(X), training=True), tf.constant(y))
        found = tape.gradient(
            loss,
            [entry.tensor for entry in entries.values()],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        dense = (to_numpy(tf.convert_to_tensor(g)) for g in found)
        return float(loss), dict(zip(entries, dense, strict=True))

    return Lane(
        name="tensorflow",
        get_weights=lambda: get_weights(model),
        set_weights=lambda weights: set_weights(model, weights),
        count_parameters=lambda: count_parameters(model),
        forward=lambda X: to_arrays(model(prepare(X), training=True), to_numpy),
        gradients=gradients,
        step=lambda X, y: float(step(prepare(X), tf.constant(y))),
        predict=lambda X: to_arrays(model(prepare(X), training=False), to_numpy),
    )


def _assign(variable: tf.Variable, array: np.ndarray) -> None:
    variable.assign(array)


def _entries(model: tf.Module) -> Entries:
    entries: Entries = {}
    for path, variable in _walk(model, ()):
        name = "/".join(path)
        entries[name] = Entry(variable, Slot(path[-1], path[-1]), variable.trainable)
    return entries


def _walk(
    value: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tf.Variable]]:
    """Yield every variable below `value` with the attribute names that lead to it."""
    if isinstance(value, tf.Variable):
        yield path, value
    elif isinstance(value, tf.Module):
        for name, child in vars(value).items():
            if not name.startswith("_"):
                yield from _walk(child, (*path, name))
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            yield from _walk(child, (*path, str(index)))
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _walk(child, (*path, str(key)))
