"""EfficientNet-Lite0 in Keras, up to its last feature maps."""

from typing import Any

import keras
from keras import layers

from sidebyside import lite0
from sidebyside.lanes import keras as lane

__all__ = ["body"]


def _unit(
    X: Any,
    name: str,
    num_out: int | None,
    kernel: int = 1,
    stride: int = 1,
    act: bool = True,
) -> Any:
    """Apply a convolution (depthwise without `num_out`), a batch norm, and ReLU6."""
    options = {"padding": "same", "use_bias": False, "name": f"{name}-conv"}
    if num_out is None:
        X = layers.DepthwiseConv2D(kernel, stride, **options)(X)
    else:
        X = layers.Conv2D(num_out, kernel, stride, **options)(X)
    options = {"epsilon": lite0.EPSILON, "momentum": 0.99, "name": f"{name}-norm"}
    X = layers.BatchNormalization(**options)(X)  # (B, H, W, C)
    return layers.ReLU(6, name=f"{name}-relu")(X) if act else X


def _block(
    X: Any,
    name: str,
    kernel: int,
    stride: int,
    expansion: int,
    num_in: int,
    num_out: int,
) -> Any:
    """Widen the channels, convolve each by itself, narrow them again."""
    Y, wide = X, num_in * expansion
    if expansion > 1:
        Y = _unit(Y, f"{name}-expand", wide)
    Y = _unit(Y, f"{name}-depthwise", None, kernel, stride)
    Y = _unit(Y, f"{name}-project", num_out, act=False)
    if stride == 1 and num_in == num_out:
        return layers.Add(name=f"{name}-add")([X, Y])
    return Y


def body(pretrained: bool = True, blocks: int = len(lite0.BLOCKS)) -> keras.Model:
    """Return the network, named `body`: (B, H, W, 3) -> (B, H / 32, W / 32, 1280).

    Its layers are named `stem-conv`, `blocks-15-project-norm` and so on: a name of
    Keras can't hold a slash. `lite0.flat` and `lite0.nested` translate.

    Args:
        pretrained: Whether it has the weights learned on ImageNet, or random ones.
        blocks: How many blocks it has; there are weights for all sixteen only.

    Raises:
        ModuleNotFoundError: If the package with the weights is not installed.
        ValueError: If a shorter network shall have the weights.
    """
    inputs = keras.Input((None, None, 3))
    X = _unit(inputs, "stem", 32, 3, 2)
    for number, block in enumerate(lite0.BLOCKS[:blocks]):
        X = _block(X, f"blocks-{number}", *block)
    model = keras.Model(inputs, _unit(X, "head", 1280), name="body")
    if pretrained:
        lane.set_weights(model, lite0.flat(lite0.weights()))
    return model
