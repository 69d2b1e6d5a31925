"""Weights travel between the lanes, and outputs and gradients agree where they land.

`test_backends.py` runs this file again with Keras on JAX and on PyTorch.
"""

import os
from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import trios
import trios_attention
import trios_convolutions
import trios_more
import trios_nested
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sidebyside import layout, tfcore
from sidebyside.parity import Lane

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
# JAX compiles every operation for every new shape.
EXAMPLES = 3 if keras.config.backend() == "tensorflow" else 1

MODULES = (trios, trios_convolutions, trios_more, trios_attention)
CASES = [*(case for module in MODULES for case in module.CASES), trios_nested.nested]

SIZES = st.builds(
    trios.Sizes,
    B=st.integers(4, 7),
    C=st.integers(1, 5),
    K=st.integers(1, 6),
    H=st.integers(4, 7),
    W=st.integers(4, 7),
    k=st.integers(1, 4),
    stride=st.integers(1, 2),
)


def draw_weights(like: layout.Weights, rng: np.random.Generator) -> layout.Weights:
    """Draw normal weights, and variances that are positive."""
    return {
        name: (
            rng.uniform(0.5, 1.5, array.shape)
            if name.endswith("moving_variance")
            else rng.normal(size=array.shape)
        ).astype(array.dtype)
        for name, array in like.items()
    }


class Measured(NamedTuple):
    training: layout.Weights
    evaluation: layout.Weights
    gradients: layout.Weights


def measure(
    lane: Lane, weights: layout.Weights, X: np.ndarray, y: np.ndarray
) -> Measured:
    lane.set_weights(weights)
    training = {"outputs": lane.forward(X)}
    _, gradients = lane.gradients(X, y)
    lane.set_weights(weights)  # training moved the averages of batch norm
    return Measured(training, {"outputs": lane.predict(X)}, gradients)


def relative(expected: layout.Weights, received: layout.Weights) -> float:
    """Return the largest difference over the largest entry that is expected.

    The gradients of a layer share one scale: that of a bias is a sum that may cancel.
    """
    assert expected.keys() == received.keys()
    for name, a in expected.items():
        b = received[name]
        assert (a.shape, a.dtype) == (b.shape, b.dtype), name
        assert np.isfinite(a).all() and np.isfinite(b).all(), name  # noqa: PT018
    gap = max(np.abs(a - received[name]).max() for name, a in expected.items())
    return float(gap / max(np.abs(a).max() for a in expected.values()))


