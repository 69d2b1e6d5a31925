"""Masks of attention: PyTorch's say where not to look, those of the others where to."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import trios
from torch import nn

from sidebyside import tfcore

B, T, E, HEADS = 3, 5, 8, 2
RNG = np.random.default_rng(0)
X = RNG.normal(size=(B, T, E)).astype("float32")
CAUSAL = np.tril(np.ones((T, T), bool))  # True: may look
LENGTHS = np.array([5, 2, 4])
REAL = np.arange(T) < LENGTHS[:, None]  # (B, T), True: no padding
BOTH = CAUSAL & REAL[:, None, :]  # (B, T, T)


def three() -> tuple[nn.Module, tf.Module, keras.Layer]:
    """Return attention with the same weights in each lane."""
    in_pt = nn.MultiheadAttention(E, HEADS, batch_first=True)
    in_tf = tfcore.MultiHeadAttention(E, HEADS)
    in_ks = keras.layers.MultiHeadAttention(HEADS, E // HEADS)
    in_ks(X, X)
    weights = trios.lane_pt.get_weights(in_pt)
    trios.lane_tf.set_weights(in_tf, weights)
    trios.lane_ks.set_weights(in_ks, weights)
    return in_pt, in_tf, in_ks


@pytest.mark.parametrize("kind", ["causal", "padded", "both"])
def test_true_means_leave_out_in_pytorch_and_look_in_the_others(kind: str) -> None:
    in_pt, in_tf, in_ks = three()
    masks_pt, mask = {
        "causal": ({"attn_mask": ~CAUSAL}, CAUSAL),
        "padded": ({"key_padding_mask": ~REAL}, REAL[:, None, :].repeat(T, 1)),
        "both": ({"attn_mask": ~CAUSAL, "key_padding_mask": ~REAL}, BOTH),
    }[kind]
    x = torch.from_numpy(X)
    masks = {name: torch.from_numpy(array) for name, array in masks_pt.items()}
    expected = in_pt(x, x, x, **masks)[0].detach().numpy()
    received = in_tf(tf.constant(X), tf.constant(X), mask=tf.constant(mask))
    np.testing.assert_allclose(received, expected, atol=1e-6)
    of_batch = np.broadcast_to(mask, (B, T, T))
    received = in_ks(X, X, attention_mask=keras.ops.convert_to_tensor(of_batch))
    np.testing.assert_allclose(trios.lane_ks.to_numpy(received), expected, atol=1e-6)
    turned = in_tf(tf.constant(X), tf.constant(X), mask=tf.constant(~mask))
    assert np.abs(turned - expected).max() > 0.01


def test_who_may_look_at_nothing_gets_the_mean() -> None:
    layer = tfcore.MultiHeadAttention(E, HEADS)
    x = tf.constant(X)
    seen = layer(x, x, mask=tf.zeros((T, T), tf.bool)).numpy()
    mean = layer.attention_output(tf.reduce_mean(layer.value(x), 1)).numpy()
    np.testing.assert_allclose(seen, mean[:, None].repeat(T, 1), atol=1e-6)


def test_the_projections_start_apart() -> None:
    layer = tfcore.MultiHeadAttention(E, HEADS, seed=0)
    starts = [part.kernel.numpy() for part in (layer.query, layer.key, layer.value)]
    for k in range(3):
        assert not np.array_equal(starts[k], starts[k - 1])


def test_the_packed_projection_is_cut_into_three() -> None:
    layer = nn.MultiheadAttention(E, HEADS)
    weights = trios.lane_pt.get_weights(layer)
    packed = layer.in_proj_weight.detach().numpy().copy()
    for k, part in enumerate(("query", "key", "value")):
        rows = packed[k * E : (k + 1) * E]
        np.testing.assert_array_equal(weights[f"{part}/kernel"], rows.T)
    weights["key/kernel"] = weights["key/kernel"] + 1
    trios.lane_pt.set_weights(layer, weights)
    after = layer.in_proj_weight.detach().numpy()
    np.testing.assert_array_equal(after[E : 2 * E], packed[E : 2 * E] + 1)
    np.testing.assert_array_equal(after[:E], packed[:E])


def test_a_transformer_of_pytorch_is_made_of_known_layers() -> None:
    sizes = {"num_encoder_layers": 1, "num_decoder_layers": 1, "dim_feedforward": 4}
    model = nn.Transformer(E, HEADS, **sizes, batch_first=True)
    weights = trios.lane_pt.get_weights(model)
    assert sum(a.size for a in weights.values()) == sum(
        p.numel() for p in model.parameters()
    )
    assert weights["decoder/layers/0/multihead_attn/key/kernel"].shape == (E, E)
    changed = {name: array + 1 for name, array in weights.items()}
    trios.lane_pt.set_weights(model, changed)
    for name, array in trios.lane_pt.get_weights(model).items():
        np.testing.assert_array_equal(array, changed[name], err_msg=name)
