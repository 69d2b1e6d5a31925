"""Names and shapes of layers that stand alone: settings without a trio in `trios`."""

from typing import Any

import keras
import numpy as np
import pytest
import trios
from keras import layers
from torch import nn

Shapes = dict[str, tuple[int, ...]]


def step(size: int, units: int, gates: int) -> Shapes:
    wide = gates * units
    return {
        "kernel": (size, wide),
        "recurrent_kernel": (units, wide),
        "bias": (wide,),
    }


def under(path: str, shapes: Shapes) -> Shapes:
    return {f"{path}/{name}": shape for name, shape in shapes.items()}


IN_KERAS: list[tuple[Any, tuple[int, ...], Shapes]] = [
    (
        lambda: layers.EinsumDense("btc,cnh->btnh", (None, 2, 4), bias_axes="h"),
        (1, 5, 3),
        {"kernel": (3, 8), "bias": (4,)},  # the bias is not that of a dense layer
    ),
    (
        lambda: layers.EinsumDense("btc,tck->btk", (5, 4), bias_axes="k"),
        (1, 5, 3),
        {"kernel": (5, 3, 4), "bias": (4,)},  # one matrix for each t
    ),
    (lambda: layers.PReLU(), (1, 5, 3), {"alpha": (5, 3)}),
    (lambda: layers.PReLU(shared_axes=[1]), (1, 5, 3), {"alpha": (3,)}),
    (lambda: layers.TimeDistributed(layers.ReLU()), (1, 5, 3), {}),
    (
        lambda: layers.RNN([layers.LSTMCell(2), layers.SimpleRNNCell(4)]),
        (1, 5, 3),
        under("0", step(3, 2, 4)) | under("1", step(2, 4, 1)),
    ),
    (
        lambda: layers.RNN(layers.GRUCell(2, reset_after=False)),
        (1, 5, 3),
        step(3, 2, 3),
    ),
    (
        lambda: layers.Bidirectional(layers.RNN(layers.LSTMCell(2))),
        (1, 5, 3),
        under("forward", step(3, 2, 4)) | under("backward", step(3, 2, 4)),
    ),
]


@pytest.mark.parametrize("case", range(len(IN_KERAS)))
def test_layers_of_keras(case: int) -> None:
    make, shape, expected = IN_KERAS[case]
    layer = make()
    layer(np.ones(shape, "float32"))
    agrees(trios.lane_ks, layer, expected)


class Joined(layers.Wrapper):
    """A layer around a layer, with a weight of its own."""

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(1,), name="scale")
        super().build(shape)

    def call(self, x: Any) -> Any:
        return self.scale * self.layer(x)


def test_a_layer_around_a_layer_with_more_weights_is_complete() -> None:
    layer = Joined(layers.Dense(2, name="inner"))
    layer(np.ones((1, 3), "float32"))
    inner = under("inner", {"kernel": (3, 2), "bias": (2,)})
    agrees(trios.lane_ks, layer, {"scale": (1,)} | inner)


def test_a_reversible_embedding_may_have_two_weights() -> None:
    for tied in (True, False):
        layer = layers.ReversibleEmbedding(5, 3, tie_weights=tied)
        layer(np.ones((1, 2), "int32"))
        more = {} if tied else {"reverse_embeddings": (3, 5)}
        agrees(trios.lane_ks, layer, {"embeddings": (5, 3)} | more)


IN_PYTORCH: list[tuple[nn.Module, Shapes]] = [
    (nn.Bilinear(2, 3, 4), {"kernel": (2, 3, 4), "bias": (4,)}),
    (
        nn.ConvTranspose2d(4, 6, 3, groups=2),
        {"kernel": (3, 3, 3, 4), "bias": (6,)},
    ),
    (
        nn.InstanceNorm1d(3, track_running_stats=True),
        {"moving_mean": (3,), "moving_variance": (3,)},
    ),
    (nn.SyncBatchNorm(3, affine=False), {"moving_mean": (3,), "moving_variance": (3,)}),
    (nn.Embedding(5, 3, padding_idx=0), {"embeddings": (5, 3)}),
    (nn.GRUCell(2, 3), step(2, 3, 3) | {"recurrent_bias": (9,)}),
    (
        trios.with_one_bias(nn.RNN(2, 3, num_layers=2, bidirectional=True)),
        {
            f"{k}/{way}/{name}": shape
            for k, size in enumerate((2, 6))
            for way in ("forward", "backward")
            for name, shape in step(size, 3, 1).items()
        },
    ),
]


@pytest.mark.parametrize("case", range(len(IN_PYTORCH)))
def test_layers_of_pytorch(case: int) -> None:
    agrees(trios.lane_pt, *IN_PYTORCH[case])


def agrees(lane: Any, layer: Any, expected: Shapes) -> None:
    """Check names and shapes, and that each number is written where it was read."""
    before = lane.get_weights(layer)
    assert {name: array.shape for name, array in before.items()} == expected
    rng = np.random.default_rng(0)
    drawn = {
        name: rng.normal(size=array.shape).astype("float32")
        for name, array in before.items()
    }
    lane.set_weights(layer, drawn)
    for name, array in lane.get_weights(layer).items():
        np.testing.assert_array_equal(array, drawn[name], err_msg=name)


def test_a_slot_of_several_axes_puts_each_number_in_its_place() -> None:
    layer = keras.layers.EinsumDense("btnh,chn->btc", (None, 2))
    layer(np.ones((1, 5, 3, 4), "float32"))
    own = keras.ops.convert_to_numpy(layer.kernel)  # (C, H, N)
    kernel = trios.lane_ks.get_weights(layer)["kernel"]  # (N * H, C)
    for c, h, n in np.ndindex(own.shape):
        assert own[c, h, n] == kernel[n * 4 + h, c]
