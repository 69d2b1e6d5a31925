"""One body in three frameworks: the same weights, the same maps, the same names."""

from types import ModuleType

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from sidebyside import lite0, parity
from sidebyside.lanes import keras as lane_ks
from sidebyside.lanes import pytorch as lane_pt
from sidebyside.lanes import tensorflow as lane_tf
from sidebyside.lite0 import in_keras, in_pytorch, in_tensorflow


def photos(side: int, dtype: str = "float32") -> np.ndarray:
    """Two photographs of noise: (2, side, side, 3), as the network expects them."""
    pixels = np.random.default_rng(0).integers(0, 256, (2, side, side, 3))
    return ((pixels - lite0.MEAN) / lite0.SCALE).astype(dtype)


def maps(X: np.ndarray, pretrained: bool = True) -> dict[str, np.ndarray]:
    """What each lane makes of photographs: (B, H / 32, W / 32, 1280)."""
    body_pt = in_pytorch.body(pretrained).eval()
    with torch.no_grad():
        found = {"pytorch": body_pt(torch.from_numpy(X).permute(0, 3, 1, 2))}
    found = {lane: tensor.permute(0, 2, 3, 1).numpy() for lane, tensor in found.items()}
    found["tensorflow"] = in_tensorflow.body(pretrained)(tf.constant(X)).numpy()
    outputs = in_keras.body(pretrained)(X, training=False)
    return found | {"keras": keras.ops.convert_to_numpy(outputs)}


@pytest.mark.parametrize("side", [64, 96])
def test_the_lanes_compute_the_same_features(side: int) -> None:
    features = {lane: array.mean((1, 2)) for lane, array in maps(photos(side)).items()}
    assert features["pytorch"].shape == (2, 1280)
    assert features["pytorch"].max() > 0.1
    parity.check("features", {"features": features}, tolerance=1e-5)  # as promised


def test_in_float64_only_rounding_is_left() -> None:
    with parity.float64():
        found = maps(photos(32, "float64"))
    assert {array.shape for array in found.values()} == {(2, 1, 1, 1280)}
    assert {str(array.dtype) for array in found.values()} == {"float64"}
    parity.check("maps", {"maps": found})


def test_every_weight_of_the_file_stands_in_every_lane() -> None:
    weights = lite0.weights()
    assert len(weights) == 245
    assert sum(w.size for n, w in weights.items() if "moving" not in n) == 3_371_008
    assert weights["stem/conv/kernel"].shape == (3, 3, 3, 32)
    found = {
        "pytorch": lane_pt.get_weights(in_pytorch.body()),
        "tensorflow": lane_tf.get_weights(in_tensorflow.body()),
        "keras": lite0.nested(lane_ks.get_weights(in_keras.body())),
    }
    for arrays in found.values():
        assert arrays.keys() == weights.keys()
        assert all(np.array_equal(arrays[name], weights[name]) for name in weights)


def test_without_the_file_the_weights_are_others() -> None:
    fresh = lane_pt.get_weights(in_pytorch.body(pretrained=False))
    assert fresh.keys() == lite0.weights().keys()
    assert not np.array_equal(
        fresh["stem/conv/kernel"], lite0.weights()["stem/conv/kernel"]
    )


@pytest.mark.parametrize("module", [in_pytorch, in_tensorflow, in_keras])
def test_a_shorter_body_has_no_trained_weights(module: ModuleType) -> None:
    module.body(pretrained=False, blocks=2)
    with pytest.raises(ValueError, match="expected exactly the weights of the model"):
        module.body(blocks=2)


def test_the_blocks_are_those_of_the_paper() -> None:
    assert len(lite0.BLOCKS) == 16
    assert lite0.BLOCKS[0] == (3, 1, 1, 32, 16)
    assert lite0.BLOCKS[-1] == (3, 1, 6, 192, 320)
    assert np.prod([stride for _, stride, *_ in lite0.BLOCKS]) == 16  # the stem: 2


def test_names_of_keras_and_back() -> None:
    one = np.zeros(1)
    names = {"stem/conv/kernel": one, "body/blocks/3/expand/norm/beta": one}
    names["classifier/bias"] = one
    flat = lite0.flat(names)
    assert list(flat) == [
        "stem-conv/kernel",
        "body/blocks-3-expand-norm/beta",
        "classifier/bias",
    ]
    assert lite0.nested(flat).keys() == names.keys()
