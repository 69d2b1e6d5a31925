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
from sidebyside.parity.ladder import Maker

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


def pytorch(rate: float = RATE) -> Lane:
    torch.manual_seed(0)
    model, loss_fn = CnnPt(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), rate, momentum=MOMENTUM)

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


def in_keras() -> Lane:
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


def made(maker: Callable[..., Lane], **options: Any) -> Maker:
    return lambda: maker(**options)


def ladder(*makers: Maker, **options: Any) -> parity.Rungs:
    return parity.ladder("a small CNN", makers, BATCHES, **options)


def first_broken(shown: list[dict[str, Any]], *makers: Maker) -> tuple[str, str]:
    """Climb, and return the last rung in the record and the error's message."""
    with pytest.raises(parity.ParityError) as caught:
        ladder(*makers)
    (bundle,) = shown
    rungs = bundle[records.MIME]["rungs"]
    assert [rung["passed"] for rung in rungs] == [True] * (len(rungs) - 1) + [False]
    return rungs[-1]["rung"], str(caught.value)


RUNGS = ["shapes", "forward", "loss", "gradients", "one step", "6 steps", "evaluation"]
BIASED = "Keras averages the biased variance"
KERAS = {"keras": dict.fromkeys(["moving_variance", "evaluation"], BIASED)}


def test_all_lanes_climb_to_the_top(shown: list[dict[str, Any]]) -> None:
    rungs = ladder(pytorch, tensorflow, in_keras, apart=KERAS)
    assert [rung.rung for rung in rungs if not rung.cause] == RUNGS
    assert [rung.rung for rung in rungs if rung.cause] == RUNGS[-3:]
    assert all(rung.passed for rung in rungs)
    assert all(rung.worst < 1e-12 for rung in rungs if not rung.cause)
    assert all(1e-5 < rung.worst < 10 for rung in rungs if rung.cause)
    (bundle,) = shown
    record = bundle[records.MIME]
    assert json.loads(json.dumps(record)) == record
    assert record["passed"] is True
    assert record["dtype"] == "float64"
    parameters = 9 * C + C + 2 * C + C * K + K
    assert f"{parameters} trainable parameters" in bundle["text/plain"]
    assert f"differs: {BIASED}" in bundle["text/plain"]


@pytest.mark.usefixtures("shown")
def test_tensorflow_is_the_bridge() -> None:
    for pair in ((pytorch, tensorflow), (in_keras, made(tensorflow, unbiased=False))):
        assert max(rung.worst for rung in ladder(*pair)) < 1e-12


def swap_height_and_width() -> Lane:
    lane = tensorflow()

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


def in_training_mode() -> Lane:
    lane = tensorflow()
    return replace(lane, predict=lane.forward)


# What is wrong in the TensorFlow lane, the rung that breaks, and what its error names.
PERTURBATIONS: dict[str, tuple[Maker, str, str]] = {
    "a bias is missing": (made(tensorflow, use_bias=False), "shapes", "head/bias"),
    "height for width": (swap_height_and_width, "forward", "index ("),
    "epsilon": (made(tensorflow, epsilon=1.01 * EPSILON), "forward", "index ("),
    "labels moved by one": (
        made(tensorflow, loss_fn=other_targets),
        "loss",
        "'loss'",
    ),
    "a lost gradient": (made(tensorflow, loss_fn=half_blind), "gradients", "index ("),
    "learning rate": (made(tensorflow, rate=1.01 * RATE), "one step", "index ("),
    "biased averages": (made(tensorflow, unbiased=False), "one step", "moving_var"),
    "batch norm's momentum": (
        made(tensorflow, norm_momentum=0.901),
        "one step",
        "moving_",
    ),
    "momentum": (made(tensorflow, momentum=0.99 * MOMENTUM), "6 steps", "index ("),
    "training mode": (in_training_mode, "evaluation", "index ("),
}


