"""Norms, recurrent layers and more in three lanes; see also `trios`."""

from typing import Any

import keras
import tensorflow as tf
import torch
from torch import nn
from trios import EPSILON, Case, OnePt, Sizes, Trio, one, with_one_bias

from sidebyside import tfcore


class CallTf(tf.Module):
    """Layers under the names given, and what calls them."""

    def __init__(self, call: Any, **layers: Any) -> None:
        super().__init__()
        self.call = call
        for name, layer in layers.items():
            setattr(self, name, layer)

    def __call__(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.call(self, x)


class CallPt(nn.Module):
    """The same in PyTorch."""

    def __init__(self, call: Any, **layers: nn.Module) -> None:
        super().__init__()
        self.call = call
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.call(self, x)


def three(
    pt: nn.Module,
    tf_: tf.Module,
    ks: Any,
    shape: tuple[int, ...],
    dtype: str,
    vocabulary: int = 0,
) -> Trio:
    """Put three models together; `ks` maps the input of a functional model."""
    inputs = keras.Input(shape[1:], dtype="int64" if vocabulary else dtype)
    model = keras.Model(inputs, ks(inputs))
    return Trio(pt.to(getattr(torch, dtype)), tf_, model, shape, vocabulary)


def einsum_dense(s: Sizes, dtype: str) -> Trio:
    """One axis in, two out: elsewhere a dense layer, and a reshape."""
    layer_ks = keras.layers.EinsumDense(
        "btc,cnh->btnh", (None, s.K, 3), bias_axes="nh", name="layer", dtype=dtype
    )
    flat = keras.layers.Reshape((s.W, s.K * 3), dtype=dtype)
    return three(
        OnePt(nn.Linear(s.C, s.K * 3)),
        CallTf(lambda m, x: m.layer(x), layer=tfcore.Dense(s.C, s.K * 3, dtype=dtype)),
        lambda x: flat(layer_ks(x)),
        (s.B, s.W, s.C),
        dtype,
    )


def einsum_dense_back(s: Sizes, dtype: str) -> Trio:
    """Two axes in, one out, in another order than in the kernel."""
    layer_ks = keras.layers.EinsumDense(
        "btnh,chn->btc", (None, s.K), bias_axes="c", name="layer", dtype=dtype
    )
    split = keras.layers.Reshape((s.W, s.C, 3), dtype=dtype)
    return three(
        OnePt(nn.Linear(s.C * 3, s.K)),
        CallTf(lambda m, x: m.layer(x), layer=tfcore.Dense(s.C * 3, s.K, dtype=dtype)),
        lambda x: layer_ks(split(x)),
        (s.B, s.W, s.C * 3),
        dtype,
    )


def time_distributed(s: Sizes, dtype: str) -> Trio:
    inner = keras.layers.Dense(s.K, dtype=dtype)
    return one(
        nn.Linear(s.C, s.K),
        tfcore.Dense(s.C, s.K, dtype=dtype),
        keras.layers.TimeDistributed(inner, name="layer", dtype=dtype),
        (s.B, s.W, s.C),
    )


def batch_norm_of_volumes(s: Sizes, dtype: str) -> Trio:
    return one(
        nn.BatchNorm3d(s.C, eps=EPSILON),
        tfcore.BatchNorm(s.C, epsilon=EPSILON, dtype=dtype),
        keras.layers.BatchNormalization(epsilon=EPSILON, name="layer", dtype=dtype),
        (s.B, 2, s.H, s.W, s.C),
        channels_first=True,
    )


def group_norm(s: Sizes, dtype: str) -> Trio:
    options = {"epsilon": EPSILON, "dtype": dtype}
    return one(
        nn.GroupNorm(2, 2 * s.C, eps=EPSILON),
        tfcore.GroupNorm(2 * s.C, 2, **options),
        keras.layers.GroupNormalization(2, name="layer", **options),
        (s.B, s.H, s.W, 2 * s.C),
        channels_first=True,
    )


def instance_norm(s: Sizes, dtype: str) -> Trio:
    options = {"epsilon": EPSILON, "dtype": dtype}
    return one(
        nn.InstanceNorm2d(s.C, affine=True, eps=EPSILON),
        tfcore.GroupNorm(s.C, s.C, **options),
        keras.layers.GroupNormalization(-1, name="layer", **options),
        (s.B, s.H, s.W, s.C),
        channels_first=True,
    )


def rms_norm(s: Sizes, dtype: str) -> Trio:
    options = {"epsilon": EPSILON, "dtype": dtype}
    return one(
        nn.RMSNorm(s.C + 1, eps=EPSILON),
        tfcore.RMSNorm(s.C + 1, **options),
        keras.layers.RMSNormalization(name="layer", **options),
        (s.B, s.W, s.C + 1),
    )


def prelu(s: Sizes, dtype: str) -> Trio:
    return one(
        nn.PReLU(s.C),
        tfcore.PReLU(s.C, dtype=dtype),
        keras.layers.PReLU(shared_axes=[1, 2], name="layer", dtype=dtype),
        (s.B, s.H, s.W, s.C),
        channels_first=True,
    )


def prelu_of_one_slope(s: Sizes, dtype: str) -> Trio:
    return one(
        nn.PReLU(),
        tfcore.PReLU(1, dtype=dtype),
        keras.layers.PReLU(shared_axes=[1, 2], name="layer", dtype=dtype),
        (s.B, s.W, s.C),
    )


def embedding_bag(s: Sizes, dtype: str) -> Trio:
    mean = keras.layers.GlobalAveragePooling1D(dtype=dtype)
    layer_ks = keras.layers.Embedding(s.H, s.C, name="layer", dtype=dtype)
    return three(
        OnePt(nn.EmbeddingBag(s.H, s.C, mode="mean")),
        CallTf(
            lambda m, x: tf.reduce_mean(m.layer(x), axis=1),
            layer=tfcore.Embedding(s.H, s.C, dtype=dtype),
        ),
        lambda x: mean(layer_ks(x)),
        (s.B, s.W),
        dtype,
        vocabulary=s.H,
    )


def simple_rnn(s: Sizes, dtype: str) -> Trio:
    return one(
        with_one_bias(nn.RNN(s.C, s.K, batch_first=True)),
        tfcore.SimpleRNN(s.C, s.K, dtype=dtype),
        keras.layers.SimpleRNN(s.K, return_sequences=True, name="layer", dtype=dtype),
        (s.B, s.W, s.C),
    )


def in_turn(model: Any, x: tf.Tensor) -> tf.Tensor:
    for layer in model.layer:
        x = layer(x)[0]
    return x


def two_layers(s: Sizes, dtype: str) -> Trio:
    cells = [keras.layers.LSTMCell(s.K, dtype=dtype) for _ in range(2)]
    layers = [tfcore.LSTM(C, s.K, dtype=dtype) for C in (s.C, s.K)]
    pt = OnePt(with_one_bias(nn.LSTM(s.C, s.K, num_layers=2, batch_first=True)))
    stack = keras.layers.StackedRNNCells(cells, dtype=dtype)
    rnn = keras.layers.RNN(stack, return_sequences=True, name="layer", dtype=dtype)
    return three(pt, CallTf(in_turn, layer=layers), rnn, (s.B, s.W, s.C), dtype)


def two_layers_both_ways(s: Sizes, dtype: str) -> Trio:
    layers_tf, layers_ks = [], [keras.Input((s.W, s.C), dtype=dtype)]
    for k, C in enumerate((s.C, 2 * s.K)):
        pair = [tfcore.GRU(C, s.K, dtype=dtype) for _ in range(2)]
        layers_tf.append(tfcore.Bidirectional(*pair))
        one_way = keras.layers.GRU(s.K, return_sequences=True, dtype=dtype)
        both = keras.layers.Bidirectional(one_way, name=str(k), dtype=dtype)
        layers_ks.append(both)
    kind = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    return three(
        OnePt(nn.GRU(s.C, s.K, **kind)),
        CallTf(in_turn, layer=layers_tf),
        keras.Sequential(layers_ks, name="layer"),
        (s.B, s.W, s.C),
        dtype,
    )


def cell(s: Sizes, dtype: str, pt: Any, in_tf: Any, in_ks: Any) -> Trio:
    """Take one step from the zero state."""
    sequence = keras.layers.Reshape((1, s.C), dtype=dtype)
    rnn = keras.layers.RNN(in_ks(s.K, dtype=dtype), name="layer", dtype=dtype)
    cell_pt = pt(s.C, s.K) if pt is nn.GRUCell else with_one_bias(pt(s.C, s.K))
    return three(
        CallPt(lambda m, x: first(m.layer(x)), layer=cell_pt),
        CallTf(
            lambda m, x: m.layer(x[:, None])[0][:, 0],
            layer=in_tf(s.C, s.K, dtype=dtype),
        ),
        lambda x: rnn(sequence(x)),
        (s.B, s.C),
        dtype,
    )


def first(state: Any) -> torch.Tensor:
    return state[0] if isinstance(state, tuple) else state


def lstm_cell(s: Sizes, dtype: str) -> Trio:
    return cell(s, dtype, nn.LSTMCell, tfcore.LSTM, keras.layers.LSTMCell)


def gru_cell(s: Sizes, dtype: str) -> Trio:
    return cell(s, dtype, nn.GRUCell, tfcore.GRU, keras.layers.GRUCell)


def rnn_cell(s: Sizes, dtype: str) -> Trio:
    return cell(s, dtype, nn.RNNCell, tfcore.SimpleRNN, keras.layers.SimpleRNNCell)


CASES: list[Case] = [
    einsum_dense,
    einsum_dense_back,
    time_distributed,
    batch_norm_of_volumes,
    group_norm,
    instance_norm,
    rms_norm,
    prelu,
    prelu_of_one_slope,
    embedding_bag,
    simple_rnn,
    two_layers,
    two_layers_both_ways,
    lstm_cell,
    gru_cell,
    rnn_cell,
]
