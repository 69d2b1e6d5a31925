"""The layers of a Keras model, and the weights that they hold."""

from collections.abc import Iterator

import keras

from sidebyside.counterparts import COUNTERPARTS
from sidebyside.lanes._keras_slots import refusal, slots
from sidebyside.lanes._names import Names, collect, walk
from sidebyside.layout import Entries, Entry

_NAMES = {path.removeprefix("layers.") for row in COUNTERPARTS for path in row.keras}
_KNOWN = tuple(
    getattr(keras.layers, name) for name in _NAMES if hasattr(keras.layers, name)
)


def entries(model: keras.Layer) -> Entries:
    """Return the model's weights by name.

    Raises:
        TypeError: If it is no model or layer.
        ValueError: If a layer has no counterpart, or is not built.
    """
    if not isinstance(model, keras.Layer):
        raise TypeError(
            f"get_weights: expected a keras.Model, received {type(model).__name__}"
        )
    result = Entries()
    layers = walk(_inside(model), _children, result.aliases)
    return collect((w for path, layer in layers for w in _own(path, layer)), result)


def _inside(layer: keras.Layer) -> keras.Layer:
    """Return the layer that has the weights of this one: often the layer itself."""
    inner = None
    if isinstance(layer, keras.layers.Wrapper):
        inner = layer.layer
    elif isinstance(layer, keras.layers.RNN):
        inner = layer.cell
    if refusal(layer):
        return layer
    is_all = not _variables(layer) and [c for _, c in _below(layer)] == [inner]
    return _inside(inner) if is_all and isinstance(inner, keras.Layer) else layer


def _children(layer: keras.Layer) -> list[tuple[str, keras.Layer]]:
    return [(name, _inside(child)) for name, child in _below(layer)]


def _below(layer: keras.Layer) -> list[tuple[str, keras.Layer]]:
    """Return the layers directly below a layer, by their neutral names."""
    if isinstance(layer, keras.layers.Bidirectional):
        return [("forward", layer.forward_layer), ("backward", layer.backward_layer)]
    if isinstance(layer, keras.layers.StackedRNNCells):
        return [(str(k), cell) for k, cell in enumerate(layer.cells)]
    if isinstance(layer, keras.Model):
        return [(child.name, child) for child in layer.layers]
    # Only models list their layers in public; layers made of layers do it here.
    children = layer._flatten_layers(include_self=False, recursive=False)
    return [(child.name, child) for child in children]


def _own(path: Names, layer: keras.Layer) -> Iterator[tuple[Names, Entry]]:
    """Yield the weights of one layer, without those of the layers below it."""
    _check(path[-1] if path else layer.name, layer)
    for variable in _variables(layer):
        for slot in slots(layer, variable):
            entry = Entry(variable, slot, variable.trainable, str(variable.dtype))
            yield (*path, *slot.neutral.split("/")), entry


def _variables(layer: keras.Layer) -> list[keras.Variable]:
    """Return what the layer itself holds, without random states and metrics.

    In public, Keras only lists them together with those of the layers below.
    """
    return [*layer._trainable_variables, *layer._non_trainable_variables]


def _check(name: str, layer: keras.Layer) -> None:
    """Refuse a layer that has no counterpart, or no weights yet."""
    kind = f"{type(layer).__name__} named {name!r}"
    if instead := refusal(layer):
        raise ValueError(
            "get_weights: expected a layer that has a counterpart, received "
            f"{kind}: {instead}"
        )
    builds = not type(layer).build.__module__.startswith("keras.")
    if not layer.built and (isinstance(layer, _KNOWN) or builds):
        raise ValueError(
            "get_weights: expected a built model; call it on a batch first, received "
            f"{kind} without weights"
        )
    built_in = type(layer).__module__.startswith("keras.src.layers.")
    if built_in and layer.weights and not isinstance(layer, _KNOWN):
        raise ValueError(
            "get_weights: expected a layer of sidebyside.counterparts, or a layer of "
            f"your own; received {kind}, which has no neutral layout"
        )
