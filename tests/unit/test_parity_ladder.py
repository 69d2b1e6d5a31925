"""The parity ladder on a CNN with batch norm: it passes, and each rung can break."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import nn

from sidebyside import parity, records, tfcore
from sidebyside.lanes import keras as lane_ks
from sidebyside.lanes import pytorch as lane_pt
from sidebyside.lanes import tensorflow as lane_tf
from sidebyside.parity import Lane

B, H, W, C, K = 8, 6, 6, 4, 3
RATE, MOMENTUM, EPSILON = 0.05, 0.9, 1e-4
rng = np.random.default_rng(0)
BATCHES = [
    (rng.normal(size=(B, H, W, 1)).astype("float32"), rng.integers(K, size=B))
    for _ in range(6)
]


class CnnPt(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, C, 3, padding="same")
        self.norm = nn.BatchNorm2d(C, eps=EPSILON, momentum=0.1)
        self.head = nn.Linear(C, K)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.conv(x)))
        return self.head(x.mean((2, 3)))  # (B, C)


class CnnTf(tf.Module):
    def __init__(
        self, *, use_bias: bool = True, norm_momentum: float = 0.9, **norm: Any
    ) -> None:
        super().__init__()
        self.conv = tfcore.Conv2D(1, C, 3, seed=1)
        self.norm = tfcore.BatchNorm(
            C, momentum=norm_momentum, **{"epsilon": EPSILON, **norm}
        )
        self.head = tfcore.Dense(C, K, use_bias=use_bias, seed=2)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        x = tf.nn.relu(self.norm(self.conv(x), training))
        return self.head(tf.reduce_mean(x, (1, 2)))  # (B, C)


def pytorch() -> Lane:
    torch.manual_seed(0)
    model, loss_fn = CnnPt(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), RATE, momentum=MOMENTUM)

    def step(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        return loss

    def channels_first(X: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(X).movedim(-1, 1)

    return lane_pt.probe(model, loss_fn, step=step, prepare=channels_first)


def loss_tf(outputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(targets, outputs)
    )


def tensorflow(
    loss_fn: Callable[..., tf.Tensor] = loss_tf,
    rate: float = RATE,
    momentum: float = MOMENTUM,
    **model_options: Any,
) -> Lane:
    model = CnnTf(**model_options)
    optimizer = tfcore.SGD(model.trainable_variables, rate, momentum=momentum)
    variables = model.trainable_variables

    def step(X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_fn(model(X, training=True), y)
        optimizer.apply(tape.gradient(loss, variables))
        return loss

    return lane_tf.probe(model, loss_fn, step=step)


def keras_lane() -> Lane:
    model = keras.Sequential(
        [
            keras.Input((H, W, 1)),
            keras.layers.Conv2D(C, 3, padding="same", name="conv"),
            keras.layers.BatchNormalization(momentum=0.9, epsilon=EPSILON, name="norm"),
            keras.layers.ReLU(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(K, name="head"),
        ]
    )
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(RATE, momentum=MOMENTUM)
    model.compile(optimizer=optimizer, loss=loss_fn, run_eagerly=True)

    def step(X: Any, y: Any) -> Any:
        model.reset_metrics()  # or the loss would be a running mean
        return model.train_on_batch(X, y)

    return lane_ks.probe(model, loss_fn, step=step)


def ladder(*lanes: Lane, **options: Any) -> parity.Rungs:
    return parity.ladder("a small CNN", lanes, BATCHES, **options)


def first_broken(shown: list[dict[str, Any]], *lanes: Lane) -> tuple[str, str]:
    """Climb, and return the last rung in the record and the error's message."""
    with pytest.raises(parity.ParityError) as caught:
        ladder(*lanes)
    (bundle,) = shown
    rungs = bundle[records.MIME]["rungs"]
    assert [rung["passed"] for rung in rungs] == [True] * (len(rungs) - 1) + [False]
    return rungs[-1]["rung"], str(caught.value)


RUNGS = ["shapes", "forward", "loss", "gradients", "one step", "6 steps", "evaluation"]


def test_all_lanes_climb_to_the_top(shown: list[dict[str, Any]]) -> None:
    # Keras keeps a biased variance: seen in the averages, and in evaluation.
    rungs = ladder(
        pytorch(),
        tensorflow(),
        keras_lane(),
        tolerances={"one step": 1e-3, "evaluation": 1e-2},
    )
    assert [rung.rung for rung in rungs] == RUNGS
    assert all(rung.passed for rung in rungs)
    assert rungs[-1].lane == "keras"
    assert rungs[-1].worst > 1e-5
    (bundle,) = shown
    record = bundle[records.MIME]
    assert json.loads(json.dumps(record)) == record
    assert record["passed"] is True
    assert record["dtype"] == "float32"
    assert [rung["rung"] for rung in record["rungs"]] == RUNGS
    parameters = 9 * C + C + 2 * C + C * K + K
    assert f"{parameters} trainable parameters" in bundle["text/plain"]


@pytest.mark.usefixtures("shown")
def test_tensorflow_is_the_bridge_with_the_tolerances_as_they_stand() -> None:
    assert ladder(pytorch(), tensorflow())[-1].worst < 1e-5
    assert ladder(keras_lane(), tensorflow(unbiased=False))[-1].worst < 1e-5


def swap_height_and_width(lane: Lane) -> Lane:
    def set_weights(weights: Mapping[str, np.ndarray]) -> None:
        kernel = weights["conv/kernel"].transpose(1, 0, 2, 3)
        lane.set_weights({**weights, "conv/kernel": kernel})

    return replace(lane, set_weights=set_weights)


