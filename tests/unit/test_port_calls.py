"""How models of other people are called, what they return, what is put back."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from test_port_causes import ROWS, NetPt, agree, net_ks, planted, trained
from torch import nn

from sidebyside import port, tfcore

LEFT, RIGHT = ROWS, ROWS[:, :6]
BY_NAME = {"left": LEFT, "right": RIGHT}


class TwoPt(nn.Module):
    """Two inputs; two outputs by name, in either order, or in a tuple."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.a, self.b, self.names = nn.Linear(8, 3), nn.Linear(6, 3), names

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> Any:
        outputs = {"l": self.a(left), "r": self.b(right)}
        return {n: outputs[n] for n in self.names} or tuple(outputs.values())


class TwoTf(tf.Module):
    def __init__(self, last: Callable[[Any], Any] = tf.identity) -> None:
        super().__init__()
        self.a, self.b, self.last = tfcore.Dense(8, 3), tfcore.Dense(6, 3), last

    @tf.function
    def __call__(self, left: tf.Tensor, right: tf.Tensor, training: bool) -> Any:
        return {"l": self.a(left), "r": self.last(self.b(right))}


class TwoKs(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = keras.layers.Dense(3), keras.layers.Dense(3)
        self(keras.ops.zeros((1, 8)), keras.ops.zeros((1, 6)))

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        return self.a(left), self.b(right)


@pytest.mark.parametrize("inputs", [[LEFT, RIGHT], BY_NAME])
@pytest.mark.parametrize("target", [TwoTf, TwoKs])
def test_several_inputs_by_place_or_by_name(target: type, inputs: Any) -> None:
    agree(trained(TwoPt("l", "r")), target(), inputs)


def test_every_output_of_a_model_is_compared() -> None:
    """The last layers agree, and what stands behind the second one does not."""
    source, inputs = trained(TwoPt("l", "r")), [LEFT, RIGHT]
    compared = planted(source, TwoTf(tf.sigmoid), inputs, "activation", "sigmoid")
    assert "They part at the result r." in str(compared)


def test_outputs_are_compared_by_their_names() -> None:
    agree(trained(TwoPt("r", "l")), TwoTf(), [LEFT, RIGHT])
    agree(trained(TwoPt()), TwoTf(), [LEFT, RIGHT])  # or by their places


def test_states_may_have_an_axis_of_length_1() -> None:
    gru = trained(nn.GRU(8, 3, batch_first=True))
    agree(gru, tfcore.GRU(8, 3), ROWS[:, None])


def test_infinity_in_both_models_is_the_same() -> None:
    layers = {"a": nn.Linear(8, 3)}
    keep = np.array([True, False, True])

    def masked(model: Any, x: torch.Tensor) -> torch.Tensor:
        return model.a(x).masked_fill(torch.tensor(~keep), -torch.inf)

    source, dense = trained(NetPt(masked, **layers)), keras.layers.Dense(3)
    target = net_ks((8,), lambda x: keras.ops.where(keep, dense(x), -np.inf))
    agree(source, target, ROWS)


def test_training_mode_reaches_a_model_of_tensorflow() -> None:
    class Normed(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = tfcore.BatchNorm(8, epsilon=1e-5)

        @tf.function
        def __call__(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
            return self.norm(x, training)

    source = trained(nn.Sequential(nn.BatchNorm1d(8)))
    match = port.match(source, Normed(), ROWS)
    compared = port.compare(match, training=True)
    assert compared.passed, str(compared)
    assert compared.rows[-1].where == "averages"


def test_buffers_that_training_moves_are_put_back() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(8, 3)
            self.register_buffer("seen", torch.zeros(2))
            self.register_buffer("mean", torch.zeros(2))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.training:
                self.seen += 1
                self.mean = self.mean + x.mean()
            return self.a(x)

    source = Counting().train()
    port.compare(port.match(source, tfcore.Dense(8, 3), ROWS), training=True)
    assert not any(buffer.any() for buffer in source.buffers())
    assert dict(source.named_buffers()).keys() == {"seen", "mean"}


@pytest.mark.parametrize("place", ["source", "target"])
def test_weights_that_are_no_numbers_are_told(place: str) -> None:
    models = {"source": nn.Linear(8, 3), "target": nn.Linear(8, 3)}
    with torch.no_grad():
        models[place].weight[0, 0] = torch.nan
    message = f"expected finite weights in the {place}, received NaN .* in 'kernel'"
    with pytest.raises(ValueError, match=message):
        port.match(models["source"], models["target"], ROWS)


def test_inputs_that_are_no_numbers_are_told() -> None:
    source, target = nn.Linear(8, 3), tfcore.Dense(8, 3)
    with pytest.raises(ValueError, match="expected numbers as inputs, received NaN"):
        port.match(source, target, ROWS * np.nan)
    with pytest.raises(TypeError, match="NumPy arrays as inputs, received NoneType"):
        port.match(source, target, None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"received float64 \(6, 8\), and RuntimeErr"):
        port.match(source, target, ROWS.astype(np.float64))


def test_rounding_is_no_constant_that_one_model_adds() -> None:
    source, target = trained(nn.Linear(8, 3)).double(), tfcore.Dense(8, 3)
    X = ROWS.astype(np.float64)
    planted(source, target, X, "dtype", "the target computes", target_inputs=ROWS)


def test_a_few_round_numbers_are_no_dtype() -> None:
    source = trained(NetPt(lambda m, x: m.a(x), a=nn.Linear(8, 3)))
    dense = keras.layers.Dense(3)
    target = net_ks((8,), lambda x: keras.ops.round(dense(x) * 8) / 8)
    compared = port.compare(port.match(source, target, ROWS))
    assert not compared.passed
    assert not compared.causes, str(compared)
