"""The same small models in three lanes, for the tests.

Every model is built from sizes and a dtype, with the same layer names in each lane.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch  # before TensorFlow
from torch import nn

from sidebyside import quiet, tfcore
from sidebyside.parity import Lane

with quiet():
    import tensorflow as tf

import keras

from sidebyside.lanes import keras as lane_ks
from sidebyside.lanes import pytorch as lane_pt
from sidebyside.lanes import tensorflow as lane_tf

MODULES = {"pytorch": lane_pt, "tensorflow": lane_tf, "keras": lane_ks}

RECURRENT = (tfcore.SimpleRNN, tfcore.LSTM, tfcore.GRU, tfcore.Bidirectional)
EPSILON = 1e-3  # of every normalization here


class Sizes(NamedTuple):
    """What hypothesis draws: batch, channels in and out, extents, kernel, stride."""

    B: int
    C: int
    K: int
    H: int
    W: int
    k: int
    stride: int


class Trio(NamedTuple):
    """One model in three lanes, and the shape of a batch (channels last)."""

    pt: nn.Module
    tf: tf.Module
    ks: keras.Model
    shape: tuple[int, ...]
    vocabulary: int = 0  # above 0: the batch holds integers below it

    def by_lane(self) -> dict[str, Any]:
        """Return the models by the name of their lane."""
        return dict(zip(MODULES, self[:3], strict=True))


class OnePt(nn.Module):
    """A layer named `layer`; channels first inside where it needs them."""

    def __init__(self, layer: nn.Module, channels_first: bool = False) -> None:
        super().__init__()
        self.layer, self.channels_first = layer, channels_first

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if isinstance(self.layer, nn.RNNBase):
            return self.layer(x)[0]  # outputs, then states
        if not self.channels_first:
            return self.layer(x)
        x = x.movedim(-1, 1)
        if isinstance(self.layer, nn.GroupNorm):
            x = x.contiguous()  # or the gradient ends in a crash: PyTorch 2.13, CPU
        return self.layer(x).movedim(1, -1)


class OneTf(tf.Module):
    """A layer named `layer`."""

    def __init__(self, layer: tf.Module) -> None:
        super().__init__()
        self.layer = layer

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        if isinstance(self.layer, tfcore.BatchNorm):
            return self.layer(x, training)
        if isinstance(self.layer, RECURRENT):
            return self.layer(x)[0]  # outputs, then states
        return self.layer(x)


def one(
    pt: nn.Module,
    tf_: tf.Module,
    ks: keras.Layer,
    shape: tuple[int, ...],
    *,
    channels_first: bool = False,
    vocabulary: int = 0,
) -> Trio:
    dtype = "int64" if vocabulary else ks.dtype
    model = keras.Sequential([keras.Input(shape[1:], dtype=dtype), ks])
    pt = OnePt(pt, channels_first).to(getattr(torch, ks.dtype))
    return Trio(pt, OneTf(tf_), model, shape, vocabulary)


def dense(s: Sizes, dtype: str, use_bias: bool = True, rank: int = 2) -> Trio:
    return one(
        nn.Linear(s.C, s.K, bias=use_bias),
        tfcore.Dense(s.C, s.K, use_bias=use_bias, dtype=tf.dtypes.as_dtype(dtype)),
        keras.layers.Dense(s.K, use_bias=use_bias, name="layer", dtype=dtype),
        (s.B, s.H, s.W, s.C)[4 - rank :] if rank > 2 else (s.B, s.C),
    )


def dense_without_bias(s: Sizes, dtype: str) -> Trio:
    return dense(s, dtype, use_bias=False)


def dense_on_images(s: Sizes, dtype: str) -> Trio:
    return dense(s, dtype, rank=4)


def conv1d(s: Sizes, dtype: str, use_bias: bool = True) -> Trio:
    options = {"strides": s.stride, "use_bias": use_bias}
    return one(
        nn.Conv1d(s.C, s.K, s.k, s.stride, bias=use_bias),
        tfcore.Conv1D(s.C, s.K, s.k, padding="VALID", dtype=dtype, **options),
        keras.layers.Conv1D(s.K, s.k, name="layer", dtype=dtype, **options),
        (s.B, s.W, s.C),
        channels_first=True,
    )


def conv1d_without_bias(s: Sizes, dtype: str) -> Trio:
    return conv1d(s, dtype, use_bias=False)


def conv2d(s: Sizes, dtype: str, use_bias: bool = True) -> Trio:
    options = {"strides": s.stride, "use_bias": use_bias}
    return one(
        nn.Conv2d(s.C, s.K, s.k, s.stride, bias=use_bias),
        tfcore.Conv2D(s.C, s.K, s.k, padding="VALID", dtype=dtype, **options),
        keras.layers.Conv2D(s.K, s.k, name="layer", dtype=dtype, **options),
        (s.B, s.H, s.W, s.C),
        channels_first=True,
    )


def conv2d_without_bias(s: Sizes, dtype: str) -> Trio:
    return conv2d(s, dtype, use_bias=False)


def conv2d_same(s: Sizes, dtype: str) -> Trio:
    k = s.k | 1  # odd
    return one(
        nn.Conv2d(s.C, s.K, k, padding="same"),
        tfcore.Conv2D(s.C, s.K, k, padding="SAME", dtype=dtype),
        keras.layers.Conv2D(s.K, k, padding="same", name="layer", dtype=dtype),
        (s.B, s.H, s.W, s.C),
        channels_first=True,
    )


def batch_norm(s: Sizes, dtype: str) -> Trio:
    return one(
        nn.BatchNorm2d(s.C, eps=EPSILON),
        tfcore.BatchNorm(s.C, epsilon=EPSILON, dtype=dtype),
        keras.layers.BatchNormalization(epsilon=EPSILON, name="layer", dtype=dtype),
        (s.B, s.H, s.W, s.C),
        channels_first=True,
    )


def batch_norm_of_features(s: Sizes, dtype: str) -> Trio:
    return one(
        nn.BatchNorm1d(s.C, eps=EPSILON),
        tfcore.BatchNorm(s.C, epsilon=EPSILON, dtype=dtype),
        keras.layers.BatchNormalization(epsilon=EPSILON, name="layer", dtype=dtype),
        (s.B, s.C),
    )


def layer_norm(s: Sizes, dtype: str) -> Trio:
    return one(
        nn.LayerNorm(s.C + 1, eps=EPSILON),
        tfcore.LayerNorm(s.C + 1, epsilon=EPSILON, dtype=dtype),
        keras.layers.LayerNormalization(epsilon=EPSILON, name="layer", dtype=dtype),
        (s.B, s.W, s.C + 1),
    )


def embedding(s: Sizes, dtype: str) -> Trio:
    return one(
        nn.Embedding(s.H, s.C),
        tfcore.Embedding(s.H, s.C, dtype=dtype),
        keras.layers.Embedding(s.H, s.C, name="layer", dtype=dtype),
        (s.B, s.W),
        vocabulary=s.H,
    )


def with_one_bias(layer: nn.Module) -> nn.Module:
    """Freeze the second bias of PyTorch's LSTM or simple RNN at zero."""
    for name, parameter in layer.named_parameters():
        if name.startswith("bias_hh"):
            nn.init.zeros_(parameter).requires_grad_(False)
    return layer


