"""The three lane modules: one interface, clear errors, and nothing half written."""

import inspect
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import trios
import trios_nested
from torch import nn

from sidebyside import layout, tfcore

lanes = pytest.mark.parametrize("who", trios.MODULES)


def small(who: str, dtype: str = "float32") -> Any:
    return trios_nested.nested(trios.SMALL, dtype).by_lane()[who]


def snapshot(who: str, model: Any) -> layout.Weights:
    return trios.MODULES[who].get_weights(model)


def assert_unchanged(before: layout.Weights, after: layout.Weights) -> None:
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(array, after[name], err_msg=name)


def interface(module: Any) -> dict[str, list[tuple[str, Any, bool]]]:
    """Return name -> parameters: name, kind, whether it may be left out."""
    return {
        name: [
            (p.name, p.kind, p.default is not p.empty)
            for p in inspect.signature(getattr(module, name)).parameters.values()
        ]
        for name in module.__all__
    }


def test_the_modules_have_the_same_names_and_signatures() -> None:
    expected = interface(trios.lane_pt)
    assert len(expected) == 8
    tensorflow = interface(trios.lane_tf)
    # TensorFlow core has no optimizers, so a chapter may write one of its own.
    assert tensorflow["watch"].pop()[::2] == ("optimizer", True)
    assert tensorflow == expected
    assert interface(trios.lane_ks) == expected


def test_every_name_is_in_the_table_of_the_package() -> None:
    from sidebyside import lanes as package

    for name in trios.lane_pt.__all__:
        assert f"| `{name}(" in str(package.__doc__)


@lanes
def test_every_public_name_says_what_it_does(who: str) -> None:
    for name in trios.MODULES[who].__all__:
        assert getattr(trios.MODULES[who], name).__doc__, name


@lanes
def test_a_missing_name_is_refused_and_nothing_is_written(who: str) -> None:
    model, module = small(who), trios.MODULES[who]
    before = snapshot(who, model)
    for name in before:
        weights = {n: a + 1 for n, a in before.items() if n != name}
        with pytest.raises(ValueError, match=rf"expected .* missing \['{name}'\]"):
            module.set_weights(model, weights)
        assert_unchanged(before, snapshot(who, model))


@lanes
def test_an_unknown_name_is_refused_and_nothing_is_written(who: str) -> None:
    model, module = small(who), trios.MODULES[who]
    before = snapshot(who, model)
    weights = {n: a + 1 for n, a in before.items()} | {"tail/bias": np.zeros(1)}
    with pytest.raises(ValueError, match=r"missing \[\], unknown \['tail/bias'\]"):
        module.set_weights(model, weights)
    assert_unchanged(before, snapshot(who, model))


@lanes
def test_a_wrong_shape_is_refused_and_nothing_is_written(who: str) -> None:
    model, module = small(who), trios.MODULES[who]
    before = snapshot(who, model)
    for name, array in before.items():
        weights = {n: a + 1 for n, a in before.items()}
        weights[name] = np.zeros((7, *array.shape), array.dtype)
        with pytest.raises(ValueError, match="expected shape") as caught:
            module.set_weights(model, weights)
        message = str(caught.value)
        assert f"expected shape {array.shape} for {name!r}" in message
        assert f"received {(7, *array.shape)}" in message
        assert_unchanged(before, snapshot(who, model))


@lanes
def test_a_transposed_kernel_is_refused(who: str) -> None:
    model, module = small(who), trios.MODULES[who]
    weights = snapshot(who, model)
    weights["head/kernel"] = weights["head/kernel"].T
    with pytest.raises(ValueError, match=r"expected shape \(3, 2\).*received \(2, 3\)"):
        module.set_weights(model, weights)


@lanes
def test_weights_keep_the_dtype_of_the_model(who: str) -> None:
    model, module = small(who), trios.MODULES[who]
    weights = {n: a.astype(np.float64) + 1 for n, a in snapshot(who, model).items()}
    module.set_weights(model, weights)
    after = snapshot(who, model)
    assert {a.dtype for a in after.values()} == {np.dtype(np.float32)}
    assert_unchanged({n: a.astype(np.float32) for n, a in weights.items()}, after)


@lanes
def test_reading_weights_copies_them(who: str) -> None:
    model = small(who)
    before = snapshot(who, model)
    for array in snapshot(who, model).values():
        array += 1
    assert_unchanged(before, snapshot(who, model))


@lanes
def test_writing_weights_copies_them(who: str) -> None:
    model = small(who)
    weights = {name: array + 1 for name, array in snapshot(who, model).items()}
    kept = {name: array.copy() for name, array in weights.items()}
    trios.MODULES[who].set_weights(model, weights)
    for array in weights.values():
        array += 1
    assert_unchanged(kept, snapshot(who, model))


@lanes
def test_to_numpy_copies(who: str) -> None:
    tensors = {
        "pytorch": lambda: [nn.Parameter(torch.zeros(2)), torch.zeros(2)],
        "tensorflow": lambda: [tf.Variable(tf.zeros(2)), tf.zeros(2)],
        "keras": lambda: [
            keras.Variable(np.zeros(2, "float32")),
            keras.ops.zeros(2),
        ],
    }[who]()
    to_numpy = trios.MODULES[who].to_numpy
    for tensor in tensors:
        array = to_numpy(tensor)
        assert (type(array), array.dtype, array.shape) == (np.ndarray, np.float32, (2,))
        array += 1
        np.testing.assert_array_equal(to_numpy(tensor), [0, 0])


