"""What each lane did in its run is noted by its own means, and compared exactly."""

import json
from collections.abc import Callable
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
from sidebyside.lanes._watch import Seen

N, C, BATCH, EPOCHS, RATE = 10, 3, 4, 3, 0.125
X = np.random.default_rng(0).normal(size=(N, C)).astype("float32")
Y = np.random.default_rng(1).normal(size=(N, 1)).astype("float32")
X_VAL, Y_VAL = X[:4] + 10, Y[:4]


def pytorch(X: np.ndarray = X, epochs: int = EPOCHS, dropout: float = 0.25) -> Any:
    model = nn.Sequential(nn.Linear(C, 2), nn.Dropout(dropout), nn.Linear(2, 1))
    data = torch.utils.data.TensorDataset(
        torch.from_numpy(X), torch.from_numpy(Y[: len(X)])
    )
    loader = torch.utils.data.DataLoader(data, BATCH, shuffle=True)
    with lane_pt.watch(model) as seen:
        optimizer = torch.optim.SGD(model.parameters(), RATE, momentum=0.5)
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
        for _ in range(epochs):
            model.train()
            for inputs, targets in loader:
                optimizer.zero_grad()
                nn.functional.mse_loss(model(inputs), targets).backward()
                optimizer.step()
            schedule.step()
            model.eval()(torch.from_numpy(X_VAL))
    model.eval()(torch.from_numpy(X))  # after the watch has ended
    return seen


