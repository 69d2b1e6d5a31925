"""The Keras lane: Keras 3, on whichever backend it runs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from sidebyside import layout
from sidebyside.lanes._keras_gradients import loss_and_gradients
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
Found = tuple[tuple[str, ...], keras.Variable, int | None]  # path, variable, row of it


def seed(value: int) -> None:
    """Seed Python's `random`, NumPy and the Keras backend."""
    keras.utils.set_random_seed(value)


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
        ValueError: If names or shapes are not exactly the model's.
    """
    layout.write("set_weights", _entries(model), weights, to_numpy, _assign)
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
        found = {
            name: entry.slot.to_neutral(to_numpy(by_variable[id(entry.tensor)]))
            for name, entry in entries.items()
        }
        return float(to_numpy(loss)), found

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


def _assign(variable: keras.Variable, array: np.ndarray) -> None:
    variable.assign(array.copy())  # JAX may keep the very memory it is given


def _entries(model: keras.Model) -> Entries:
    entries: Entries = {}
    for path, variable, row in _walk(model):
        name = "/".join(path)
        if name in entries:
            raise ValueError(
                "get_weights: expected a different name for each layer and weight, "
                f"received {name!r} twice"
            )
        slot = Slot(variable.name, path[-1], row=row)
        entries[name] = Entry(variable, slot, variable.trainable)
    return entries


def _walk(layer: keras.Layer, path: tuple[str, ...] = ()) -> Iterator[Found]:
    """Yield every weight below `layer`, named by the layers that lead to it."""
    _check_known(layer)
    if isinstance(layer, keras.layers.Bidirectional):
        yield from _walk(layer.forward_layer, (*path, "forward"))
        yield from _walk(layer.backward_layer, (*path, "backward"))
        return
    if isinstance(layer, _RECURRENT):
        yield from _recurrent(layer, path)
        return
    children = _children(layer)
    for child in children:
        yield from _walk(child, (*path, child.name))
    below = {id(v) for child in children for v in child.weights}
    for variable in layer.weights:
        if id(variable) not in below:
            yield (*path, variable.name), variable, None


def _recurrent(layer: Any, path: tuple[str, ...]) -> Iterator[Found]:
    """Yield the weights of the layer's cell; a bias of two rows is two weights."""
    for variable in layer.cell.weights:
        if variable.name == "bias" and len(variable.shape) == 2:
            yield (*path, "bias"), variable, 0
            yield (*path, "recurrent_bias"), variable, 1
        else:
            yield (*path, variable.name), variable, None


def _children(layer: keras.Layer) -> list[keras.Layer]:
    if isinstance(layer, keras.Model):
        return list(layer.layers)
    # Only models list their layers in public; layers made of layers do it here.
    return list(layer._flatten_layers(include_self=False, recursive=False))


def _check_known(layer: keras.Layer) -> None:
    if isinstance(layer, _KNOWN) and not layer.built:
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
