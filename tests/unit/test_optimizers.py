"""A hundred steps of each optimizer against PyTorch and Keras, number by number."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from sidebyside import tfcore

STEPS = 100
TOLERANCE = {"float64": 1e-10, "float32": 1e-4}
RATES = [0.01] * 5 + [0.003] * 95  # the learning rate moves midway
EPSILON = 1e-3  # large, so that where it stands can be seen

Path = np.ndarray
rng = np.random.default_rng(0)
START = rng.normal(size=(2, 3))
CURVATURE = rng.uniform(0.1, 10.0, size=(2, 3))
PYTORCH_ADAM = {"betas": (0.8, 0.99), "eps": EPSILON}
ADAM = {"beta_1": 0.8, "beta_2": 0.99, "epsilon": EPSILON}
# PyTorch's class, its options; Keras' class, its options; ours, our options
OPTIMIZERS: dict[str, tuple[Any, Any, Any]] = {
    "sgd": ((torch.optim.SGD, {}), (keras.optimizers.SGD, {}), (tfcore.SGD, {})),
    "momentum": (
        (torch.optim.SGD, {"momentum": 0.9}),
        (keras.optimizers.SGD, {"momentum": 0.9}),
        (tfcore.SGD, {"momentum": 0.9}),
    ),
    "nesterov": (
        (torch.optim.SGD, {"momentum": 0.8, "nesterov": True}),
        (keras.optimizers.SGD, {"momentum": 0.8, "nesterov": True}),
        (tfcore.SGD, {"momentum": 0.8, "nesterov": True}),
    ),
    "adam": (
        (torch.optim.Adam, PYTORCH_ADAM),
        (keras.optimizers.Adam, ADAM),
        (tfcore.Adam, ADAM),
    ),
    "adamw": (
        (torch.optim.AdamW, {"weight_decay": 0.1, **PYTORCH_ADAM}),
        (keras.optimizers.AdamW, {"weight_decay": 0.1, **ADAM}),
        (tfcore.AdamW, {"weight_decay": 0.1, **ADAM}),
    ),
}
LIKE_PYTORCH: dict[str, dict[str, Any]] = {
    "momentum": {"rate_in_velocity": False},
    "nesterov": {"rate_in_velocity": False},
    "adam": {"epsilon_hat": False},
    "adamw": {"epsilon_hat": False},
}
LIKE_KERAS: dict[str, dict[str, Any]] = {
    name: {option: not value for option, value in options.items()}
    for name, options in LIKE_PYTORCH.items()
}


def rounded(options: dict[str, Any]) -> dict[str, Any]:
    """Round numbers to float32, as Keras does with some on the way to float64."""
    return {
        name: float(np.float32(value)) if isinstance(value, float) else value
        for name, value in options.items()
    }


def follow(weights: Callable[[], np.ndarray], step: Callable[[float], None]) -> Path:
    """Return the weights after each step, shape (STEPS, 2, 3)."""
    path = []
    for rate in RATES:
        step(rate)
        path.append(weights().copy())
    return np.stack(path)


def path_pytorch(name: str, dtype: str) -> Path:
    kind, options = OPTIMIZERS[name][0]
    weights = torch.nn.Parameter(torch.tensor(START.astype(dtype)))
    optimizer = kind([weights], lr=RATES[0], **options)
    curvature = torch.from_numpy(CURVATURE.astype(dtype))

    def step(rate: float) -> None:
        optimizer.param_groups[0]["lr"] = rate
        weights.grad = weights.detach() * curvature
        optimizer.step()

    return follow(lambda: weights.detach().numpy(), step)


def path_keras(name: str, dtype: str) -> Path:
    kind, options = OPTIMIZERS[name][1]
    weights = keras.Variable(START.astype(dtype), dtype=dtype)
    optimizer = kind(learning_rate=RATES[0], **rounded(options))

    def step(rate: float) -> None:
        optimizer.learning_rate = rate
        optimizer.apply([weights.value * CURVATURE.astype(dtype)], [weights])

    return follow(weights.numpy, step)


def path_tfcore(
    name: str, dtype: str, like: dict[str, dict[str, Any]], *, traced: bool = False
) -> Path:
    kind, options = OPTIMIZERS[name][2]
    weights = tf.Variable(START.astype(dtype))
    rate_now = tf.Variable(RATES[0], dtype=dtype)
    options = rounded(options) if like is LIKE_KERAS else options
    optimizer = kind([weights], rate_now, **options, **like.get(name, {}))

    def update() -> None:
        optimizer.apply([weights * CURVATURE.astype(dtype)])

    update = tf.function(update) if traced else update

    def step(rate: float) -> None:
        rate_now.assign(rate)
        update()

    return follow(weights.numpy, step)


@pytest.fixture(autouse=True)
def default_dtype(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep the learning rate of Keras in the dtype of the test."""
    before = keras.config.floatx()
    keras.config.set_floatx(request.node.callspec.params.get("dtype", "float64"))
    yield
    keras.config.set_floatx(before)


