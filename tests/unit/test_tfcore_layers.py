"""What the lanes' tests don't see of the TensorFlow layers: averages, masks, starts."""

import inspect
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import trios

from sidebyside import tfcore

X = np.random.default_rng(0).normal(2.0, 3.0, size=(4, 3, 5, 2))  # (B, H, W, C)
STEPS = 5


def averages_tfcore(unbiased: bool, momentum: float, traced: bool) -> np.ndarray:
    """Return the moving mean and variance after some batches, shape (2, C)."""
    norm = tfcore.BatchNorm(
        2, momentum=momentum, unbiased=unbiased, dtype=tf.float64, epsilon=1e-3
    )
    call = tf.function(norm) if traced else norm
    for step in range(STEPS):
        call(tf.constant(X * (step + 1)), training=True)
    return np.stack([norm.moving_mean.numpy(), norm.moving_variance.numpy()])


def averages_pytorch() -> np.ndarray:
    norm = torch.nn.BatchNorm2d(2, momentum=0.1).double().train()
    for step in range(STEPS):
        norm(torch.from_numpy(X * (step + 1)).movedim(-1, 1))
    return np.stack([norm.running_mean.numpy(), norm.running_var.numpy()])


def averages_keras() -> np.ndarray:
    norm = keras.layers.BatchNormalization(momentum=0.75, dtype="float64")
    for step in range(STEPS):
        norm(X * (step + 1), training=True)
    return np.stack([norm.moving_mean.numpy(), norm.moving_variance.numpy()])


@pytest.mark.parametrize("traced", [False, True])
def test_unbiased_averages_are_those_of_pytorch(traced: bool) -> None:
    expected = averages_pytorch()
    received = averages_tfcore(True, 0.9, traced)
    np.testing.assert_allclose(received, expected, rtol=1e-12)
    assert not np.allclose(averages_tfcore(False, 0.9, traced), expected, rtol=1e-3)


@pytest.mark.parametrize("traced", [False, True])
def test_biased_averages_are_those_of_keras(traced: bool) -> None:
    expected = averages_keras()
    received = averages_tfcore(False, 0.75, traced)
    np.testing.assert_allclose(received, expected, rtol=1e-12)
    assert not np.allclose(averages_tfcore(True, 0.75, traced), expected, rtol=1e-3)


def test_batch_norm_normalizes_by_the_biased_variance() -> None:
    norm = tfcore.BatchNorm(2, epsilon=0.0, dtype=tf.float64)
    y = norm(tf.constant(X), training=True).numpy()
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 1, 2)), 1, rtol=1e-12)


def test_evaluation_uses_the_averages_and_leaves_them() -> None:
    norm = tfcore.BatchNorm(2, epsilon=0.0, dtype=tf.float64)
    norm.moving_mean.assign([1.0, 2.0])
    norm.moving_variance.assign([4.0, 9.0])
    y = norm(tf.constant(X), training=False).numpy()
    np.testing.assert_allclose(y, (X - [1, 2]) / [2, 3], rtol=1e-12)
    np.testing.assert_array_equal(norm.moving_mean.numpy(), [1, 2])


def test_one_value_a_channel_has_no_unbiased_variance() -> None:
    one = tf.ones((1, 3))
    with pytest.raises(ValueError, match=r"BatchNorm: .*received shape \(1, 3\)"):
        tfcore.BatchNorm(3)(one, training=True)
    tfcore.BatchNorm(3)(one, training=False)
    biased = tfcore.BatchNorm(3, unbiased=False)
    biased(one, training=True)
    assert np.isfinite(biased.moving_variance.numpy()).all()


def test_dropout_drops_its_share_and_scales_the_rest() -> None:
    x = tf.ones((100, 100))
    y = tfcore.Dropout(0.3, seed=0)(x, training=True).numpy()
    share = float((y == 0).mean())
    deviation = (0.3 * 0.7 / y.size) ** 0.5
    assert abs(share - 0.3) < 4 * deviation
    np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-6)


def test_dropout_draws_a_fresh_mask_each_time_and_the_same_by_seed() -> None:
    def masks(seed: int | None) -> list[list[float]]:
        dropout = tfcore.Dropout(0.5, seed=seed)
        call = tf.function(dropout)
        x = tf.ones(64)
        return [call(x, training=True).numpy().tolist() for _ in range(3)]

    first = masks(7)
    assert first[0] != first[1] != first[2]
    assert masks(7) == first
    assert masks(8) != first
    assert masks(None) != masks(None)


def test_dropout_rests_in_evaluation_and_at_rate_zero() -> None:
    x = tf.ones(64)
    for layer, training in (
        (tfcore.Dropout(0.5, seed=0), False),
        (tfcore.Dropout(0.0, seed=0), True),
    ):
        np.testing.assert_array_equal(layer(x, training=training).numpy(), x.numpy())


LAYERS: dict[str, Any] = {
    "dense": (lambda seed: tfcore.Dense(30, 50, seed=seed), (6 / 80) ** 0.5),
    "conv1d": (lambda seed: tfcore.Conv1D(8, 16, 3, seed=seed), (6 / 72) ** 0.5),
    "conv2d": (lambda seed: tfcore.Conv2D(8, 16, 3, seed=seed), (6 / 216) ** 0.5),
    "conv3d": (lambda seed: tfcore.Conv3D(4, 8, 3, seed=seed), (6 / 324) ** 0.5),
    "groups": (
        lambda seed: tfcore.Conv2D(8, 16, 3, groups=2, seed=seed),
        (6 / (9 * (4 + 16))) ** 0.5,
    ),
    "depthwise": (
        lambda seed: tfcore.DepthwiseConv2D(64, 3, multiplier=2, seed=seed),
        (6 / (9 * 66)) ** 0.5,
    ),
    "transposed": (
        lambda seed: tfcore.Conv2DTranspose(8, 16, 3, seed=seed),
        (6 / 216) ** 0.5,
    ),
    "bilinear": (lambda seed: tfcore.Bilinear(16, 8, 9, seed=seed), 0.25),
    "embedding": (lambda seed: tfcore.Embedding(40, 25, seed=seed), 0.05),
}


