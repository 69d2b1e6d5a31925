"""The Keras lane: Keras 3, on whichever backend it runs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from sidebyside import _checks, layout
from sidebyside.lanes._keras_gradients import loss_and_gradients
from sidebyside.lanes._names import Path, collect, walk
from sidebyside.lanes._watch import started
from sidebyside.lanes._watch_keras import watch
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

_SAME = (
    keras.layers.Dense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.Embedding,
)
_RECURRENT = (keras.layers.LSTM, keras.layers.GRU)
_KNOWN = (*_SAME, *_RECURRENT, keras.layers.Bidirectional)


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
    return layout.read(_entries(model), to_numpy)


def set_weights(model: keras.Model, weights: Mapping[str, np.ndarray]) -> None:
    """Write neutral `weights` into `model`, all of them or none.

    Raises:
        TypeError: If it is no model, or they are no arrays of numbers by name.
        ValueError: If names or shapes are not exactly the model's, or a number is not
            finite in the model's dtype.
    """
    layout.write("set_weights", _entries(model), weights, to_numpy, _assign, _held)
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
        entries = {name: e for name, e in _entries(model).items() if e.trainable}
        targets = keras.ops.convert_to_tensor(y)
        loss, by_variable = loss_and_gradients(model, loss_fn, prepare(X), targets)
        by_name = {
            name: entry.slot.to_neutral(to_numpy(by_variable[id(entry.tensor)]))
            for name, entry in entries.items()
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


def _entries(model: keras.Layer) -> Entries:
    if not isinstance(model, keras.Layer):
        raise TypeError(
            f"get_weights: expected a keras.Model, received {type(model).__name__}"
        )
    entries = Entries()
    layers = walk(model, _children, entries.aliases)
    return collect((w for path, layer in layers for w in _own(path, layer)), entries)


def _own(path: Path, layer: keras.Layer) -> Iterator[tuple[Path, Entry]]:
    """Yield the weights of one layer, without those of the layers below it."""
    for variable in _variables(layer):
        two = isinstance(layer, _RECURRENT) and variable.name == "bias"
        rows: dict[str, int | None] = {variable.name: None}
        if two and len(variable.shape) == 2:
            rows = {"bias": 0, "recurrent_bias": 1}
        for name, row in rows.items():
            slot = Slot(variable.name, name, row=row)
            dtype = str(variable.dtype)
            yield (*path, name), Entry(variable, slot, variable.trainable, dtype)


def _variables(layer: keras.Layer) -> list[keras.Variable]:
    """Return what the layer itself holds, without random states and metrics.

    In public, Keras only lists them together with those of the layers below.
    """
    _check_known(layer)
    if isinstance(layer, _RECURRENT):
        layer = layer.cell
    return [*layer._trainable_variables, *layer._non_trainable_variables]


def _children(layer: keras.Layer) -> list[tuple[str, keras.Layer]]:
    if isinstance(layer, keras.layers.Bidirectional):
        return [("forward", layer.forward_layer), ("backward", layer.backward_layer)]
    if isinstance(layer, _RECURRENT):
        return []
    if isinstance(layer, keras.Model):
        return [(child.name, child) for child in layer.layers]
    # Only models list their layers in public; layers made of layers do it here.
    children = layer._flatten_layers(include_self=False, recursive=False)
    return [(child.name, child) for child in children]


def _check_known(layer: keras.Layer) -> None:
    builds = not type(layer).build.__module__.startswith("keras.")
    if not layer.built and (isinstance(layer, _KNOWN) or builds):
        raise ValueError(
            "get_weights: expected a built model; call it on a batch first, received "
            f"{type(layer).__name__} named {layer.name!r} without weights"
        )
    builtin = type(layer).__module__.startswith("keras.src.layers.")
    if builtin and layer.weights and not isinstance(layer, _KNOWN):
        known = ", ".join(kind.__name__ for kind in _KNOWN)
        raise ValueError(
            f"get_weights: expected one of the layers {known}, or a layer of your own; "
            f"received {type(layer).__name__} named {layer.name!r}, "
            "which has no neutral layout"
        )
