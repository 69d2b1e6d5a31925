"""Recurrent layers: padded sequences, both forms of the GRU, PyTorch's second bias."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import trios
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from sidebyside import tfcore

B, T, C, D = 5, 7, 3, 4
LENGTHS = np.array([7, 1, 4, 2, 6])
MASK = np.arange(T) < LENGTHS[:, None]  # (B, T)


@pytest.fixture
def X() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(B, T, C)).astype("float32")


def _last_pt(layer: nn.RNNBase, X: np.ndarray) -> np.ndarray:
    packed = pack_padded_sequence(
        torch.from_numpy(X), torch.from_numpy(LENGTHS), True, enforce_sorted=False
    )
    state = layer(packed)[1]
    h = state[0] if isinstance(state, tuple) else state  # (directions, B, D)
    return torch.cat(list(h), dim=1).detach().numpy()


def _last_ks(layer: keras.Layer, X: np.ndarray) -> np.ndarray:
    return trios.lane_ks.to_numpy(layer(X, mask=keras.ops.convert_to_tensor(MASK)))


KINDS = {
    "lstm": (nn.LSTM, tfcore.LSTM, keras.layers.LSTM),
    "gru": (nn.GRU, tfcore.GRU, keras.layers.GRU),
}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(
    kind: str, both: bool, compiled: bool, X: np.ndarray
) -> None:
    in_pt, in_tf, in_ks = KINDS[kind]
    layer_pt = in_pt(C, D, batch_first=True, bidirectional=both)
    if kind == "lstm":
        trios.with_one_bias(layer_pt)
    layer_tf = tfcore.Bidirectional(in_tf(C, D), in_tf(C, D)) if both else in_tf(C, D)
    layer_ks = keras.layers.Bidirectional(in_ks(D)) if both else in_ks(D)
    model_ks = keras.Sequential([keras.Input((T, C)), layer_ks])
    weights = trios.lane_pt.get_weights(layer_pt)
    trios.lane_tf.set_weights(layer_tf, weights)
    named = {f"{layer_ks.name}/{name}": a for name, a in weights.items()}
    trios.lane_ks.set_weights(model_ks, named)
    call_tf = tf.function(layer_tf) if compiled else layer_tf
    expected = _last_pt(layer_pt, X)
    for padding in (0.0, 9.0):  # what stands in the padding does not matter
        X[~MASK] = padding
        received = call_tf(tf.constant(X), tf.constant(MASK))[1][0]
        np.testing.assert_allclose(received, expected, atol=1e-6)
        np.testing.assert_allclose(_last_ks(layer_ks, X), expected, atol=1e-6)
    without = layer_tf(tf.constant(X))[1][0]
    assert np.abs(without - expected).max() > 0.01


def test_outputs_are_repeated_where_the_mask_is_false(X: np.ndarray) -> None:
    layer = tfcore.LSTM(C, D)
    outputs, (h, _) = layer(tf.constant(X), tf.constant(MASK))
    np.testing.assert_array_equal(outputs[1, 1:], np.repeat(h[1:2], T - 1, axis=0))


@pytest.mark.parametrize("reset_after", [False, True])
def test_both_forms_of_the_gru(reset_after: bool, X: np.ndarray) -> None:
    layer_ks = keras.layers.GRU(D, reset_after=reset_after, name="gru")
    model_ks = keras.Sequential([keras.Input((T, C)), layer_ks])
    rng = np.random.default_rng(1)
    weights = {
        name: rng.normal(size=array.shape).astype("float32")
        for name, array in trios.lane_ks.get_weights(model_ks).items()
    }
    assert ("gru/recurrent_bias" in weights) == reset_after
    trios.lane_ks.set_weights(model_ks, weights)
    layer_tf = tfcore.GRU(C, D, reset_after=reset_after)
    own = {name.removeprefix("gru/"): array for name, array in weights.items()}
    trios.lane_tf.set_weights(layer_tf, own)
    received = layer_tf(tf.constant(X))[1][0]
    expected = trios.lane_ks.to_numpy(layer_ks(X))
    np.testing.assert_allclose(received, expected, atol=1e-6)


def test_pytorch_second_bias_is_a_weight_unless_frozen_at_zero() -> None:
    layer = nn.LSTM(C, D)
    before = trios.lane_pt.get_weights(layer)
    assert set(before) == {"kernel", "recurrent_kernel", "bias", "recurrent_bias"}
    frozen = trios.lane_pt.get_weights(trios.with_one_bias(layer))
    assert set(frozen) == {"kernel", "recurrent_kernel", "bias"}
    nn.init.ones_(layer.bias_hh_l0)  # frozen, but it counts
    assert "recurrent_bias" in trios.lane_pt.get_weights(layer)


def test_lstm_starts_as_in_keras() -> None:
    layer = tfcore.LSTM(C, D, seed=0)
    np.testing.assert_array_equal(layer.bias, [0] * D + [1] * D + [0] * 2 * D)
    square = layer.recurrent_kernel.numpy()  # (D, 4D), orthonormal rows
    np.testing.assert_allclose(square @ square.T, np.eye(D), atol=1e-6)
