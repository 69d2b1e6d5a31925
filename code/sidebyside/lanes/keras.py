"""The Keras lane: Keras 3, on whichever backend it runs."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from sidebyside import _checks, layout
from sidebyside.lanes._keras_gradients import loss_and_gradients
from sidebyside.lanes._keras_layers import entries
from sidebyside.lanes._watch import started
from sidebyside.lanes._watch_keras import watch
from sidebyside.layout import Weights
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
    """Seed Python's `random`, NumPy and the Keras backend.

    Args:
        value: 0 to 2**32 - 1, as in the other lanes.

    Raises:
        TypeError: If it is not whole.
        ValueError: If it is out of range.
    """
    keras.utils.set_random_seed(_checks.seed("seed", value, "value"))


def device() -> str:
    """Return the kind of device that the backend puts new tensors on, e.g. `"cpu"`."""
    if keras.config.backend() == "torch":  # keras.distribution knows nothing of it
        return str(keras.ops.zeros(()).device.type)
    devices = keras.distribution.list_devices()
    return devices[0].split(":")[0].lower() if devices else "cpu"


def to_numpy(tensor: Any) -> np.ndarray:
    """Return a NumPy copy of `tensor` (any backend), same shape and dtype."""
    return np.array(keras.ops.convert_to_numpy(tensor))


def get_weights(model: keras.Model) -> Weights:
    """Return the weights of `model` in the neutral layout (see `sidebyside.layout`)."""
    return layout.read(entries(model), to_numpy)


def set_weights(model: keras.Model, weights: Mapping[str, np.ndarray]) -> None:
    """Write neutral `weights` into `model`, all of them or none.

    Raises:
        TypeError: If it is no model, or they are no arrays of numbers by name.
        ValueError: If names or shapes are not exactly the model's, or a number is not
            finite in the model's dtype.
    """
    layout.write("set_weights", entries(model), weights, to_numpy, _assign, _held)
    started(model, weights)


def count_parameters(model: keras.Model) -> int:
    """Return how many numbers gradient descent may change."""
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def probe(
    model: keras.Model,
    loss_fn: Callable[[Any, Any], Any],
    *,
    step: Callable[[Any, Any], Any],
    prepare: Callable[[np.ndarray], Any] = keras.ops.convert_to_tensor,
) -> Lane:
    """Wrap a model and its training step so that the parity ladder can compare them.

    Args:
        model: The model, built.
        loss_fn: In the order of Keras, `loss_fn(targets, outputs)` -> scalar tensor.
        step: The chapter's own training step, `step(X, y)` -> loss of that batch.
            Remember that `train_on_batch` returns a running mean unless
            `model.reset_metrics()` is called first.
        prepare: Turns a NumPy batch of inputs into this lane's tensor.

    Returns:
        A `sidebyside.parity.Lane` named `"keras"`.
    """

    def gradients(X: np.ndarray, y: np.ndarray) -> tuple[float, Weights]:
        trainable = {name: e for name, e in entries(model).items() if e.trainable}
        targets = keras.ops.convert_to_tensor(y)
        loss, by_variable = loss_and_gradients(model, loss_fn, prepare(X), targets)
        by_name = {
            name: entry.slot.to_neutral(to_numpy(by_variable[id(entry.tensor)]))
            for name, entry in trainable.items()
        }
        return float(to_numpy(loss)), by_name

    return Lane(
        name="keras",
        get_weights=lambda: get_weights(model),
        set_weights=lambda weights: set_weights(model, weights),
        count_parameters=lambda: count_parameters(model),
        forward=lambda X: to_arrays(model(prepare(X), training=True), to_numpy),
        gradients=gradients,
        step=lambda X, y: _number(step(prepare(X), y)),
        predict=lambda X: to_arrays(model(prepare(X), training=False), to_numpy),
    )


def _number(loss: Any) -> float:
    return float(to_numpy(loss) if keras.ops.is_tensor(loss) else loss)


def _held(variable: keras.Variable, array: np.ndarray) -> np.ndarray:
    return to_numpy(keras.ops.cast(array, variable.dtype))


def _assign(variable: keras.Variable, array: np.ndarray) -> None:
    variable.assign(array.copy())  # JAX may keep the very memory it is given