def assert_close(expected: Path, received: Path, tolerance: float) -> None:
    assert expected.shape == received.shape == (STEPS, *START.shape)
    assert received.dtype == expected.dtype
    gap = np.abs(expected - received).max() / np.abs(expected).max()
    assert gap <= tolerance


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_hundred_steps_are_those_of_pytorch(name: str, dtype: str) -> None:
    expected = path_pytorch(name, dtype)
    received = path_tfcore(name, dtype, LIKE_PYTORCH)
    assert_close(expected, received, TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_hundred_steps_are_those_of_keras(name: str, dtype: str) -> None:
    expected = path_keras(name, dtype)
    received = path_tfcore(name, dtype, LIKE_KERAS)
    assert_close(expected, received, TOLERANCE[dtype])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_traced_step_is_the_eager_one(name: str) -> None:
    eager = path_tfcore(name, "float64", LIKE_KERAS)
    traced = path_tfcore(name, "float64", LIKE_KERAS, traced=True)
    assert_close(eager, traced, 1e-13)


@pytest.mark.parametrize("name", LIKE_PYTORCH)
def test_the_other_form_is_seen_to_differ(name: str) -> None:
    like_pytorch = path_tfcore(name, "float64", LIKE_PYTORCH)
    like_keras = path_tfcore(name, "float64", LIKE_KERAS)
    for other, path in (
        (like_keras, path_pytorch(name, "float64")),
        (like_pytorch, path_keras(name, "float64")),
    ):
        with pytest.raises(AssertionError):
            assert_close(path, other, 1e-5)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_the_velocities_agree_until_the_rate_moves(name: str) -> None:
    one = path_tfcore(name, "float64", LIKE_PYTORCH)
    other = path_tfcore(name, "float64", LIKE_KERAS)
    moved = RATES.index(0.003)
    assert np.abs(one[:moved] - other[:moved]).max() < 1e-6  # rounded as in Keras
    assert np.abs(one[moved] - other[moved]).max() > 1e-3


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rate_may_be_a_number(name: str) -> None:
    kind, options = OPTIMIZERS[name][2]
    number, variable = (tf.Variable(START) for _ in range(2))
    kind([number], 0.1, **options).apply([tf.ones_like(number)])
    rate = tf.Variable(0.1, dtype=tf.float64)
    kind([variable], rate, **options).apply([tf.ones_like(variable)])
    np.testing.assert_array_equal(number.numpy(), variable.numpy())
    assert (number.numpy() < START).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_sparse_gradients_are_taken(name: str) -> None:
    kind, options = OPTIMIZERS[name][2]
    sparse, dense = (tf.Variable(START) for _ in range(2))
    slices = tf.IndexedSlices(tf.ones((1, 3), tf.float64), [1], dense_shape=(2, 3))
    kind([sparse], 0.1, **options).apply([slices])
    kind([dense], 0.1, **options).apply([tf.convert_to_tensor(slices)])
    np.testing.assert_array_equal(sparse.numpy(), dense.numpy())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_wrong_gradients_are_refused_and_nothing_moves(name: str) -> None:
    kind, options = OPTIMIZERS[name][2]
    variables = [tf.Variable(START), tf.Variable(START)]
    optimizer = kind(variables, 0.1, **options)
    one = tf.ones((2, 3), tf.float64)
    who = f"{kind.__name__}.apply: expected 2 gradients, none of them None; received "
    for gradients, why in (
        ([one], "1 with 0 None"),
        ([one, None], "2 with 1 None"),
        ([one, one, one], "3 with 0 None"),
    ):
        with pytest.raises(ValueError, match=who + why):
            optimizer.apply(gradients)
        np.testing.assert_array_equal(variables[0].numpy(), START)


@pytest.mark.parametrize("kind", [tfcore.SGD, tfcore.Adam, tfcore.AdamW])
def test_no_variables_are_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match=f"{kind.__name__}: expected variables"):
        kind([], 0.1)


@pytest.mark.parametrize("kind", [tfcore.Adam, tfcore.AdamW])
def test_the_defaults_are_those_of_pytorch(kind: Any) -> None:
    like = getattr(torch.optim, kind.__name__)([torch.nn.Parameter(torch.zeros(1))])
    optimizer = kind([tf.Variable(0.0)])
    theirs = like.defaults
    assert optimizer.learning_rate == theirs["lr"]
    assert (optimizer.beta_1, optimizer.beta_2) == theirs["betas"]
    assert optimizer.epsilon == theirs["eps"]
    assert getattr(optimizer, "weight_decay", 0) == theirs["weight_decay"]