class NetTf(tf.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.hidden, self.dropout = tfcore.Dense(C, 2), tfcore.Dropout(dropout)
        self.output = tfcore.Dense(2, 1)

    def __call__(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.output(self.dropout(self.hidden(x), training))


@tf.function
def step_tf(model: tf.Module, optimizer: Any, x: tf.Tensor, y: tf.Tensor) -> None:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
    optimizer.apply(tape.gradient(loss, model.trainable_variables))


class SGD_tf(tf.Module):
    """As a chapter writes it on the page: the names `rate` and `momentum` count."""

    def __init__(self, weights: Any, rate: tf.Variable, *, momentum: float) -> None:
        super().__init__()
        self.weights, self.rate, self.momentum = weights, rate, momentum
        self.velocities = [tf.Variable(tf.zeros_like(w)) for w in weights]

    def apply(self, gradients: Any) -> None:
        for w, v, g in zip(self.weights, self.velocities, gradients, strict=True):
            v.assign(self.momentum * v + g)
            w.assign_sub(self.rate * v)


def tensorflow(
    X: np.ndarray = X,
    epochs: int = EPOCHS,
    dropout: float = 0.25,
    momentum: float = 0.5,
    own: type | None = None,
) -> Any:
    model, rate = NetTf(dropout), tf.Variable(RATE)
    data = tf.data.Dataset.from_tensor_slices((X, Y[: len(X)])).shuffle(N).batch(BATCH)
    with lane_tf.watch(model, own) as seen:
        kind = own or tfcore.SGD
        optimizer = kind(model.trainable_variables, rate, momentum=momentum)
        for _ in range(epochs):
            for inputs, targets in data:
                step_tf(model, optimizer, inputs, targets)
            rate.assign(rate / 2)
            model(tf.constant(X_VAL))
    model(tf.constant(X), training=True)
    return seen


def halve(epoch: int, rate: float) -> float:
    return rate / 2 if epoch else rate


def in_keras(
    X: np.ndarray = X,
    epochs: int = EPOCHS,
    dropout: float = 0.25,
    decay: Callable[[int, float], float] = lambda epoch, rate: (
        rate / 2 if epoch else rate
    ),
    wrapped: bool = False,
    **options: Any,
) -> Any:
    layers = [keras.Input((C,)), keras.layers.Dense(2), keras.layers.Dropout(dropout)]
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    trained = keras.Sequential([keras.Input((C,)), model]) if wrapped else model
    trained.compile(keras.optimizers.SGD(RATE, momentum=0.5, **options), "mse")
    schedule = keras.callbacks.LearningRateScheduler(decay)
    with lane_ks.watch(model) as seen:
        trained.fit(
            X,
            Y[: len(X)],
            batch_size=BATCH,
            epochs=epochs,
            validation_data=(X_VAL, Y_VAL),
            callbacks=[schedule],
            verbose=0,
        )
    trained.predict(X, verbose=0)
    return seen


def facts(seen: Any) -> dict[str, Any]:
    return seen.facts(trained=X, validation=X_VAL)


def record(**lanes: Any) -> None:
    parity.record("three runs", {lane: facts(seen) for lane, seen in lanes.items()})


def test_three_lanes_that_do_the_same_say_the_same(shown: list[dict[str, Any]]) -> None:
    lanes = {"pytorch": pytorch(), "tensorflow": tensorflow(), "keras": in_keras()}
    record(**lanes)
    done = facts(lanes["keras"])
    assert done["steps"] == 9
    assert done["samples"] == 30
    assert done["batch sizes"].tolist() == 3 * [4, 4, 2]
    assert done["learning rates"].tolist() == [0.125] * 3 + [0.0625] * 3 + [0.03125] * 3
    assert done["times each row was trained on"].tolist() == [EPOCHS] * N
    assert done["times each validation row was asked"].tolist() == [EPOCHS] * 4
    assert done["other rows trained on"] == done["other rows asked"] == 0
    assert (done["optimizer"], done["momentum"]) == ("SGD", 0.5)
    assert done["dropout"].tolist() == [0.25]
    (bundle,) = shown
    kept = bundle[records.MIME]
    assert json.loads(json.dumps(kept)) == kept
    assert kept["passed"] is True
    assert "learning rates" in bundle["text/plain"]


# What one lane does otherwise, and the fact that gives it away.
FAULTS: dict[str, tuple[str, Callable[[], Any], str]] = {
    "a fifth left out": ("pytorch", lambda: pytorch(X[:8]), "steps"),
    "a row left out": ("tensorflow", lambda: tensorflow(X[:9]), "samples"),
    "other rows": (
        "keras",
        lambda: in_keras(np.concatenate([X[1:], X[1:2]])),
        "times each row was trained on",
    ),
    "an epoch fewer": ("tensorflow", lambda: tensorflow(epochs=2), "steps"),
    "more dropout": ("pytorch", lambda: pytorch(dropout=0.26), "dropout"),
    "more dropout in Keras": ("keras", lambda: in_keras(dropout=0.26), "dropout"),
    "less momentum": ("tensorflow", lambda: tensorflow(momentum=0.49), "momentum"),
    "weight decay": ("keras", lambda: in_keras(weight_decay=1e-3), "weight decay"),
    "clipping": ("keras", lambda: in_keras(clipnorm=1.0), "other settings"),
    "a schedule that begins later": (
        "keras",
        lambda: in_keras(decay=lambda epoch, rate: rate / 2 if epoch > 1 else rate),
        "learning rates",
    ),
}


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("what", FAULTS)
def test_a_lane_that_does_something_else_is_named(what: str) -> None:
    lane, run, fact = FAULTS[what]
    lanes = {"pytorch": pytorch, "tensorflow": tensorflow, "keras": in_keras}
    done = {name: run() if name == lane else make() for name, make in lanes.items()}
    with pytest.raises(parity.ParityError) as caught:
        record(**done)
    assert f"rung {fact!r} broke: lane {lane!r}" in str(caught.value)


@pytest.mark.usefixtures("shown")
def test_an_optimizer_that_is_written_on_the_page_is_watched() -> None:
    apply = SGD_tf.apply
    record(ours=tensorflow(), own=tensorflow(own=SGD_tf))
    assert SGD_tf.apply is apply
    with pytest.raises(parity.ParityError, match=r"momentum.*own"):
        record(ours=tensorflow(), own=tensorflow(own=SGD_tf, momentum=0.6))


def test_a_model_inside_another_is_watched() -> None:
    record(pytorch=pytorch(), keras=in_keras(wrapped=True))


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        return X[k * BATCH : (k + 1) * BATCH], Y[k * BATCH : (k + 1) * BATCH]


def test_a_pydataset_is_watched() -> None:
    model = keras.Sequential([keras.Input((C,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with lane_ks.watch(model) as seen:
        model.fit(Batches(), epochs=2, shuffle=False, verbose=0)
    assert facts(seen)["times each row was trained on"].tolist() == [2] * N
    assert facts(seen)["batch sizes"].tolist() == [4, 4, 2] * 2
    assert seen.order(X)[0].tolist() == [*range(N)] * 2  # nothing is shuffled


PAIRS = np.stack([X, X + 5], axis=1)  # (N, 2, C): two inputs of one model


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(C, 1)

    def forward(self, pair: list[torch.Tensor]) -> torch.Tensor:
        return self.layer(pair[0] - pair[1])


class TwoTf(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = tfcore.Dense(C, 1)

    def __call__(self, pair: list[tf.Tensor], training: bool = False) -> tf.Tensor:
        return self.layer(pair[0] - pair[1])


class PairBatches(Batches):
    def __getitem__(self, k: int) -> tuple[Any, np.ndarray]:
        part = slice(k * BATCH, (k + 1) * BATCH)
        return (PAIRS[part, 0], PAIRS[part, 1]), Y[part]


def pairs_pytorch() -> Seen:
    model = Two()
    with lane_pt.watch(model) as seen:
        optimizer = torch.optim.SGD(model.parameters(), RATE)
        for k in range(0, N, BATCH):
            loss = model(torch.from_numpy(PAIRS[k : k + BATCH]).unbind(1)).sum()
            loss.backward()
            optimizer.step()
    return seen


def pairs_tensorflow() -> Seen:
    model = TwoTf()
    with lane_tf.watch(model) as seen:
        optimizer = tfcore.SGD(model.trainable_variables, RATE)
        for k in range(0, N, BATCH):
            with tf.GradientTape() as tape:
                pair = tf.unstack(tf.constant(PAIRS[k : k + BATCH]), axis=1)
                loss = tf.reduce_sum(model(pair, training=True))
            optimizer.apply(tape.gradient(loss, model.trainable_variables))
    return seen


def pairs_keras(data: Any = None) -> Seen:
    pair = [keras.Input((C,)), keras.Input((C,))]
    model = keras.Model(pair, keras.layers.Dense(1)(pair[0] - pair[1]))
    model.compile(keras.optimizers.SGD(RATE, momentum=0.0), "mse")
    targets = {} if data is None else {"y": Y, "batch_size": BATCH}
    with lane_ks.watch(model) as seen:
        model.fit(data or PairBatches(), shuffle=False, verbose=0, **targets)
    return seen


@pytest.mark.usefixtures("shown")
def test_a_model_of_two_inputs_is_watched() -> None:
    lanes = {"pytorch": pairs_pytorch(), "tensorflow": pairs_tensorflow()}
    lanes |= {"keras": pairs_keras(), "of arrays": pairs_keras([*PAIRS.swapaxes(0, 1)])}
    told = {lane: seen.facts(trained=PAIRS) for lane, seen in lanes.items()}
    parity.record("two inputs", told)
    for done in told.values():
        assert done["times each row was trained on"].tolist() == [1] * N
        assert done["other rows trained on"] == 0


def test_named_inputs_make_one_row_in_the_order_of_their_names() -> None:
    seen = Seen()
    seen.note({"b": Y, "a": X}, training=True)
    assert seen.facts(trained=[X, Y])["other rows trained on"] == 0
    assert seen.facts(trained=[Y, X])["other rows trained on"] == N


def test_augmented_rows_are_recognized() -> None:
    seen = _seen(X + 1, X)
    moved = seen.facts(trained=X, variants=lambda rows: [rows, rows + 1])
    assert moved["times each row was trained on"].tolist() == [2] * N
    assert seen.facts(trained=X)["other rows trained on"] == N


def test_what_reaches_a_model_inside_another_is_noted_in_its_order() -> None:
    model = keras.Sequential([keras.Input((C,)), keras.layers.Dense(1)])
    moved = keras.layers.Rescaling(1.0, offset=1.0)
    outer = keras.Sequential([keras.Input((C,)), moved, model])
    outer.compile("sgd", "mse")
    outer.fit(X, Y, verbose=0)  # before the watch begins
    with lane_ks.watch(model) as seen:
        outer.fit(X, Y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    rows, ways = seen.order(X, lambda rows: [rows, rows + 1])
    assert (ways == 1).all()
    assert (np.sort(rows.reshape(EPOCHS, N)) == np.arange(N)).all()
    assert (rows.reshape(EPOCHS, N) != np.arange(N)).any()
    assert (seen.order(X)[0] == -1).all()
    outer.fit(X, Y, verbose=0)  # after the watch has ended
    assert len(seen.order(X)[0]) == EPOCHS * N


@pytest.mark.parametrize("lane", [pytorch, tensorflow])
def test_the_order_of_the_rows_is_noted(lane: Callable[..., Any]) -> None:
    rows, ways = lane().order(X)
    assert (ways == 0).all()
    assert (np.sort(rows.reshape(EPOCHS, N)) == np.arange(N)).all()
    assert (rows.reshape(EPOCHS, N) != np.arange(N)).any()


def test_an_order_that_was_not_seen_is_refused() -> None:
    with pytest.raises(ValueError, match="whose data were noted instead"):
        in_keras(epochs=1).order(X)


def test_weights_that_are_set_are_noted_alike_in_all_lanes() -> None:
    start = {"kernel": np.ones((C, 1), "float32"), "bias": np.zeros(1, "float32")}
    other = start | {"bias": np.full(1, 1e-6, "float32")}
    models = {lane_pt: nn.Linear(C, 1), lane_tf: Aware()}
    layer = keras.layers.Dense(1)
    models[lane_ks] = keras.Sequential([keras.Input((C,)), layer])
    noted = []
    for lane, model in models.items():
        path = "" if lane is not lane_ks else f"{layer.name}/"
        with lane.watch(model) as seen:
            for weights in (start, other, start):
                lane.set_weights(model, {path + k: v for k, v in weights.items()})
        noted.append(seen.starts)
    lane_pt.set_weights(models[lane_pt], start)  # after the watch has ended
    first = noted[0]
    assert noted == [first] * 3
    assert first[0] == first[2] != first[1]


class Aware(tfcore.Dense):
    def __init__(self) -> None:
        super().__init__(C, 1)

    def __call__(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        return super().__call__(x)


def _seen(*batches: np.ndarray) -> Seen:
    seen = Seen()
    for batch in batches:
        seen.note(batch, training=True)
    return seen


def test_a_model_that_does_not_know_its_mode_is_refused() -> None:
    with (
        pytest.raises(ValueError, match="called with training=True or False"),
        lane_tf.watch(tfcore.Dense(1, 1)),
    ):
        pass


def test_data_that_cannot_be_read_twice_is_refused() -> None:
    model = keras.Sequential([keras.Input((C,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with lane_ks.watch(model), pytest.raises(TypeError, match="received generator"):
        model.fit((batch for batch in [(X, Y)]), verbose=0)


def test_the_odd_one_out_is_named(shown: list[dict[str, Any]]) -> None:
    with pytest.raises(parity.ParityError, match="lane 'pytorch': expected 3 as in"):
        parity.record("r", {"pytorch": {"n": 2}, "keras": {"n": 3}, "t": {"n": 3}})
    with pytest.raises(parity.ParityError, match=r"lane 'keras': .* received none"):
        parity.record("r", {"pytorch": {"n": 2}, "keras": {}})
    with pytest.raises(parity.ParityError, match="the first difference is at 1"):
        parity.record("r", {"a": {"n": np.array([1, 2])}, "b": {"n": np.array([1, 4])}})
    parity.record("r", {"a": {"rate": 0.1}, "b": {"rate": float(np.float32(0.1))}})
    t = np.arange(345) / 345
    falling = 0.05 * (1 + np.cos(np.pi * t))  # to zero
    rounded = np.float32(0.05) * (1 + np.cos(np.float32(np.pi) * t.astype("float32")))
    assert (abs(rounded / falling - 1) > 1e-5).any()
    parity.record("r", {"a": {"rates": falling}, "b": {"rates": rounded}})
    other = np.append(falling[:-1], falling[-1] * 1.01)
    with pytest.raises(parity.ParityError, match="first difference is at 344"):
        parity.record("r", {"a": {"rates": falling}, "b": {"rates": other}})
    with pytest.raises(ValueError, match="at least 2 lanes"):
        parity.record("r", {"a": {}})
    assert len(shown) == 6


def test_texts_may_be_padded_to_the_longest_of_their_batch() -> None:
    texts = np.array([[3, 1, 0, 0], [2, 0, 5, 4], [3, 0, 0, 0]])
    seen = Seen()
    for batch in (texts[:1, :2], texts[1:2], texts[2:, :1]):
        seen.note(batch, training=True)
    facts = seen.facts(trained=texts)
    assert facts["times each row was trained on"].tolist() == [1, 1, 1]
    assert facts["other rows trained on"] == 0
    seen.note(np.array([[3.0, 0.0]]), training=True)  # zeros of floats are data
    seen.note(np.array([[0, 3, 1]]), training=True)  # padding stands at the end
    assert seen.facts(trained=texts)["other rows trained on"] == 2
