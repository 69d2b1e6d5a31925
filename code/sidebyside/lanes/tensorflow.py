"""The TensorFlow lane: TensorFlow core, without Keras."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from sidebyside import _checks, layout, tfcore
from sidebyside.lanes._names import Names, collect, walk
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
    """Set TensorFlow's global seed (operation seeds are derived from it).

    Args:
        value: 0 to 2**32 - 1, as in the other lanes.

    Raises:
        TypeError: If it is not whole.
        ValueError: If it is out of range.
    """
    tf.random.set_seed(_checks.seed("seed", value, "value"))


def device() -> str:
    """Return the device that eager operations land on, e.g. `"cpu"`."""
    return "gpu" if tf.config.list_logical_devices("GPU") else "cpu"


def to_numpy(tensor: tf.Tensor | tf.Variable) -> np.ndarray:
    """Return a NumPy copy of `tensor`, same shape and dtype.

    Raises:
        TypeError: If it is no tensor.
    """
    if not isinstance(tensor, tf.Tensor | tf.Variable):
        raise TypeError(
            f"to_numpy: expected a tf.Tensor or tf.Variable, "
            f"received {type(tensor).__name__}"
        )
    return np.array(tensor.numpy())


def get_weights(model: tf.Module) -> Weights:
    """Return the weights of `model` in the neutral layout (see `sidebyside.layout`)."""
    return layout.read(_entries(model), to_numpy)


def set_weights(model: tf.Module, weights: Mapping[str, np.ndarray]) -> None:
    """Write neutral `weights` into `model`, all of them or none.

    Raises:
        TypeError: If it is no module, or they are no arrays of numbers by name.
        ValueError: If names or shapes are not exactly the model's, or a number is not
            finite in the model's dtype.
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
        computed = tape.gradient(
            loss,
            [entry.tensor for entry in entries.values()],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        dense = (to_numpy(tf.convert_to_tensor(g)) for g in computed)
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
    if not isinstance(model, tf.Module):
        raise TypeError(
            f"get_weights: expected a tf.Module, received {type(model).__name__}"
        )
    entries = Entries()
    nodes = walk(model, _children, entries.aliases)
    return collect((w for path, node in nodes for w in _own(path, node)), entries)


def _named(node: Any) -> list[tuple[str, Any]]:
    """Return what a module, list, tuple or dict holds, by name, index or key."""
    if isinstance(node, tf.Module):
        named = vars(node).items()
        # bookkeeping of TensorFlow, which holds the same variables again
        return [(name, value) for name, value in named if name[:6] != "_self_"]
    if isinstance(node, dict):
        return [(str(key), value) for key, value in node.items()]
    return [(str(index), value) for index, value in enumerate(node)]


def _children(node: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in _named(node) if _is_node(name, value)]


def _is_node(name: str, value: Any) -> bool:
    if isinstance(value, tf.Module | list | tuple | dict):
        return not isinstance(value, tfcore.Optimizer)
    if hasattr(type(value), "trainable_weights"):
        raise ValueError(
            f"get_weights: expected tf.Modules, received {name!r}, a Keras "
            f"{type(value).__name__}; a tf.Module does not see its weights either"
        )
    return False


def _own(path: Names, node: Any) -> Iterator[tuple[Names, Entry]]:
    """Yield the variables of one node, without those of the nodes below it."""
    for name, value in _named(node):
        if isinstance(value, tf.Variable):
            slot, dtype = Slot(name, name), value.dtype.name
            yield (*path, name), Entry(value, slot, value.trainable, dtype)
