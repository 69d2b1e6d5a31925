"""Pairing the layers of two models that nobody wrote with each other in mind."""

from contextlib import nullcontext
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from test_port_causes import IMAGES, ROWS, SERIES, NetPt, NetTf, net_ks, trained
from torch import nn
from torch.nn import functional as F
from trios import with_one_bias

from sidebyside import parity, port, tfcore
from sidebyside.lanes import keras as lane_ks
from sidebyside.lanes import pytorch as lane_pt
from sidebyside.lanes import tensorflow as lane_tf


def paths(match: port.Match) -> dict[str, str]:
    return {pair.source.path: pair.target.path for pair in match.pairs}


def mlp_pt(*names: str, sizes: tuple[int, ...] = (8, 8, 8, 3)) -> nn.Module:
    layers = {name: nn.Linear(sizes[k], sizes[k + 1]) for k, name in enumerate(names)}

    def call(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
        for name in names:
            x = torch.tanh(getattr(model, name)(x))
        return x

    return trained(NetPt(call, **layers))


def mlp_ks(sizes: tuple[int, ...] = (8, 8, 3)) -> keras.Model:
    layers = [keras.layers.Dense(size, activation="tanh") for size in sizes]
    return keras.Sequential([keras.Input((8,)), *layers])


def test_layers_pair_in_the_order_in_which_they_are_executed() -> None:
    source = mlp_pt("z", "y", "x")
    target = mlp_ks()
    match = port.match(source, target, ROWS)
    assert list(paths(match)) == ["z", "y", "x"]
    assert list(paths(match).values()) == [layer.name for layer in target.layers]
    assert not [*match.ambiguous, *match.left_source, *match.left_target]
    match.copy()
    theirs = lane_ks.get_weights(target)
    for name, array in lane_pt.get_weights(source).items():
        layer, weight = name.split("/")
        np.testing.assert_array_equal(array, theirs[f"{paths(match)[layer]}/{weight}"])
    assert port.compare(match, copy=False).passed


def test_the_order_is_that_of_the_call_and_not_of_the_definition() -> None:
    layers = {"last": nn.Linear(8, 8), "first": nn.Linear(8, 8)}
    source = trained(NetPt(lambda m, x: m.last(torch.tanh(m.first(x))), **layers))
    dense = {"one": tfcore.Dense(8, 8), "two": tfcore.Dense(8, 8)}
    target = NetTf(lambda m, x: m.two(tf.tanh(m.one(x))), **dense)
    match = port.match(source, target, ROWS)
    assert paths(match) == {"first": "one", "last": "two"}
    assert port.compare(match).passed
    assert port.compare(port.match(target, source, ROWS)).passed  # and back


def test_siblings_are_told_apart_by_their_names() -> None:
    q, k, v = (nn.Linear(8, 8) for _ in range(3))
    source = trained(
        NetPt(lambda m, x: m.v(x) + F.relu(m.q(x)) - m.k(x) ** 2, q=q, k=k, v=v)
    )
    dense = {name: tfcore.Dense(8, 8) for name in ("key", "query", "value")}
    target = NetTf(
        lambda m, x: -(m.key(x) ** 2) + tf.nn.relu(m.query(x)) + m.value(x), **dense
    )
    match = port.match(source, target, ROWS)
    assert paths(match) == {"v": "value", "q": "query", "k": "key"}
    assert {pair.why for pair in match.pairs} == {"name"}
    assert not match.ambiguous
    assert port.compare(match).passed


def test_a_layer_more_on_one_side_is_left_over_and_the_rest_ambiguous() -> None:
    source, target = mlp_pt("a", "b", "c"), mlp_ks((8, 8, 8, 3))
    match = port.match(source, target, ROWS)
    assert [unit.path for unit in match.left_target] == [target.layers[2].name]
    assert [pair.source.path for pair in match.ambiguous] == ["a", "b"]
    assert "LEFT OVER in the target" in str(match)
    assert "AMBIGUOUS" in match._repr_html_()
    with pytest.raises(
        ValueError, match="expected a partner for each layer of the tar"
    ):
        match.copy()
    before = lane_ks.get_weights(target)
    np.testing.assert_equal(before, lane_ks.get_weights(target))


def test_corrections_are_taken() -> None:
    source, target = mlp_pt("a", "b", "c"), mlp_ks()
    names = [layer.name for layer in target.layers]
    match = port.match(source, target, ROWS, pairs={"b": names[0], "a": names[1]})
    assert paths(match) == {"a": names[1], "b": names[0], "c": names[2]}
    assert [pair.why for pair in match.pairs] == ["yours", "yours", "order"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"pairs": {"q": "dense"}},
            r"expected a path of the source \(a, b, c\), recei",
        ),
        ({"pairs": {"a": "nowhere"}}, "expected a path of the target"),
        (
            {"flattened": {"nowhere": (2, 2, 2)}},
            r"as flattened, received \['nowhere'\]",
        ),
    ],
)
def test_wrong_corrections_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        port.match(mlp_pt("a", "b", "c"), mlp_ks(), ROWS, **options)


