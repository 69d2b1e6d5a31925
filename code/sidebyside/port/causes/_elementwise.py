"""Activations, scales and divisions: each number by itself."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from scipy.special import expit, log_softmax, ndtr, softmax

from sidebyside.port.causes._solve import Candidates, Parting

Form = Callable[[np.ndarray], np.ndarray]


def _leaky(slope: float) -> Form:
    return lambda x: np.where(x >= 0, x, slope * x)


def _gelu_tanh(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


ACTIVATIONS: dict[str, Form] = {
    "nothing": lambda x: x,
    "ReLU": lambda x: np.maximum(x, 0),
    "ReLU6": lambda x: np.clip(x, 0, 6),
    "leaky ReLU of slope 0.01 (PyTorch's default)": _leaky(0.01),
    "leaky ReLU of slope 0.1": _leaky(0.1),
    "leaky ReLU of slope 0.2 (TensorFlow's default)": _leaky(0.2),
    "leaky ReLU of slope 0.3 (Keras' default)": _leaky(0.3),
    "GELU by erf": lambda x: x * ndtr(x),
    "GELU by tanh": _gelu_tanh,
    "GELU by sigmoid(1.702 x)": lambda x: x * expit(1.702 * x),
    "SiLU (swish)": lambda x: x * expit(x),
    "sigmoid": expit,
    "hard sigmoid, x / 6 + 0.5 (PyTorch, Keras 3)": lambda x: np.clip(
        x / 6 + 0.5, 0, 1
    ),
    "hard sigmoid of slope 0.2 (Keras 2)": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "hard swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "tanh": np.tanh,
    "ELU": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "SELU": lambda x: (
        1.0507009873554805
        * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))
    ),
    "softplus": lambda x: np.logaddexp(x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
    "softmax over the last axis": partial(softmax, axis=-1),
    "softmax over axis 1": partial(softmax, axis=1),
    "softmax over the batch": partial(softmax, axis=0),
    "log-softmax": partial(log_softmax, axis=-1),
}
"""Name -> the function, of an array of any shape."""

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
"""Of ImageNet's red, green and blue, in torchvision and `keras.applications`."""
SCALES: dict[str, Form] = {
    "the numbers as they are": lambda x: x,
    "the numbers over 255": lambda x: x / 255,
    "the numbers times 255": lambda x: x * 255,
    "the numbers over 127.5, less 1": lambda x: x / 127.5 - 1,
    "the numbers less 127, over 128": lambda x: (x - 127) / 128,
    "twice the numbers, less 1": lambda x: 2 * x - 1,
    "the channels in the other order (RGB and BGR)": lambda x: x[..., ::-1],
    "ImageNet's mean and deviation, of numbers from 0 to 1": lambda x: (x - MEAN) / STD,
    "ImageNet's mean and deviation, of numbers from 0 to 255": (
        lambda x: (x / 255 - MEAN) / STD
    ),
}
DIVISORS = (2, 3, 4, 5, 8, 10, 16, 32, 64, 100, 128, 255, 256)


def activations(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each activation of what came before, or of either model's own output."""
    for y in _floats(parting):
        for name, form in ACTIVATIONS.items():
            if y.ndim > 1 or "axis 1" not in name:
                with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                    yield name, form(y)


def scales(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what is done to inputs before the first layer."""
    for y in _floats(parting):
        for name, form in SCALES.items():
            if y.shape[-1] == 3 or "ImageNet" not in name:
                yield name, form(y)


def divisions(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what came before over a whole number, with and without its remainder."""
    for y in _floats(parting):
        yield "the numbers as they are", y
        yield "the numbers without their fraction", np.trunc(y)
        yield "the numbers rounded", np.rint(y)
        for k in DIVISORS:
            yield f"x / {k}", y / k
            yield f"x // {k}, without the remainder", np.floor(y / k)


def _floats(parting: Parting) -> Iterator[np.ndarray]:
    """Yield what came before in float64; for an output, what each model gives, too.

    Two models may share a layer's sum and part in the activation that one layer has.
    """
    near = [parting.ours, parting.theirs] if parting.where == "output" else []
    for y in [*parting.before, *near]:
        if y.dtype.kind in "fiu":
            yield y.astype(np.float64)


CANDIDATES: dict[str, Callable[[Parting], Candidates]] = {
    "activation": activations,
    "scale of the inputs": scales,
    "integer division": divisions,
}