def lstm(s: Sizes, dtype: str) -> Trio:
    return one(
        with_one_bias(nn.LSTM(s.C, s.K, batch_first=True)),
        tfcore.LSTM(s.C, s.K, dtype=tf.dtypes.as_dtype(dtype)),
        keras.layers.LSTM(s.K, return_sequences=True, name="layer", dtype=dtype),
        (s.B, s.W, s.C),
    )


def gru(s: Sizes, dtype: str) -> Trio:
    return one(
        nn.GRU(s.C, s.K, batch_first=True),
        tfcore.GRU(s.C, s.K, dtype=tf.dtypes.as_dtype(dtype)),
        keras.layers.GRU(s.K, return_sequences=True, name="layer", dtype=dtype),
        (s.B, s.W, s.C),
    )


def both_ways(s: Sizes, dtype: str) -> Trio:
    pair = [tfcore.GRU(s.C, s.K, dtype=tf.dtypes.as_dtype(dtype)) for _ in range(2)]
    one_way = keras.layers.GRU(s.K, return_sequences=True, dtype=dtype)
    return one(
        nn.GRU(s.C, s.K, batch_first=True, bidirectional=True),
        tfcore.Bidirectional(*pair),
        keras.layers.Bidirectional(one_way, name="layer", dtype=dtype),
        (s.B, s.W, s.C),
    )


Case = Callable[[Sizes, str], Trio]

CASES: list[Case] = [
    dense,
    dense_without_bias,
    dense_on_images,
    conv1d,
    conv1d_without_bias,
    conv2d,
    conv2d_without_bias,
    conv2d_same,
    batch_norm,
    batch_norm_of_features,
    layer_norm,
    embedding,
    lstm,
    gru,
    both_ways,
]
SMALL = Sizes(B=4, C=3, K=2, H=4, W=4, k=1, stride=1)


def probes(trio: Trio) -> list[Lane]:
    """Wrap the three models; the loss is the mean square distance to the targets."""

    def unused(X: Any, y: Any) -> float:
        raise NotImplementedError

    def loss_tf(outputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.square(outputs - targets))

    def loss_ks(targets: Any, outputs: Any) -> Any:
        return keras.ops.mean(keras.ops.square(outputs - targets))

    return [
        lane_pt.probe(trio.pt, nn.functional.mse_loss, step=unused),
        lane_tf.probe(trio.tf, loss_tf, step=unused),
        lane_ks.probe(trio.ks, loss_ks, step=unused),
    ]
