"""Two networks of `keras.applications`, moved to PyTorch written by hand."""

from typing import Any

import keras
import numpy as np
import pytest
import torch
from moved import moved
from torch import nn
from torch.nn import functional as F

SIZE = 96
IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, SIZE, SIZE, 3)).astype(np.float32)


def with_averages(model: keras.Model) -> keras.Model:
    """Give batch norms averages that are not those of the start."""
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.moving_mean.shape
            layer.moving_mean.assign(rng.normal(0, 0.1, shape))
            layer.moving_variance.assign(rng.uniform(0.5, 2, shape))
    return model


class Residual(nn.Module):
    """A block of MobileNetV2: wide, deep, narrow."""

    def __init__(self, i: int, o: int, stride: int, e: int) -> None:
        super().__init__()
        w, norm = i * e, {"eps": 1e-3}
        self.wide = nn.Conv2d(i, w, 1, bias=False) if e > 1 else None
        self.norm1 = nn.BatchNorm2d(w, **norm) if e > 1 else None
        self.deep = nn.Conv2d(w, w, 3, stride, groups=w, bias=False)
        self.norm2 = nn.BatchNorm2d(w, **norm)
        self.narrow = nn.Conv2d(w, o, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(o, **norm)
        self.pad = (1, 1, 1, 1) if stride == 1 else (0, 1, 0, 1)  # as Keras: behind
        self.skip = stride == 1 and i == o

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu6(self.norm1(self.wide(x))) if self.wide is not None else x
        y = F.relu6(self.norm2(self.deep(F.pad(y, self.pad))))
        y = self.norm3(self.narrow(y))
        return x + y if self.skip else y


class MobileNetV2(nn.Module):
    """Source: Sandler et al. 2018, table 2, https://arxiv.org/abs/1801.04381"""

    STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2))
    STAGES += ((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, 2, bias=False)
        self.stem_norm = nn.BatchNorm2d(32, eps=1e-3)
        made, i = [], 32
        for e, o, count, stride in self.STAGES:
            for k in range(count):
                made.append(Residual(i, o, 1 if k else stride, e))
                i = o
        self.blocks = nn.Sequential(*made)
        self.top, self.top_norm = (
            nn.Conv2d(i, 1280, 1, bias=False),
            nn.BatchNorm2d(1280),
        )
        self.top_norm.eps = 1e-3
        self.head = nn.Linear(1280, 1000)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu6(self.stem_norm(self.stem(F.pad(x, (0, 1, 0, 1)))))
        x = F.relu6(self.top_norm(self.top(self.blocks(x))))
        return self.head(x.mean((2, 3))).softmax(1)


class Bottleneck(nn.Module):
    """A block of ResNet50, as Keras has it: the stride is in the first convolution."""

    def __init__(self, i: int, c: int, stride: int, first: bool) -> None:
        super().__init__()
        self.shortcut = nn.Conv2d(i, 4 * c, 1, stride) if first else None
        self.shortcut_norm = nn.BatchNorm2d(4 * c, eps=1.001e-5) if first else None
        self.conv1 = nn.Conv2d(i, c, 1, stride)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1)
        self.conv3 = nn.Conv2d(c, 4 * c, 1)
        self.norm1, self.norm2 = (nn.BatchNorm2d(c, eps=1.001e-5) for _ in range(2))
        self.norm3 = nn.BatchNorm2d(4 * c, eps=1.001e-5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skip = x
        if self.shortcut is not None:
            skip = self.shortcut_norm(self.shortcut(x))
        y = F.relu(self.norm1(self.conv1(x)))
        y = F.relu(self.norm2(self.conv2(y)))
        return F.relu(skip + self.norm3(self.conv3(y)))


class ResNet50(nn.Module):
    """Source: He et al. 2015, table 1, https://arxiv.org/abs/1512.03385"""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = (
            nn.Conv2d(3, 64, 7, 2, 3),
            nn.BatchNorm2d(64, eps=1.001e-5),
        )
        made, i = [], 64
        for c, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for k in range(count):
                made.append(Bottleneck(i, c, 1 if k else stride, k == 0))
                i = 4 * c
        self.blocks, self.head = nn.Sequential(*made), nn.Linear(i, 1000)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.norm(self.conv(x)))
        x = F.max_pool2d(x, 3, 2, 1)
        return self.head(self.blocks(x).mean((2, 3))).softmax(1)


@pytest.mark.parametrize(
    ("make", "target"),
    [
        (keras.applications.MobileNetV2, MobileNetV2),
        (keras.applications.ResNet50, ResNet50),
    ],
)
def test_from_keras_to_pytorch(make: Any, target: type[nn.Module]) -> None:
    source = with_averages(make(weights=None, input_shape=(SIZE, SIZE, 3)))
    apart = moved(source, target().eval(), IMAGES)
    print(f"{target.__name__}: {apart:.1e} of the largest probability")
    assert apart < 1e-5