def half_blind(outputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the same loss with half its gradient."""
    loss = loss_tf(outputs, targets)
    return (loss + tf.stop_gradient(loss)) / 2


def other_targets(outputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    return loss_tf(outputs, (targets + 1) % K)


def in_training_mode(lane: Lane) -> Lane:
    return replace(lane, predict=lane.forward)


# What is wrong in the TensorFlow lane, the rung that breaks, and what its error names.
PERTURBATIONS: dict[str, tuple[Callable[[], Lane], str, str]] = {
    "a bias is missing": (lambda: tensorflow(use_bias=False), "shapes", "head/bias"),
    "height for width": (
        lambda: swap_height_and_width(tensorflow()),
        "forward",
        "index (",
    ),
    "epsilon": (lambda: tensorflow(epsilon=1e-3), "forward", "index ("),
    "labels moved by one": (lambda: tensorflow(other_targets), "loss", "'loss'"),
    "a lost gradient": (lambda: tensorflow(half_blind), "gradients", "index ("),
    "learning rate": (lambda: tensorflow(rate=0.06), "one step", "index ("),
    "biased averages": (lambda: tensorflow(unbiased=False), "one step", "moving_var"),
    "batch norm's momentum": (
        lambda: tensorflow(norm_momentum=0.99),
        "one step",
        "moving_",
    ),
    "momentum": (lambda: tensorflow(momentum=0.8), "6 steps", "index ("),
    "training mode": (
        lambda: in_training_mode(tensorflow()),
        "evaluation",
        "index (",
    ),
}


@pytest.mark.parametrize("what", PERTURBATIONS)
def test_a_perturbation_breaks_exactly_its_rung(
    what: str, shown: list[dict[str, Any]]
) -> None:
    make, expected, named = PERTURBATIONS[what]
    rung, message = first_broken(shown, pytorch(), make())
    assert rung == expected
    assert (
        f"parity of a small CNN: rung {expected!r} broke: lane 'tensorflow'" in message
    )
    assert named in message
    assert "expected" in message
    assert "received" in message
    assert ("relative" in message) == (expected != "shapes")


def frozen(lane: Lane) -> Lane:
    return replace(lane, count_parameters=lambda: 7)


def test_the_counts_are_compared(shown: list[dict[str, Any]]) -> None:
    rung, message = first_broken(shown, pytorch(), frozen(tensorflow()))
    assert rung == "shapes"
    assert "expected 63 trainable parameters as in 'pytorch', received 7" in message


def test_a_shape_is_compared_and_nothing_is_written(
    shown: list[dict[str, Any]],
) -> None:
    wider = tensorflow()
    kept = wider.get_weights()
    more = {**kept, "head/kernel": np.zeros((C, K + 1), "float32")}
    written: list[Any] = []
    odd = replace(wider, get_weights=lambda: more, set_weights=written.append)
    rung, message = first_broken(shown, pytorch(), odd)
    assert rung == "shapes"
    assert "tensor 'head/kernel': expected shape (4, 3), received (4, 4)" in message
    assert written == []


@pytest.mark.usefixtures("shown")
def test_the_lanes_get_the_starting_weights_back() -> None:
    lanes = [pytorch(), tensorflow()]
    start = lanes[0].get_weights()
    ladder(*lanes)
    for lane in lanes:
        for name, array in lane.get_weights().items():
            np.testing.assert_array_equal(array, start[name])


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("entrance", ["forward", "gradients", "step"])
def test_the_rungs_start_from_the_same_weights(entrance: str) -> None:
    lane = tensorflow()
    start = lane.get_weights()
    met: list[dict[str, np.ndarray]] = []

    def look(*arguments: Any) -> Any:
        met.append(lane.get_weights())
        return getattr(lane, entrance)(*arguments)

    lane.forward(BATCHES[1][0])  # moves the averages
    ladder(replace(lane, **{entrance: look}), pytorch(), weights=start)
    for name, array in start.items():
        np.testing.assert_array_equal(met[0][name], array, err_msg=name)


@pytest.mark.usefixtures("shown")
def test_the_starting_weights_may_be_given() -> None:
    lanes = [pytorch(), tensorflow()]
    weights = {**lanes[0].get_weights(), "head/bias": np.ones(K, "float32")}
    ladder(*lanes, weights=weights)
    for lane in lanes:
        np.testing.assert_array_equal(lane.get_weights()["head/bias"], [1, 1, 1])


@pytest.mark.usefixtures("shown")
def test_tolerances_replace_those_of_the_table() -> None:
    loose = dict.fromkeys(["one step", "N steps", "evaluation"], 1.0)
    rungs = ladder(pytorch(), tensorflow(rate=0.051), tolerances=loose)
    found = {rung.rung: rung.tolerance for rung in rungs}
    assert found["6 steps"] == found["one step"] == 1.0
    assert found["forward"] == parity.TOLERANCES["forward"]


def test_bad_arguments_are_refused(shown: list[dict[str, Any]]) -> None:
    one, two = pytorch(), tensorflow()
    with pytest.raises(ValueError, match=r"expected tolerances .*received \['steps'\]"):
        ladder(one, two, tolerances={"steps": 1.0})
    with pytest.raises(ValueError, match=r"at least 2 lanes .*\['pytorch'\] and 6 b"):
        ladder(one)
    with pytest.raises(ValueError, match="different names"):
        ladder(one, pytorch())
    with pytest.raises(ValueError, match="0 batches"):
        parity.ladder("none", [one, two], [])
    assert shown == []