@pytest.mark.parametrize("what", PERTURBATIONS)
def test_a_perturbation_breaks_exactly_its_rung(
    what: str, shown: list[dict[str, Any]]
) -> None:
    make, expected, named = PERTURBATIONS[what]
    rung, message = first_broken(shown, pytorch, make)
    assert rung == expected
    assert (
        f"parity of a small CNN: rung {expected!r} broke: lane 'tensorflow'" in message
    )
    assert named in message
    assert "expected" in message
    assert "received" in message
    assert ("relative" in message) == (expected != "shapes")


def moved_weight() -> Lane:
    lane = tensorflow()

    def set_weights(weights: Mapping[str, np.ndarray]) -> None:
        kernel = weights["head/kernel"].copy()
        kernel[0, 0] *= 1.001
        lane.set_weights({**weights, "head/kernel": kernel})

    return replace(lane, set_weights=set_weights)


def test_one_weight_that_is_off_by_a_thousandth_is_seen(
    shown: list[dict[str, Any]],
) -> None:
    assert first_broken(shown, pytorch, moved_weight)[0] == "forward"


def test_pytorch_is_named_if_it_is_the_odd_one_out(shown: list[dict[str, Any]]) -> None:
    odd = made(pytorch, rate=1.01 * RATE)
    with pytest.raises(parity.ParityError, match="'one step' broke: lane 'pytorch'"):
        ladder(odd, made(tensorflow, unbiased=False), in_keras)


def frozen() -> Lane:
    return replace(tensorflow(), count_parameters=lambda: 7)


def test_the_counts_are_compared(shown: list[dict[str, Any]]) -> None:
    rung, message = first_broken(shown, pytorch, frozen)
    assert rung == "shapes"
    assert "expected 63 trainable parameters as in 'pytorch', received 7" in message


def test_a_shape_is_compared_and_nothing_is_written(
    shown: list[dict[str, Any]],
) -> None:
    wider = tensorflow()
    more = {**wider.get_weights(), "head/kernel": np.zeros((C, K + 1), "float32")}
    written: list[Any] = []
    odd = replace(wider, get_weights=lambda: more, set_weights=written.append)
    rung, message = first_broken(shown, pytorch, lambda: odd)
    assert rung == "shapes"
    assert "tensor 'head/kernel': expected shape (4, 3), received (4, 4)" in message
    assert written == []


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("entrance", ["forward", "gradients", "step"])
def test_the_rungs_start_from_the_same_weights_in_float64(entrance: str) -> None:
    start = tensorflow().get_weights()
    met: list[dict[str, np.ndarray]] = []

    def looking() -> Lane:
        lane = tensorflow()

        def look(*arguments: Any) -> Any:
            met.append(lane.get_weights())
            return getattr(lane, entrance)(*arguments)

        lane.forward(BATCHES[1][0].astype("float64"))  # moves the averages
        return replace(lane, **{entrance: look})

    ladder(looking, pytorch, weights=start)
    for name, array in start.items():
        assert met[0][name].dtype == np.float64
        np.testing.assert_array_equal(met[0][name], array, err_msg=name)


@pytest.mark.usefixtures("shown")
def test_the_starting_weights_may_be_given() -> None:
    weights = {**pytorch().get_weights(), "head/bias": np.ones(K, "float32")}
    met: list[dict[str, np.ndarray]] = []

    def looking() -> Lane:
        lane = pytorch()

        def look(X: np.ndarray) -> Any:
            met.append(lane.get_weights())
            return lane.forward(X)

        return replace(lane, forward=look)

    ladder(looking, tensorflow, weights=weights)
    np.testing.assert_array_equal(met[0]["head/bias"], [1, 1, 1])


@pytest.mark.usefixtures("shown")
def test_afterwards_everything_is_float32_again() -> None:
    ladder(pytorch, tensorflow)
    for lane in (pytorch(), tensorflow(), in_keras()):
        assert {a.dtype.name for a in lane.get_weights().values()} == {"float32"}


def test_bad_arguments_are_refused(shown: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match=r"at least 2 lanes .*\['pytorch'\] and 6 b"):
        ladder(pytorch)
    with pytest.raises(ValueError, match="different names"):
        ladder(pytorch, pytorch)
    with pytest.raises(ValueError, match="0 batches"):
        parity.ladder("none", [pytorch, tensorflow], [])
    assert shown == []