def assert_same_weights(a: layout.Weights, b: layout.Weights) -> None:
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name, strict=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES)
@settings(max_examples=EXAMPLES)
@given(s=SIZES, seed=st.integers(0, 1000))
def test_weights_in_all_six_directions(
    case: trios.Case, dtype: str, s: trios.Sizes, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    trio = case(s, dtype)
    lanes = trios.probes(trio)
    X = rng.normal(size=trio.shape).astype(dtype)
    if trio.vocabulary:
        X = rng.integers(trio.vocabulary, size=trio.shape)
    y = rng.normal(size=lanes[0].predict(X).shape).astype(dtype)
    for source in lanes:
        weights = draw_weights(source.get_weights(), rng)
        source.set_weights(weights)
        expected = measure(source, source.get_weights(), X, y)
        for target in lanes:
            if target is source:
                continue
            source.set_weights(weights)
            target.set_weights(source.get_weights())  # there
            source.set_weights(target.get_weights())  # and back
            assert_same_weights(source.get_weights(), weights)
            received = measure(target, target.get_weights(), X, y)
            check(expected, received, TOLERANCE[dtype])


def check(expected: Measured, received: Measured, tolerance: float) -> None:
    assert relative(expected.training, received.training) <= tolerance
    assert relative(expected.evaluation, received.evaluation) <= tolerance
    assert relative(expected.gradients, received.gradients) <= tolerance


def test_neutral_names_and_shapes_are_those_of_the_table() -> None:
    s = trios.Sizes(B=4, C=3, K=2, H=7, W=6, k=4, stride=1)

    def shapes(case: trios.Case) -> list[dict[str, tuple[int, ...]]]:
        lanes = trios.probes(case(s, "float32"))
        return [{n: a.shape for n, a in lane.get_weights().items()} for lane in lanes]

    channels = ("gamma", "beta", "moving_mean", "moving_variance")
    expected = {
        trios.dense: {"kernel": (3, 2), "bias": (2,)},
        trios.dense_without_bias: {"kernel": (3, 2)},
        trios.conv1d: {"kernel": (4, 3, 2), "bias": (2,)},
        trios.conv2d: {"kernel": (4, 4, 3, 2), "bias": (2,)},
        trios.batch_norm: dict.fromkeys(channels, (3,)),
        trios.layer_norm: dict.fromkeys(channels[:2], (4,)),
        trios.embedding: {"embeddings": (7, 3)},
    }
    for case, names in expected.items():
        named = {f"layer/{name}": shape for name, shape in names.items()}
        assert shapes(case) == [named] * 3
    assert set(shapes(trios_nested.nested)[0]) == {
        "scale",
        *(f"block/{name}" for name in ("inner/kernel", "inner/bias")),
        *(f"block/norm/{name}" for name in ("gamma", "beta")),
        *("head/kernel", "head/bias"),
    }
    assert shapes(trios_nested.nested)[1:] == shapes(trios_nested.nested)[:1] * 2


def test_a_kernel_is_transposed_and_not_only_reshaped() -> None:
    trio = trios.conv2d(trios.Sizes(B=4, C=2, K=3, H=5, W=5, k=2, stride=1), "float32")
    weights = trios.lane_pt.get_weights(trio.pt)
    own = trio.pt.layer.weight.detach().numpy()
    for out, into, h, w in np.ndindex(own.shape):
        assert own[out, into, h, w] == weights["layer/kernel"][h, w, into, out]


def test_lists_and_dicts_are_named_by_index_and_key() -> None:
    class Many(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [tfcore.Dense(2, 2), tfcore.Dense(2, 2)]
            self.pair = (tfcore.Dense(2, 2),)
            self.named = {"a": tfcore.Dense(2, 2)}

    class ManyPt(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
            self.pair = nn.Sequential(nn.Linear(2, 2))
            self.named = nn.ModuleDict({"a": nn.Linear(2, 2)})

    paths = ["layers/0", "layers/1", "pair/0", "named/a"]
    names = {f"{path}/{weight}" for path in paths for weight in ("kernel", "bias")}
    assert set(trios.lane_tf.get_weights(Many())) == names
    assert set(trios.lane_pt.get_weights(ManyPt())) == names


def test_a_list_of_parameters_and_a_layer_with_more_weights_are_complete() -> None:
    class Scaled(nn.Linear):
        def __init__(self) -> None:
            super().__init__(2, 3)
            self.scale = nn.Parameter(torch.ones(3))
            self.more = nn.ParameterList([torch.ones(1), torch.ones(2)])

    weights = trios.lane_pt.get_weights(Scaled())
    shapes = {name: array.shape for name, array in weights.items()}
    assert shapes.pop("kernel") == (2, 3)
    assert shapes == {"bias": (3,), "scale": (3,), "more/0": (1,), "more/1": (2,)}


def test_a_nested_keras_model_is_named_by_its_layers() -> None:
    inner = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, name="a")], name="in"
    )
    model = keras.Sequential(
        [keras.Input((3,)), inner, keras.layers.Dense(1, name="b")]
    )
    names = {"in/a/kernel", "in/a/bias", "b/kernel", "b/bias"}
    assert set(trios.lane_ks.get_weights(model)) == names


def test_keras_stands_on_the_backend_that_was_asked_for() -> None:
    asked = os.environ.get("KERAS_BACKEND", "tensorflow")
    assert keras.config.backend() == asked