@lanes
def test_parameters_are_counted_without_the_fixed_ones(who: str) -> None:
    # scale 9, inner 9 + 3, norm 3 + 3, head 6 + 2
    assert trios.MODULES[who].count_parameters(small(who)) == 35
    norm = trios.batch_norm(trios.SMALL, "float32").by_lane()[who]
    assert trios.MODULES[who].count_parameters(norm) == 6  # not the moving averages


def test_frozen_weights_are_not_counted_and_have_no_gradient() -> None:
    trio = trios_nested.nested(trios.SMALL, "float32")
    trio.pt.head.requires_grad_(False)
    trio.ks.get_layer("head").trainable = False
    X, y = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
    for lane in (probe for probe in trios.probes(trio) if probe.name != "tensorflow"):
        assert lane.count_parameters() == 35 - 8
        _, gradients = lane.gradients(X, y)
        assert "head/kernel" not in gradients
        assert "head/kernel" in lane.get_weights()


@lanes
def test_the_seed_fixes_what_the_framework_draws(who: str) -> None:
    draw = {
        "pytorch": lambda: torch.rand(4),
        "tensorflow": lambda: tf.random.uniform((4,)),
        "keras": lambda: keras.random.uniform((4,)),
    }[who]
    module = trios.MODULES[who]

    def drawn(seed: int) -> list[float]:
        module.seed(seed)
        return module.to_numpy(draw()).tolist()

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


@lanes
def test_the_device_is_the_one_of_new_tensors(who: str) -> None:
    device = trios.MODULES[who].device()
    if who == "pytorch":
        assert torch.zeros(1, device=device).device.type == device.split(":")[0]
    elif who == "tensorflow":
        assert f"device:{device.upper()}:" in tf.zeros(1).device
    else:
        assert device in {"cpu", "gpu", "tpu", "cuda", "mps"}
    if not torch.accelerator.is_available():
        assert device == "cpu"


def test_keras_refuses_two_layers_of_one_name() -> None:
    class Twice(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.a = keras.layers.Dense(2, name="same")
            self.b = keras.layers.Dense(2, name="same")

        def call(self, x: Any) -> Any:
            return self.b(self.a(x))

    model = Twice()
    model(np.zeros((1, 2), "float32"))
    with pytest.raises(ValueError, match=r"different name .* received 'same/"):
        trios.lane_ks.get_weights(model)


def test_keras_refuses_a_model_that_is_not_built() -> None:
    model = keras.Sequential([keras.layers.Dense(2, name="hidden")])
    with pytest.raises(ValueError, match=r"expected a built model.* 'hidden'"):
        trios.lane_ks.get_weights(model)


def test_layers_without_weights_need_no_layout() -> None:
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.MaxPooling2D(), keras.layers.Dropout(0.5)]
    )
    assert trios.lane_ks.get_weights(model) == {}
    assert trios.lane_pt.get_weights(nn.Sequential(nn.MaxPool2d(2), nn.Dropout())) == {}
    assert trios.lane_tf.get_weights(tfcore.Dropout(0.5, seed=0)) == {}


class IdlePt(nn.Module):
    """A model with a parameter that it does not use."""

    def __init__(self) -> None:
        super().__init__()
        self.idle, self.used = nn.Parameter(torch.ones(2)), nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.used(x)


class IdleTf(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.idle, self.used = tf.Variable(tf.ones(2)), tfcore.Dense(3, 2)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        return self.used(x)


class IdleKs(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.idle = self.add_weight(shape=(2,), name="idle", initializer="ones")
        self.used = keras.layers.Dense(2, name="used")

    def call(self, x: Any) -> Any:
        return self.used(x)


def test_the_gradient_of_an_unused_weight_is_zero() -> None:
    X, y = np.ones((4, 3), "float32"), np.full((4, 2), 9, "float32")
    model_ks = IdleKs()
    model_ks(X)
    for lane in trios.probes(trios.Trio(IdlePt(), IdleTf(), model_ks, X.shape)):
        _, gradients = lane.gradients(X, y)
        assert set(gradients) == {"idle", "used/kernel", "used/bias"}
        np.testing.assert_array_equal(gradients["idle"], [0, 0])
        assert gradients["used/bias"].all()


def test_pytorch_trains_on_after_a_look_in_evaluation_mode() -> None:
    trio = trios.batch_norm(trios.SMALL, "float32")
    lane = trios.probes(trio)[0]
    lane.predict(np.ones(trio.shape, "float32"))
    assert trio.pt.training
    assert trio.pt.layer.training


def test_gradients_leave_none_behind_in_pytorch() -> None:
    trio = trios.dense(trios.SMALL, "float32")
    trios.probes(trio)[0].gradients(
        np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
    )
    assert all(p.grad is None for p in trio.pt.parameters())


@lanes
def test_a_step_may_return_a_tensor_or_a_number(who: str) -> None:
    model = small(who)
    X, y = np.ones((4, 3), "float32"), np.full((4, 2), 0.1)
    tensor = {
        "pytorch": lambda X, y: y.mean().requires_grad_(),
        "tensorflow": lambda X, y: tf.reduce_mean(y),
        "keras": lambda X, y: keras.ops.mean(keras.ops.convert_to_tensor(y)),
    }[who]
    for step in (tensor, lambda X, y: 0.1):
        lane = trios.MODULES[who].probe(model, min, step=step)
        received = lane.step(X, y)  # PyTorch warns of a number that has a graph
        assert isinstance(received, float)
        assert received == pytest.approx(0.1, rel=1e-6 if step is tensor else 1e-12)
