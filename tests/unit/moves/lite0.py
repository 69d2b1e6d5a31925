"""EfficientNet-Lite0, as a user of each framework writes it.

Source: Tan and Le 2019, https://arxiv.org/abs/1905.11946, in the form of
    https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import torch
from keras import layers
from torch import nn
from torch.nn import functional as F

from sidebyside import pretrained, tfcore
from sidebyside.lite0 import BLOCKS, EPSILON, MEAN, SCALE


class ConvPt(nn.Module):
    """A convolution, batch norm and ReLU6, padded as TensorFlow pads."""

    def __init__(
        self,
        i: int,
        o: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        act: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(i, o, kernel, stride, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(o, eps=EPSILON, momentum=0.01)
        self.kernel, self.stride, self.act = kernel, stride, act

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        sides: list[int] = []
        for n in (x.shape[-1], x.shape[-2]):
            last = (-(-n // self.stride) - 1) * self.stride  # where the last one begins
            total = max(last + self.kernel - n, 0)
            sides += [total // 2, total - total // 2]
        x = self.norm(self.conv(F.pad(x, sides)))
        return F.relu6(x) if self.act else x


class BlockPt(nn.Module):
    def __init__(self, kernel: int, stride: int, e: int, i: int, o: int) -> None:
        super().__init__()
        wide = [ConvPt(i, i * e, 1)] if e > 1 else []
        deep = ConvPt(i * e, i * e, kernel, stride, groups=i * e)
        self.layers = nn.Sequential(*wide, deep, ConvPt(i * e, o, 1, act=False))
        self.skip = stride == 1 and i == o

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.layers(x)
        return x + y if self.skip else y


class Lite0Pt(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        body = [ConvPt(3, 32, 3, 2), *(BlockPt(*b) for b in BLOCKS)]
        self.body = nn.Sequential(*body, ConvPt(320, 1280, 1))
        self.head = nn.Linear(1280, 1000)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.body(x).mean((2, 3)))
        return logits


def trained() -> Lite0Pt:
    """Return PyTorch's model with the weights of the file, which are in its order."""
    file = pretrained.load("efficientnet-lite0")
    model = Lite0Pt()
    own = [name for name in model.state_dict() if "num_batches" not in name]
    held = [torch.from_numpy(a) for n, a in file.items() if "num_batches" not in n]
    model.load_state_dict(dict(zip(own, held, strict=True)), strict=False)
    return model.eval()


class ConvTf(tf.Module):
    def __init__(
        self,
        i: int,
        o: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        act: bool = True,
    ) -> None:
        super().__init__()
        options = {"strides": stride, "use_bias": False}
        if groups == 1:
            self.filter = tfcore.Conv2D(i, o, kernel, **options)
        else:
            self.filter = tfcore.DepthwiseConv2D(i, kernel, **options)
        self.bn, self.act = tfcore.BatchNorm(o, epsilon=EPSILON, momentum=0.99), act

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        x = self.bn(self.filter(x), training)
        return tf.nn.relu6(x) if self.act else x


class BlockTf(tf.Module):
    def __init__(self, kernel: int, stride: int, e: int, i: int, o: int) -> None:
        super().__init__()
        wide = [ConvTf(i, i * e, 1)] if e > 1 else []
        deep = ConvTf(i * e, i * e, kernel, stride, groups=i * e)
        self.steps = [*wide, deep, ConvTf(i * e, o, 1, act=False)]
        self.skip = stride == 1 and i == o

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        y = x
        for step in self.steps:
            y = step(y, training)
        return x + y if self.skip else y


class Lite0Tf(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvTf(3, 32, 3, 2)
        self.blocks = [BlockTf(*block) for block in BLOCKS]
        self.top = ConvTf(320, 1280, 1)
        self.classifier = tfcore.Dense(1280, 1000)

    @tf.function
    def __call__(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        x = self.stem(x, training)
        for block in self.blocks:
            x = block(x, training)
        return self.classifier(tf.reduce_mean(self.top(x, training), (1, 2)))


def lite0_ks(size: int) -> keras.Model:
    def conv(x: Any, o: int, kernel: int, stride: int = 1, act: bool = True) -> Any:
        x = layers.Conv2D(o, kernel, stride, "same", use_bias=False)(x)
        x = layers.BatchNormalization(epsilon=EPSILON)(x)
        return layers.ReLU(6.0)(x) if act else x

    def deep(x: Any, kernel: int, stride: int) -> Any:
        x = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False)(x)
        return layers.ReLU(6.0)(layers.BatchNormalization(epsilon=EPSILON)(x))

    inputs = keras.Input((size, size, 3))
    x = conv(inputs, 32, 3, 2)
    for kernel, stride, e, i, o in BLOCKS:
        y = conv(x, i * e, 1) if e > 1 else x
        y = conv(deep(y, kernel, stride), o, 1, act=False)
        x = layers.Add()([x, y]) if stride == 1 and i == o else y
    x = layers.GlobalAveragePooling2D()(conv(x, 1280, 1))
    return keras.Model(inputs, layers.Dense(1000)(x))


def prepared(image: np.ndarray) -> np.ndarray:
    """Return an image (H, W, 3) of bytes as the network takes it, channels last."""
    return ((image.astype(np.float32) - MEAN) / SCALE)[None]
