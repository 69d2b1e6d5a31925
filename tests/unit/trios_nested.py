"""A model within a model, with a weight of its own, in three lanes (see `trios`)."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import torch
from torch import nn
from trios import EPSILON, Sizes, Trio

from sidebyside import tfcore


class BlockPt(nn.Module):
    def __init__(self, C: int) -> None:
        super().__init__()
        self.inner, self.norm = nn.Linear(C, C), nn.LayerNorm(C, eps=EPSILON)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.norm(self.inner(x))


class BlockTf(tf.Module):
    def __init__(self, C: int, dtype: str) -> None:
        super().__init__()
        self.inner = tfcore.Dense(C, C, dtype=dtype)
        self.norm = tfcore.LayerNorm(C, epsilon=EPSILON, dtype=dtype)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return x + self.norm(self.inner(x))


class BlockKs(keras.Layer):
    """A layer made of layers, and not a model."""

    def __init__(self, C: int, **options: Any) -> None:
        super().__init__(**options)
        same = {"dtype": options["dtype"]}
        self.inner = keras.layers.Dense(C, name="inner", **same)
        self.norm = keras.layers.LayerNormalization(
            epsilon=EPSILON, name="norm", **same
        )

    def call(self, x: Any) -> Any:
        return x + self.norm(self.inner(x))


class NetPt(nn.Module):
    """A bare parameter, a block of layers, and a layer beside it."""

    def __init__(self, s: Sizes) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(s.C, s.C))
        self.block = BlockPt(s.C)
        self.head = nn.Linear(s.C, s.K)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.block(x @ self.scale))


class NetTf(tf.Module):
    def __init__(self, s: Sizes, dtype: str) -> None:
        super().__init__()
        self.scale = tf.Variable(tf.ones((s.C, s.C), dtype))
        self.block = BlockTf(s.C, dtype)
        self.head = tfcore.Dense(s.C, s.K, dtype=dtype)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        return self.head(self.block(x @ self.scale))


class NetKs(keras.Model):
    def __init__(self, s: Sizes, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.scale = self.add_weight(shape=(s.C, s.C), name="scale")
        self.block = BlockKs(s.C, name="block", dtype=dtype)
        self.head = keras.layers.Dense(s.K, name="head", dtype=dtype)

    def call(self, x: Any) -> Any:
        return self.head(self.block(keras.ops.matmul(x, self.scale)))


def nested(s: Sizes, dtype: str) -> Trio:
    ks = NetKs(s, dtype)
    ks(np.zeros((s.B, s.C), dtype))  # builds it
    pt = NetPt(s).to(getattr(torch, dtype))
    return Trio(pt, NetTf(s, dtype), ks, (s.B, s.C))