@pytest.mark.parametrize("name", LAYERS)
def test_weights_start_uniform_within_the_limit(name: str) -> None:
    make, limit = LAYERS[name]
    tf.random.set_seed(0)
    layer = make(1)
    weights = (layer.embeddings if name == "embedding" else layer.kernel).numpy()
    assert np.abs(weights).max() <= limit
    assert np.abs(weights).max() > 0.98 * limit
    assert weights.std() == pytest.approx(limit / 3**0.5, rel=0.05)
    if name != "embedding":
        assert not layer.bias.numpy().any()


@pytest.mark.parametrize(
    ("name", "layer", "channels"),
    [
        ("conv2d", keras.layers.Conv2D(16, 3), 8),
        ("groups", keras.layers.Conv2D(16, 3, groups=2), 8),
        ("depthwise", keras.layers.DepthwiseConv2D(3, depth_multiplier=2), 64),
        ("transposed", keras.layers.Conv2DTranspose(16, 3), 8),
    ],
)
def test_the_starts_of_keras_have_the_same_limits(
    name: str, layer: Any, channels: int
) -> None:
    layer.build((None, 5, 5, channels))
    limit = np.abs(layer.kernel.numpy()).max()
    assert 0.98 < limit / LAYERS[name][1] <= 1


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
@pytest.mark.parametrize(
    "make",
    [
        lambda dtype: tfcore.Dense(2, 3, dtype=dtype),
        lambda dtype: tfcore.Conv1D(2, 3, 1, dtype=dtype),
        lambda dtype: tfcore.Conv2D(2, 3, 1, dtype=dtype),
        lambda dtype: tfcore.BatchNorm(2, dtype=dtype),
        lambda dtype: tfcore.LayerNorm(2, dtype=dtype),
        lambda dtype: tfcore.Embedding(2, 3, dtype=dtype),
        lambda dtype: tfcore.Conv3D(2, 4, 1, groups=2, dtype=dtype),
        lambda dtype: tfcore.DepthwiseConv1D(2, 3, dtype=dtype),
        lambda dtype: tfcore.Conv1DTranspose(2, 3, 1, dtype=dtype),
        lambda dtype: tfcore.Bilinear(2, 3, 4, dtype=dtype),
        lambda dtype: tfcore.PReLU(2, dtype=dtype),
        lambda dtype: tfcore.GroupNorm(2, 1, dtype=dtype),
        lambda dtype: tfcore.RMSNorm(2, dtype=dtype),
        lambda dtype: tfcore.SimpleRNN(2, 3, dtype=dtype),
        lambda dtype: tfcore.MultiHeadAttention(2, 1, dtype=dtype),
    ],
)
def test_the_weights_have_the_dtype_that_was_asked_for(make: Any, dtype: Any) -> None:
    layer = make(dtype)
    assert {v.dtype for v in layer.variables} == {dtype}


GRAPHS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "conv3d": (lambda: tfcore.Conv3D(2, 4, 2, groups=2), (3, 4, 5, 6, 2)),
    "dilated": (lambda: tfcore.Conv2D(2, 4, 2, dilation=2), (3, 5, 6, 2)),
    "depthwise": (lambda: tfcore.DepthwiseConv1D(2, 3, strides=2), (3, 5, 2)),
    "transposed": (lambda: tfcore.Conv2DTranspose(2, 4, 3, strides=2), (3, 4, 5, 2)),
    "group norm": (lambda: tfcore.GroupNorm(4, 2), (3, 5, 6, 4)),
    "attention": (lambda: tfcore.MultiHeadAttention(4, 2), (3, 5, 4)),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_of_unknown_sizes_computes_the_same(name: str) -> None:
    make, shape = GRAPHS[name]
    layer, x = make(), tf.random.stateless_normal(shape, (0, 0))
    arguments = (x, x) if name == "attention" else (x,)
    spec = tf.TensorSpec([None] * (len(shape) - 1) + [shape[-1]])
    traced = tf.function(layer, input_signature=[spec] * len(arguments))
    np.testing.assert_allclose(traced(*arguments), layer(*arguments), atol=1e-6)


def test_strides_and_dilation_exclude_each_other() -> None:
    message = "Conv2D: expected strides=1 or dilation=1, received strides=2 and dilat"
    with pytest.raises(ValueError, match=message):
        tfcore.Conv2D(2, 2, 3, strides=2, dilation=2)


def test_bilinear_is_that_of_pytorch() -> None:
    layer_pt = torch.nn.Bilinear(3, 4, 2)
    layer = tfcore.Bilinear(3, 4, 2)
    trios.lane_tf.set_weights(layer, trios.lane_pt.get_weights(layer_pt))
    x1, x2 = X.reshape(-1, 3)[:8], X.reshape(-1, 4)[:8]
    x1, x2 = x1.astype("float32"), x2.astype("float32")
    expected = layer_pt(torch.from_numpy(x1), torch.from_numpy(x2)).detach()
    np.testing.assert_allclose(layer(x1, x2), expected, rtol=1e-4, atol=1e-4)


def test_every_public_name_is_documented() -> None:
    for name in tfcore.__all__:
        public = getattr(tfcore, name)
        takes = inspect.signature(public).parameters
        assert public.__doc__
        assert "Args:" in public.__doc__ or not takes
