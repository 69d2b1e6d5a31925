"""The table of Keras' layers: what their weights are called, how they are laid out.

Keras' names and axes are the neutral ones, but for the layers that stand here.
"""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras

from sidebyside import counterparts
from sidebyside.layout import Slot

_REFUSED = {
    "ConvLSTM": "convolution in an LSTM",
    "ConvLSTMCell": "convolution in an LSTM",
    "SpectralNormalization": "spectral norm",
    "Normalization": "normalization by the data",
    "STFTSpectrogram": "spectrogram",
    "FlaxLayer": "layer of another framework",
    "JaxLayer": "layer of another framework",
    "TFSMLayer": "layer of another framework",
    "TorchModuleWrapper": "layer of another framework",
}


def slots(layer: keras.Layer, variable: keras.Variable) -> tuple[Slot, ...]:
    """Return how a variable of a layer is laid out."""
    own = variable.name
    for kind in type(layer).__mro__:
        if kind.__name__ in _LAYERS and kind.__module__.startswith("keras."):
            return _LAYERS[kind.__name__](layer, own, tuple(variable.shape))
    return (Slot(own, own),)


def refusal(layer: keras.Layer) -> str | None:
    """Return what to do instead of a layer without a counterpart; None if it has one.

    The words are those of `sidebyside.counterparts`.
    """
    if getattr(layer, "input_mean", None) is not None:  # given: no weight at all
        return None
    for kind in type(layer).__mro__:
        where = kind.__module__  # on JAX, the base of all layers is a JaxLayer, too
        if where.startswith("keras.src.backend."):
            continue
        if kind.__name__ in _REFUSED and where.startswith("keras."):
            return counterparts.instead(_REFUSED[kind.__name__])
    is_batch_norm = isinstance(layer, keras.layers.BatchNormalization)
    if is_batch_norm and getattr(layer, "renorm", False):
        return counterparts.instead("batch norm with renorm")
    return None


def _einsum(layer: Any, own: str, shape: tuple[int, ...]) -> tuple[Slot, ...]:
    """Flatten the axes that are summed over, and those that come out."""
    inputs, kernel, outputs = re.findall(r"[a-zA-Z]+", layer.equation)
    summed = [axis for axis in inputs if axis in kernel and axis not in outputs]
    out = [axis for axis in outputs if axis in kernel and axis not in inputs]
    if sorted(summed + out) != sorted(kernel):  # one matrix for each index of an axis
        return (Slot(own, own),)
    if own == "bias":
        covers = set(layer.bias_axes) == set(out)
        return (Slot(own, own, shape=(math.prod(shape),) if covers else None),)
    if own != "kernel":
        return (Slot(own, own),)
    axes = tuple(kernel.index(axis) for axis in summed + out)
    sizes = dict(zip(kernel, shape, strict=True))
    flat = tuple(math.prod(sizes[axis] for axis in part) for part in (summed, out))
    return (Slot(own, own, axes, shape=flat),)


def _depthwise(layer: Any, own: str, shape: tuple[int, ...]) -> tuple[Slot, ...]:
    """Lay a kernel (..., in, m) out as that of a convolution in groups."""
    if own != "kernel":
        return (Slot(own, own),)
    return (Slot(own, own, shape=(*shape[:-2], 1, shape[-2] * shape[-1])),)


def _separable(layer: Any, own: str, shape: tuple[int, ...]) -> tuple[Slot, ...]:
    """Name the two layers that it is made of."""
    if own == "depthwise_kernel":
        (slot,) = _depthwise(layer, "kernel", shape)
        return (replace(slot, own=own, neutral="depthwise/kernel"),)
    return (Slot(own, f"pointwise/{own.removeprefix('pointwise_')}"),)


def _rms_norm(layer: Any, own: str, shape: tuple[int, ...]) -> tuple[Slot, ...]:
    return (Slot(own, "gamma" if own == "scale" else own),)


def _prelu(layer: Any, own: str, shape: tuple[int, ...]) -> tuple[Slot, ...]:
    """Leave out the axes that share their slopes; of slopes, one is left."""
    kept = tuple(size for size in shape if size != 1) or (1,)
    return (Slot(own, own, shape=kept if layer.shared_axes else None),)


def _gru(layer: Any, own: str, shape: tuple[int, ...]) -> tuple[Slot, ...]:
    """Take the two biases of `reset_after` apart, which are rows of one variable."""
    if own != "bias" or len(shape) == 1:
        return (Slot(own, own),)
    return Slot(own, "bias", row=0), Slot(own, "recurrent_bias", row=1)


_LAYERS: dict[str, Callable[[Any, str, tuple[int, ...]], tuple[Slot, ...]]] = {
    "EinsumDense": _einsum,
    "BaseDepthwiseConv": _depthwise,
    "BaseSeparableConv": _separable,
    "RMSNormalization": _rms_norm,
    "PReLU": _prelu,
    "GRUCell": _gru,
}
