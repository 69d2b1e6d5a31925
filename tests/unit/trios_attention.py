"""Attention in three lanes; see also `trios`."""

from typing import Any

import keras
import tensorflow as tf
import torch
from torch import nn
from trios import EPSILON, Case, OnePt, Sizes, Trio
from trios_more import CallPt, CallTf, three

from sidebyside import tfcore

HEADS = 2


def head_size(s: Sizes) -> int:
    """Return a power of 4: Keras rounds 1 / sqrt(D) to float32 in float64, too."""
    return 4 ** (s.C % 3)


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
    attention,
    attention_without_bias,
    attention_to_other_features,
    grouped_queries,
    transformer_layer,
]
