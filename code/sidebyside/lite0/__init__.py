"""EfficientNet-Lite0 without its last layer, written natively in each framework.

Chapter 71 shows the three networks whole, and moves the weights by hand. Chapters that
only use the network import it from here:

| module | makes |
|---|---|
| `in_pytorch` | an `nn.Module`, (B, 3, H, W) -> (B, 1280, H / 32, W / 32) |
| `in_tensorflow` | a `tf.Module`, (B, H, W, 3) -> (B, H / 32, W / 32, 1280) |
| `in_keras` | a `keras.Model`, (B, H, W, 3) -> (B, H / 32, W / 32, 1280) |

Each has a function `body(pretrained=True)`. A pixel of 0 to 255 enters as
`(pixel - MEAN) / SCALE`, red, green, blue.
"""

import numpy as np

from sidebyside import pretrained
from sidebyside.layout import Weights

__all__ = ["BLOCKS", "EPSILON", "MEAN", "SCALE", "flat", "nested", "weights"]

MEAN, SCALE = 127.0, 128.0
"""What the weights were trained with: a pixel enters as (pixel - 127) / 128."""
EPSILON = 1e-3
"""Of every batch norm; a file of weights does not hold it."""
_STAGES = (  # blocks, kernel, stride of the first, expansion, channels out
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def _blocks() -> tuple[tuple[int, int, int, int, int], ...]:
    blocks, channels = [], 32
    for count, kernel, stride, expansion, out in _STAGES:
        for k in range(count):
            blocks.append((kernel, 1 if k else stride, expansion, channels, out))
            channels = out
    return tuple(blocks)


BLOCKS = _blocks()
"""Of each of the sixteen blocks: kernel, stride, expansion, channels in, channels out.

Source: Tan and Le 2019, table 1, https://arxiv.org/abs/1905.11946; the form Lite has no
squeeze-and-excitation, ReLU6, and a stem and a head that are never scaled.
"""
_INSIDE = {  # of a block
    "_expand_conv": "expand/conv",
    "_bn0": "expand/norm",
    "_depthwise_conv": "depthwise/conv",
    "_bn1": "depthwise/norm",
    "_project_conv": "project/conv",
    "_bn2": "project/norm",
}
_OUTSIDE = {
    "_conv_stem": "stem/conv",
    "_bn0": "stem/norm",
    "_conv_head": "head/conv",
    "_bn1": "head/norm",
}
_NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def weights() -> Weights:
    """Return the trained weights, without those of the last layer.

    Returns:
        Neutral name (see `sidebyside.layout`) -> array, float32: 245 of them, such as
        `"stem/conv/kernel"` (3, 3, 3, 32) and `"blocks/15/project/norm/gamma"` (320,).

    Raises:
        ModuleNotFoundError: If the package with the weights is not installed.
        ValueError: If its file is another one.
    """
    arrays = {}
    for name, array in pretrained.load("efficientnet-lite0").items():
        *block, layer, own = name.split(".")
        if layer == "_fc" or own == "num_batches_tracked":
            continue
        path = f"blocks/{block[1]}/{_INSIDE[layer]}" if block else _OUTSIDE[layer]
        if path.endswith("norm"):
            arrays[f"{path}/{_NORM[own]}"] = array
        else:  # (out, in, H, W) -> (H, W, in, out)
            arrays[f"{path}/kernel"] = np.ascontiguousarray(array.transpose(2, 3, 1, 0))
    return arrays


def flat(arrays: Weights) -> Weights:
    """Return weights under the names of a flat Keras model: `stem-conv/kernel`.

    What stands up to `body/` stays: `body/stem/conv/beta` is `body/stem-conv/beta`.
    """
    return {_flat(name): array for name, array in arrays.items()}


def _flat(name: str) -> str:
    *path, own = name.split("/")
    first = path[: path.index("body") + 1] if "body" in path else []
    layer = "-".join(path[len(first) :])
    return "/".join([*first, layer, own])


def nested(arrays: Weights) -> Weights:
    """Return weights of a Keras model under the names that the other lanes have."""
    return {name.replace("-", "/"): array for name, array in arrays.items()}
