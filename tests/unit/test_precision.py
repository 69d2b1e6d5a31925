"""float64 in every lane, and nudges of a unit in the last place."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from sidebyside import parity, tfcore
from sidebyside.parity import precision

TRAIN = """
import json, torch
import numpy as np, keras
from sidebyside import parity
before = keras.layers.Dense(1)  # a layer that was made earlier fixes Keras' policy
X, y = np.random.default_rng(0).normal(size=(64, 5)), np.arange(64) % 3


def by_hand(model_pt):
    optimizer = torch.optim.SGD(model_pt.parameters(), 0.1, momentum=0.9)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
        loss = torch.nn.functional.cross_entropy(model_pt(inputs), targets)
        loss.backward()
        with torch.no_grad():  # decoupled, as in Keras
            for weight in model_pt.parameters():
                weight -= 0.1 * 0.01 * weight
        optimizer.step()
        losses.append(loss.item())
    return losses


def by_fit(weights):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)])
    model.set_weights(weights)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9, weight_decay=0.01), loss)
    return model.fit(X, y, batch_size=64, epochs=10, verbose=0).history["loss"]


with parity.float64():
    torch.manual_seed(0)
    model_pt = torch.nn.Linear(5, 3)
    weights = [model_pt.weight.detach().numpy().T.copy()]
    weights.append(model_pt.bias.detach().numpy().copy())
    gap = np.abs(np.subtract(by_hand(model_pt), by_fit(weights))).max()
again = keras.layers.Dense(1)
print(json.dumps([gap, before.compute_dtype, again.compute_dtype]))
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_keras_computes_in_float64_on_every_backend(backend: str) -> None:
    environment = {**os.environ, "KERAS_BACKEND": backend}
    environment.pop("JAX_ENABLE_X64", None)
    done = subprocess.run(
        [sys.executable, "-c", TRAIN],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    gap, before, again = json.loads(done.stdout.splitlines()[-1])
    assert gap < 1e-14
    assert before == again == "float32"


def test_everything_is_as_before_also_after_an_error() -> None:
    def seen() -> list[object]:
        config = keras.config
        return [
            torch.get_default_dtype(),
            tfcore.default_dtype(),
            config.floatx(),
            config.dtype_policy().name,
        ]

    def inside() -> None:
        with parity.float64():
            assert seen() == [torch.float64, tf.float64, "float64", "float64"]
            assert float(keras.ops.convert_to_tensor(0.1)) == 0.1
            single = keras.ops.convert_to_tensor(0.1, "float32")
            assert keras.backend.standardize_dtype(single.dtype) == "float32"
            raise ZeroDivisionError

    before = seen()
    with pytest.raises(ZeroDivisionError):
        inside()
    assert seen() == before == [torch.float32, tf.float32, "float32", "float32"]
    assert float(keras.ops.cast(0.1, "float64")) == float(np.float32(0.1))
    assert float(keras.ops.convert_to_tensor(0.1)) == float(np.float32(0.1))


def test_it_may_stand_inside_itself() -> None:
    with parity.float64():
        with parity.float64():
            pass
        assert torch.get_default_dtype() == torch.float64
        assert float(keras.ops.cast(0.1, "float64")) == 0.1


def test_a_keras_that_rounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_KEEP", {})
    with (
        pytest.raises(RuntimeError, match=r"expected keras\.ops\.cast of Keras 3\."),
        parity.float64(),
    ):
        pass
    assert keras.config.floatx() == "float32"


def test_a_dtype_that_is_not_floating_is_refused() -> None:
    with pytest.raises(ValueError, match="a floating dtype, received 'int32'"):
        tfcore.set_default_dtype("int32")


def test_floats_are_doubled_and_others_stay() -> None:
    given = {"a": np.float32([1.5]), "b": (np.arange(2), [np.float16(2)]), "c": "word"}
    made = parity.doubled(given)
    assert made["a"].dtype == np.float64
    assert isinstance(made["b"], tuple)
    assert made["b"][0].dtype == np.int64
    assert made["b"][1][0].dtype == np.float64
    assert made["c"] == "word"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_nudge_is_of_units_in_the_last_place(dtype: type) -> None:
    weights = {
        "w": np.array([1.0, -1.0, 0.75, 1e-3, 0.0, 1e4], dtype),
        "n": np.arange(3),
    }
    for ulps in (1, 1024):
        moved = parity.nudge(weights, ulps=ulps, seed=0)
        assert moved["w"].dtype == dtype
        units = (moved["w"] - weights["w"]) / np.spacing(np.abs(weights["w"]))
        assert set(np.abs(units[weights["w"] != 0])) == {ulps}
        assert moved["w"][4] == 0
        np.testing.assert_array_equal(moved["n"], weights["n"])


def test_a_nudge_goes_up_and_down_and_is_drawn_by_its_seed() -> None:
    weights = {"w": np.ones(1000, np.float32)}
    one, again, other = (parity.nudge(weights, seed=seed)["w"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert 400 < (one > 1).sum() < 600
    assert (one != other).any()


def test_the_advice_on_retracing_is_held_back_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = tf.get_logger()
    logger.addHandler(caplog.handler)
    try:
        with caplog.at_level("WARNING", logger.name), parity.float64():
            logger.warning("5 out of 5 calls triggered tf.function retracing.")
            logger.warning("another matter")
        with caplog.at_level("WARNING", logger.name):
            logger.warning("again: tf.function retracing")
    finally:
        logger.removeHandler(caplog.handler)
    told = [record.getMessage() for record in caplog.records]
    assert set(told) == {"another matter", "again: tf.function retracing"}