def test_layers_of_other_shapes_do_not_pair() -> None:
    source, target = mlp_pt("a", "b", "c"), mlp_ks()
    names = [layer.name for layer in target.layers]
    with pytest.raises(
        ValueError, match="expected layers of the same shapes, received a"
    ):
        port.match(source, target, ROWS, pairs={"a": names[2]})
    with pytest.raises(ValueError, match=r"product is the number of inputs .*\(2, 2\)"):
        port.match(source, target, ROWS, flattened={names[0]: (2, 2)})


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(TypeError, match=r"expected a torch.nn.Module, a tf.Module or"):
        port.match(object(), mlp_ks(), ROWS)
    with pytest.raises(
        TypeError, match="expected NumPy arrays as inputs, received list"
    ):
        port.match(mlp_pt("a", "b", "c"), mlp_ks(), [[1.0]])


def test_inputs_that_a_model_does_not_take_are_refused() -> None:
    source, target = mlp_pt("a", "b", "c"), mlp_ks()
    with pytest.raises(
        ValueError, match=r"inputs that the source, a NetPt, takes; rec"
    ):
        port.match(source, target, ROWS[:, :5])
    with pytest.raises(
        ValueError, match=r"that the target, a Sequential, takes; recei"
    ):
        port.match(source, target, ROWS, target_inputs=ROWS[:, :5])


def test_a_weight_beside_layers_is_moved_and_not_compared_by_itself() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Linear(8, 8)
            self.gamma = nn.Parameter(torch.rand(8))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + self.gamma * self.one(x)

    class Scale(keras.layers.Layer):
        def build(self, shape: tuple[int, ...]) -> None:
            self.gamma = self.add_weight(shape=shape[-1:], name="gamma")

        def call(self, x: Any) -> Any:
            return self.gamma * x

    source = trained(NetPt(lambda m, x: m.block(x), block=Block()))
    dense, scale = keras.layers.Dense(8), Scale()
    match = port.match(source, net_ks((8,), lambda x: x + scale(dense(x))), ROWS)
    compared = port.compare(match)
    assert compared.passed, str(compared)
    assert [row.name for row in compared.rows][-1] == "result"


def test_two_biases_of_an_lstm_are_added() -> None:
    lstm = nn.LSTM(3, 4, batch_first=True)
    source = trained(NetPt(lambda m, x: m.lstm(x)[0], lstm=lstm))
    target = keras.Sequential(
        [keras.Input((5, 3)), keras.layers.LSTM(4, return_sequences=True)]
    )
    match = port.match(source, target, SERIES)
    assert "the two biases added" in str(match)
    assert port.compare(match).passed
    back = port.match(target, source, SERIES)
    assert "a second bias of zeros" in str(back)
    assert port.compare(back).passed
    assert not torch.any(source.lstm.bias_hh_l0)


def test_a_missing_bias_is_written_as_zeros() -> None:
    source = trained(NetPt(lambda m, x: m.a(x), a=nn.Linear(8, 3, bias=False)))
    match = port.match(source, net_ks((8,), keras.layers.Dense(3)), ROWS)
    assert "a bias of zeros" in str(match)
    assert port.compare(match).passed


def test_norms_that_people_write_themselves_pair() -> None:
    class Norm(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(8))
            self.bias = nn.Parameter(torch.zeros(8))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.layer_norm(x, (8,), self.weight, self.bias, 1e-3)

    source = trained(NetPt(lambda m, x: m.norm(x), norm=Norm()))
    match = port.match(source, net_ks((8,), keras.layers.LayerNormalization()), ROWS)
    assert port.compare(match).passed


