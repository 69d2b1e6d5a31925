"""Norms, recurrent layers, attention and more in three lanes; see also `trios`."""

from typing import Any

import keras
import tensorflow as tf
import torch
from torch import nn
from trios import EPSILON, Case, OnePt, Sizes, Trio, one, with_one_bias

from sidebyside import tfcore

HEADS = 2


def head_size(s: Sizes) -> int:
    """Return a power of 4: Keras rounds 1 / sqrt(D) to float32 in float64, too."""
    return 4 ** (s.C % 3)


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


def attention(s: Sizes, dtype: str, use_bias: bool = True) -> Trio:
    E = HEADS * head_size(s)
    options = {"use_bias": use_bias, "dtype": dtype}
    layer_ks = keras.layers.MultiHeadAttention(
        HEADS, head_size(s), name="layer", **options
    )
    in_pt = nn.MultiheadAttention(E, HEADS, bias=use_bias, batch_first=True)
    return three(
        CallPt(lambda m, x: m.layer(x, x, x)[0], layer=in_pt),
        CallTf(
            lambda m, x: m.layer(x, x),
            layer=tfcore.MultiHeadAttention(E, HEADS, **options),
        ),
        lambda x: layer_ks(x, x),
        (s.B, s.W, E),
        dtype,
    )


def attention_without_bias(s: Sizes, dtype: str) -> Trio:
    return attention(s, dtype, use_bias=False)


def attention_to_other_features(s: Sizes, dtype: str) -> Trio:
    """Keys and values of other sizes, which PyTorch does not pack into one tensor."""
    E = HEADS * head_size(s)
    K, V = 1, E - 1
    in_pt = nn.MultiheadAttention(E, HEADS, kdim=K, vdim=V, batch_first=True)
    sizes = {"num_keys": K, "num_values": V, "dtype": dtype}
    layer_ks = keras.layers.MultiHeadAttention(
        HEADS, head_size(s), name="layer", dtype=dtype
    )
    return three(
        CallPt(lambda m, x: m.layer(x, x[..., :K], x[..., :V])[0], layer=in_pt),
        CallTf(
            lambda m, x: m.layer(x, x[..., :V], x[..., :K]),
            layer=tfcore.MultiHeadAttention(E, HEADS, **sizes),
        ),
        lambda x: layer_ks(x, x[..., :V], x[..., :K]),
        (s.B, s.W, E),
        dtype,
    )


class GroupedPt(nn.Module):
    """Four heads of queries, two of keys and values."""

    def __init__(self, E: int, D: int) -> None:
        super().__init__()
        self.query, self.D = nn.Linear(E, 4 * D), D
        self.key, self.value = nn.Linear(E, 2 * D), nn.Linear(E, 2 * D)
        self.attention_output = nn.Linear(4 * D, E)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = (self.query(x), self.key(x), self.value(x))
        heads = [p.unflatten(2, (-1, self.D)).transpose(1, 2) for p in parts]
        seen = nn.functional.scaled_dot_product_attention(*heads, enable_gqa=True)
        return self.attention_output(seen.transpose(1, 2).flatten(2))  # (B, T, 4D)


def grouped_queries(s: Sizes, dtype: str) -> Trio:
    E, D = s.C, head_size(s)
    heads = {"head_size": D, "num_key_value_heads": 2, "dtype": dtype}
    layer_ks = keras.layers.GroupQueryAttention(D, 4, 2, name="layer", dtype=dtype)
    return three(
        OnePt(GroupedPt(E, D)),
        CallTf(
            lambda m, x: m.layer(x, x), layer=tfcore.MultiHeadAttention(E, 4, **heads)
        ),
        lambda x: layer_ks(x, x),
        (s.B, s.W, E),
        dtype,
    )


def encoder(m: Any, x: Any, relu: Any) -> Any:
    """Attend and think, each beside a way straight on, and normalize after it."""
    x = m.norm1(x + m.self_attn(x, x))
    return m.norm2(x + m.linear2(relu(m.linear1(x))))


class EncoderKs(keras.Layer):
    def __init__(self, E: int, D: int, **options: Any) -> None:
        super().__init__(**options)
        same = {"dtype": options["dtype"]}
        norm = {"epsilon": EPSILON, **same}
        self.self_attn = keras.layers.MultiHeadAttention(
            HEADS, E // HEADS, name="self_attn", **same
        )
        self.linear1 = keras.layers.Dense(D, name="linear1", **same)
        self.linear2 = keras.layers.Dense(E, name="linear2", **same)
        self.norm1 = keras.layers.LayerNormalization(name="norm1", **norm)
        self.norm2 = keras.layers.LayerNormalization(name="norm2", **norm)

    def call(self, x: Any) -> Any:
        return encoder(self, x, keras.ops.relu)


def transformer_layer(s: Sizes, dtype: str) -> Trio:
    E, D = HEADS * head_size(s), s.K
    options = {"dropout": 0.0, "batch_first": True, "layer_norm_eps": EPSILON}
    norm = {"epsilon": EPSILON, "dtype": dtype}
    layer_tf = CallTf(
        lambda m, x: encoder(m, x, tf.nn.relu),
        self_attn=tfcore.MultiHeadAttention(E, HEADS, dtype=dtype),
        linear1=tfcore.Dense(E, D, dtype=dtype),
        linear2=tfcore.Dense(D, E, dtype=dtype),
        norm1=tfcore.LayerNorm(E, **norm),
        norm2=tfcore.LayerNorm(E, **norm),
    )
    return three(
        OnePt(nn.TransformerEncoderLayer(E, HEADS, D, **options)),
        CallTf(lambda m, x: m.layer(x), layer=layer_tf),
        EncoderKs(E, D, name="layer", dtype=dtype),
        (s.B, s.W, E),
        dtype,
    )


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
    attention,
    attention_without_bias,
    attention_to_other_features,
    grouped_queries,
    transformer_layer,
]
