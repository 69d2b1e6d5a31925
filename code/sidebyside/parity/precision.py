"""Compute in float64 in every lane, and nudge weights by a unit in the last place."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import numpy as np

from sidebyside.layout import Weights


@contextmanager
def float64() -> Iterator[None]:
    """Let everything that is built inside the `with` block compute in float64.

    Models, losses, optimizers and metrics must be built, compiled and trained inside;
    data must be float64 (`doubled`). It reaches the frameworks that are imported:

    - PyTorch: `torch.set_default_dtype`;
    - TensorFlow core: the default dtype of `sidebyside.tfcore` (and its advice on
      retracing is held back: a proof makes many models on purpose);
    - Keras: `keras.config.set_floatx` and `set_dtype_policy`; on JAX also
      `jax_enable_x64`. Left alone, Keras rounds to float32 on the way: on PyTorch and
      JAX its rule for mixed dtypes turns float64 into float32 (on PyTorch in each
      `ops.matmul` and `ops.mean`), and on TensorFlow `ops.cast` and
      `ops.convert_to_tensor` round a Python number, such as a momentum of 0.9 or the
      rate of a schedule, and an optimizer rounds its weight decay. Inside the block all
      keep float64.

    Raises:
        RuntimeError: If Keras still rounds to float32, as another version might.
    """
    with ExitStack() as stack:
        for name, enter in _ENTER.items():
            if name in sys.modules:
                stack.enter_context(enter(sys.modules[name]))
        yield


@contextmanager
def _torch(torch: Any) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def _tensorflow(tensorflow: Any) -> Iterator[None]:
    """Hold back the advice on retracing: a proof makes many models on purpose."""

    def other(record: logging.LogRecord) -> bool:
        return "tf.function retracing" not in record.getMessage()

    logger = tensorflow.get_logger()
    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


@contextmanager
def _tfcore(tfcore: Any) -> Iterator[None]:
    before = tfcore.default_dtype()
    tfcore.set_default_dtype("float64")
    try:
        yield
    finally:
        tfcore.set_default_dtype(before)


@contextmanager
def _keras(keras: Any) -> Iterator[None]:
    config = keras.config
    floatx, policy = config.floatx(), config.dtype_policy()
    config.set_floatx("float64")  # losses, metrics, rates
    config.set_dtype_policy("float64")  # layers: kept since the first one was made
    try:
        with _KEEP.get(config.backend(), nullcontext)():
            _check_keras(keras)
            yield
    finally:
        config.set_floatx(floatx)
        config.set_dtype_policy(policy)


@contextmanager
def _keep_on_jax() -> Iterator[None]:
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        with _keep_in_promotion():
            yield
    finally:
        jax.config.update("jax_enable_x64", before)


@contextmanager
def _keep_in_promotion() -> Iterator[None]:
    """Take float64 out of the table of dtypes that Keras halves."""
    from keras.src.backend.common import dtypes

    table = dtypes.BIT64_TO_BIT32_DTYPE
    before = dict(table)
    table["float64"] = "float64"
    try:
        yield
    finally:
        table.update(before)


@contextmanager
def _keep_on_tensorflow() -> Iterator[None]:
    """Hand Python numbers to TensorFlow as float64."""
    from keras.src.backend.tensorflow import core, optimizer

    before = {name: getattr(core, name) for name in ("cast", "convert_to_tensor")}
    decay = optimizer.TFOptimizer._apply_weight_decay

    def kept(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(x: Any, *given: Any, **named: Any) -> Any:
            x = np.float64(x) if type(x) is float else x
            return function(x, *given, **named)

        return call

    def kept_decay(self: Any, variables: Any) -> None:
        if type(self.weight_decay) is float:  # `tf.cast` would round it
            self.weight_decay = np.float64(self.weight_decay)
        decay(self, variables)

    for name, function in before.items():
        setattr(core, name, kept(function))
    optimizer.TFOptimizer._apply_weight_decay = kept_decay
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(core, name, function)
        optimizer.TFOptimizer._apply_weight_decay = decay


def _check_keras(keras: Any) -> None:
    """See with numbers that float32 can't hold whether Keras computes in float64."""
    ops, tenth = keras.ops, np.full((1, 1), 0.1)
    results = {
        "ops.cast": ops.cast(0.1, "float64"),
        "ops.convert_to_tensor": ops.convert_to_tensor(0.1),
        "ops.matmul": ops.matmul(ops.convert_to_tensor(tenth), np.ones((1, 1))),
        "ops.mean": ops.mean(ops.convert_to_tensor(tenth)),
        "losses.MeanSquaredError": keras.losses.MeanSquaredError()([0.0], [0.1]),
        "optimizers.SGD's weight_decay": _decayed(keras),
    }
    exact = {name: 0.1 for name in results} | {"losses.MeanSquaredError": 0.1**2}
    exact["optimizers.SGD's weight_decay"] = 1 - 0.1
    for name, result in results.items():
        received = float(ops.convert_to_numpy(result).squeeze())
        if abs(received - exact[name]) > 1e-16:
            raise RuntimeError(
                f"float64: expected keras.{name} of Keras {keras.__version__} on "
                f"{keras.config.backend()} to keep float64, received {received!r} for "
                f"{exact[name]!r}"
            )


def _decayed(keras: Any) -> Any:
    """Return what a decay of 0.1, at a rate of 1, leaves of a weight of 1."""
    weight = keras.Variable(np.ones((1, 1)))
    optimizer = keras.optimizers.SGD(1.0, weight_decay=0.1)
    optimizer.apply([keras.ops.zeros((1, 1))], [weight])
    return weight


_ENTER = {
    "torch": _torch,
    "tensorflow": _tensorflow,
    "sidebyside.tfcore": _tfcore,
    "keras": _keras,
}
_KEEP = {
    "jax": _keep_on_jax,
    "torch": _keep_in_promotion,
    "tensorflow": _keep_on_tensorflow,
}


def doubled(value: Any) -> Any:
    """Return float arrays as float64, all others as they are.

    Args:
        value: An array, or arrays in (nested) mappings, lists and tuples.
    """
    if isinstance(value, Mapping):
        return {key: doubled(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(doubled(part) for part in value)
    array = np.asarray(value)
    return array.astype(np.float64) if array.dtype.kind == "f" else value


def nudge(weights: Mapping[str, np.ndarray], *, ulps: int = 1, seed: int) -> Weights:
    """Move each weight up or down by units in its last place, in its own dtype.

    Args:
        weights: Float arrays, any shape; others stay as they are.
        ulps: How many units in the last place.
        seed: Decides which weights go up.

    Returns:
        New arrays of the same dtypes. A weight of exactly 0 stays 0.
    """
    rng, moved = np.random.default_rng(seed), {}
    for name, array in weights.items():
        up = rng.choice([-1, 1], size=array.shape)
        if array.dtype.kind != "f":
            moved[name] = array.copy()
            continue
        unit = np.spacing(np.abs(array)) * (array != 0)
        moved[name] = array + (ulps * up).astype(array.dtype) * unit
    return moved