# Small updates, which a comparison of weights doesn't see: two programs each.
INCOMES = rng.uniform(2e4, 2e5, size=(32, 3)).astype("float32")
TARGETS = rng.normal(size=(32, 1)).astype("float32")
Optimizer = Callable[..., torch.optim.Optimizer]


def line(
    name: str, optimizer: Optimizer, *, train_bias: bool = True, **options: Any
) -> Maker:
    """Return a maker of a linear model on incomes, trained by an optimizer."""

    def make() -> Lane:
        torch.manual_seed(0)
        model = nn.Linear(3, 1)
        trained = [model.weight, model.bias] if train_bias else [model.weight]
        descent = optimizer(trained, **options)

        def step(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            model.zero_grad()
            loss = nn.functional.mse_loss(model(X / 1e5), y)
            loss.backward()
            descent.step()
            return loss

        loss_fn = nn.functional.mse_loss
        return replace(lane_pt.probe(model, loss_fn, step=step), name=name)

    return make


SMALL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a rate of 1e-5 and none": (
        {"optimizer": torch.optim.SGD, "lr": 1e-5},
        {"optimizer": torch.optim.SGD, "lr": 0.0},
    ),
    "Adam and SGD at 1e-6": (
        {"optimizer": torch.optim.Adam, "lr": 1e-6},
        {"optimizer": torch.optim.SGD, "lr": 1e-6},
    ),
    "momentum and none at 1e-5": (
        {"optimizer": torch.optim.SGD, "lr": 1e-5, "momentum": 0.9},
        {"optimizer": torch.optim.SGD, "lr": 1e-5},
    ),
    "the decay of two libraries": (
        {"optimizer": torch.optim.AdamW, "lr": 1e-3, "weight_decay": 0.01},
        {"optimizer": torch.optim.AdamW, "lr": 1e-3, "weight_decay": 0.004},
    ),
    "a bias that is never trained": (
        {"optimizer": torch.optim.SGD, "lr": 1e-5},
        {"optimizer": torch.optim.SGD, "lr": 1e-5, "train_bias": False},
    ),
}


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("what", SMALL)
def test_small_updates_are_seen(what: str) -> None:
    one, other = SMALL[what]
    batches = 20 * [(INCOMES, TARGETS)]
    parity.ladder("itself", [line("a", **one), line("b", **one)], batches)
    with pytest.raises(parity.ParityError, match=r"rung '(one step|20 steps)' broke"):
        parity.ladder("another", [line("a", **one), line("b", **other)], batches)


class Shifted(nn.Module):
    """A bias that batch norm takes away again: its gradient is rounding alone."""

    def __init__(self) -> None:
        super().__init__()
        self.dense, self.norm = nn.Linear(3, 4), nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 1)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        return self.head(self.norm(self.dense(X)))


def shifted(name: str, backwards: bool) -> Maker:
    def make() -> Lane:
        torch.manual_seed(0)
        model = Shifted()
        descent = torch.optim.Adam(model.parameters(), 1e-3)

        def step(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            if backwards:  # the same sums in another order
                X, y = X.flip(0), y.flip(0)
            descent.zero_grad()
            loss = nn.functional.mse_loss(model(X / 1e5), y)
            loss.backward()
            descent.step()
            return loss

        def gradients(X: np.ndarray, y: np.ndarray) -> Any:
            return lane.gradients(X[::-1].copy(), y[::-1].copy())

        lane = lane_pt.probe(model, nn.functional.mse_loss, step=step)
        return replace(
            lane, name=name, gradients=gradients if backwards else lane.gradients
        )

    return make


@pytest.mark.usefixtures("shown")
def test_a_gradient_that_is_rounding_alone_is_no_alarm() -> None:
    makers = [shifted("forwards", False), shifted("backwards", True)]
    parity.ladder("a lost bias", makers, 10 * [(INCOMES, TARGETS)])