def test_variables_without_layers_pair_by_order_and_shape() -> None:
    """As in a program of TensorFlow core that keeps its weights in a list."""
    source = mlp_pt("a", "b", "c")
    weights = [tf.Variable(tf.zeros(s)) for s in ((8, 8), (8, 8), (8, 3))]
    biases = [tf.Variable(tf.zeros(s)) for s in (8, 8, 3)]

    def call(model: Any, x: tf.Tensor) -> tf.Tensor:
        for w, b in zip(model.weights, model.biases, strict=True):
            x = tf.tanh(x @ w + b)
        return x

    target = NetTf(call, weights=weights, biases=biases)
    match = port.match(source, target, ROWS)
    assert paths(match)["c/kernel"] == "weights/2"
    assert len(match.ambiguous) == 4  # two of each shape
    assert port.compare(match).passed


def test_nothing_of_the_models_changes_but_the_target_weights() -> None:
    layers = {"norm": nn.BatchNorm2d(3), "conv": nn.Conv2d(3, 2, 3)}
    source = trained(NetPt(lambda m, x: m.conv(m.norm(x)), **layers)).train()
    before = {name: t.clone() for name, t in source.state_dict().items()}
    norm, conv = (
        keras.layers.BatchNormalization(epsilon=1e-5),
        keras.layers.Conv2D(2, 3),
    )
    target = net_ks((9, 9, 3), lambda x: conv(norm(x)))
    match = port.match(source, target, IMAGES)
    kept = lane_ks.get_weights(target)
    port.compare(match, copy=False, training=True)
    np.testing.assert_equal(lane_ks.get_weights(target), kept)
    assert source.training
    for name, tensor in source.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert not any(m._forward_hooks for m in source.modules())


def test_a_line_in_a_test_of_ones_own() -> None:
    source, target = mlp_pt("a", "b", "c"), mlp_ks()
    parity.assert_same(source, target, ROWS)
    parity.assert_same(source, target, ROWS, copy=False)
    target.layers[1].bias.assign(target.layers[1].bias + 1e-3)
    with pytest.raises(parity.ParityError, match="PARTS HERE"):
        parity.assert_same(source, target, ROWS, copy=False)
    parity.assert_same(source, target, ROWS)


def lstm_pt(frozen: bool) -> nn.Module:
    lstm = nn.LSTM(3, 4, batch_first=True)
    return NetPt(
        lambda m, x: m.head(m.lstm(x)[0][:, -1]),
        lstm=with_one_bias(lstm) if frozen else lstm,
        head=nn.Linear(4, 2),
    )


def probe_pt(frozen: bool = False) -> parity.Lane:
    model, rate = lstm_pt(frozen), 0.1
    optimizer = torch.optim.SGD(model.parameters(), rate)

    def step(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.mse_loss(model(X), y)
        loss.backward()
        optimizer.step()
        return loss

    return lane_pt.probe(model, F.mse_loss, step=step)


def one_bias() -> parity.Lane:
    """Return the lane with the second bias of its LSTM frozen at zero."""
    return probe_pt(frozen=True)


def net_tf() -> tf.Module:
    dtype = tfcore.default_dtype()
    return NetTf(
        lambda m, x: m.b(m.a(x)[0][:, -1]),
        a=tfcore.LSTM(3, 4, dtype=dtype),
        b=tfcore.Dense(4, 2, dtype=dtype),
    )


def probe_tf(rate: float = 0.1) -> parity.Lane:
    model, kind = net_tf(), NetTf

    class WithMode(kind):  # type: ignore[misc,valid-type]
        def __call__(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
            return self.call(self, x)

    model.__class__ = WithMode

    def loss_fn(outputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.square(outputs - targets))

    def step(X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_fn(model(X), y)
        variables = model.trainable_variables
        for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
            v.assign_sub(rate * g)
        return loss

    return lane_tf.probe(model, loss_fn, step=step)


BATCHES = [(SERIES, np.ones((4, 2), np.float32)), (2 * SERIES, -SERIES[:, 0, :2])]


def test_the_whole_ladder_with_a_loss_and_an_optimizer_of_ones_own() -> None:
    match = port.match(lstm_pt(frozen=False), net_tf(), SERIES)
    broken = "'one step' broke: lane 'target', tensor 'a/bias'"
    with pytest.raises(parity.ParityError, match=broken):  # PyTorch's two both learn
        port.ladder("LSTM", match, probe_pt, probe_tf, BATCHES)
    match = port.match(lstm_pt(frozen=True), net_tf(), SERIES)
    for rate, passes in ((0.1, True), (0.1001, False)):
        with nullcontext() if passes else pytest.raises(parity.ParityError):
            rungs = port.ladder(
                "LSTM", match, one_bias, lambda rate=rate: probe_tf(rate), BATCHES
            )
    assert [rung.rung for rung in rungs][-2:] == ["2 steps", "evaluation"]
