"""Bad input to data, batches and `tfcore`: each is refused by our own sentence."""

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from sidebyside import datasets, tfcore
from sidebyside.batches import IndexBatches

WHOLE = (0, -1, 2.0, "3", None, True, np.float32(1), [2])
EPOCH = (-1, 0.0, "1", None, False)
SEED = (-1, 2**32, 0.5, "1", True, [0])
FLAG = ("no", 1, None, np.True_)
SHARE = (-0.1, 1.0, 1.5, float("nan"), float("inf"), "0.5", None, True, [0.1])
UP_TO_ONE = tuple(value for value in SHARE if value != 1.0 or value is True)
POSITIVE = (-0.1, float("nan"), float("inf"), "0.1", True, [0.1])
PADDING = ("same", "FULL", 1, None, ["SAME"])
DTYPE = ("int32", tf.bool, "nonsense", 1.5)
NAME = ("none", None, 1, ["digits"])


def variable() -> tf.Variable:
    return tf.Variable([1.0])


def dense(**options: Any) -> Any:
    return {"num_inputs": 2, "num_outputs": 3} | options


SEEDED = {"dtype": DTYPE, "seed": SEED}
DENSE = {"num_inputs": WHOLE, "num_outputs": WHOLE, "use_bias": FLAG, **SEEDED}
SPREAD = {"kernel_size": WHOLE, "strides": WHOLE, "padding": PADDING, **DENSE}
SPREAD |= {"groups": (*WHOLE, 5)}
CONVOLUTION = {"dilation": WHOLE, **SPREAD}
DEPTHWISE = {"multiplier": WHOLE, **CONVOLUTION}
del DEPTHWISE["num_outputs"], DEPTHWISE["groups"]
NUMBERS = tuple(value for value in WHOLE if value is not None)
RECURRENT = {"num_inputs": WHOLE, "num_units": WHOLE, **SEEDED}
VARIABLES = (None, 3, "v", variable(), [], [np.ones(1)], [variable(), None])
STEP = {"variables": VARIABLES, "learning_rate": POSITIVE}
MOMENTS = {"beta_1": SHARE, "beta_2": SHARE, "epsilon": POSITIVE, "epsilon_hat": FLAG}
RATE = {"learning_rate": 0.1}
UNITS = {"num_inputs": 2, "num_units": 3}
INDICES = {"n": 8, "batch_size": 2, "seed": 0}
WRONG_LAYERS = (None, 3, tf.Module(), tfcore.Dense(1, 1), tfcore.GRU)

Options = dict[str, Any]
CASES: dict[str, tuple[Any, Options, dict[str, tuple[Any, ...]]]] = {
    "IndexBatches": (
        IndexBatches,
        INDICES,
        {
            "n": WHOLE,
            "batch_size": WHOLE,
            "seed": (*SEED, None),
            "shuffle": FLAG,
            "drop_last": FLAG,
        },
    ),
    "IndexBatches.epoch": (IndexBatches(**INDICES).epoch, {}, {"epoch": EPOCH}),
    "IndexBatches.order": (IndexBatches(**INDICES).order, {}, {"epoch": EPOCH}),
    "Dense": (tfcore.Dense, dense(), DENSE),
    **{
        name: (getattr(tfcore, name), dense(kernel_size=3), CONVOLUTION)
        for name in ("Conv1D", "Conv2D", "Conv3D")
    },
    **{
        name: (getattr(tfcore, name), dense(kernel_size=3), SPREAD)
        for name in ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
    },
    **{
        name: (getattr(tfcore, name), {"num_inputs": 2, "kernel_size": 3}, DEPTHWISE)
        for name in ("DepthwiseConv1D", "DepthwiseConv2D")
    },
    "Bilinear": (tfcore.Bilinear, dense(num_others=4), {"num_others": WHOLE, **DENSE}),
    "PReLU": (
        tfcore.PReLU,
        {"num_features": 2},
        {"num_features": WHOLE, "start": POSITIVE, "dtype": DTYPE},
    ),
    "MultiHeadAttention": (
        tfcore.MultiHeadAttention,
        {"num_features": 4, "num_heads": 2},
        {
            "num_features": (*WHOLE, 5),
            "num_heads": (*WHOLE, 3),
            "head_size": NUMBERS,
            "num_key_value_heads": (*NUMBERS, 3),
            "num_keys": NUMBERS,
            "num_values": NUMBERS,
            "use_bias": FLAG,
            **SEEDED,
        },
    ),
    "Embedding": (
        tfcore.Embedding,
        {"num_embeddings": 5, "num_features": 2},
        {"num_embeddings": WHOLE, "num_features": WHOLE, **SEEDED},
    ),
    "Dropout": (tfcore.Dropout, {"rate": 0.5}, {"rate": SHARE, "seed": SEED}),
    "BatchNorm": (
        tfcore.BatchNorm,
        {"num_features": 2},
        {
            "num_features": WHOLE,
            "momentum": UP_TO_ONE,
            "epsilon": POSITIVE,
            "unbiased": FLAG,
            "dtype": DTYPE,
        },
    ),
    "LayerNorm": (
        tfcore.LayerNorm,
        {"num_features": 2},
        {"num_features": WHOLE, "epsilon": POSITIVE, "dtype": DTYPE},
    ),
    "GroupNorm": (
        tfcore.GroupNorm,
        {"num_features": 4, "num_groups": 2},
        {
            "num_features": (*WHOLE, 5),
            "num_groups": (*WHOLE, 3),
            "epsilon": POSITIVE,
            "dtype": DTYPE,
        },
    ),
    "RMSNorm": (
        tfcore.RMSNorm,
        {"num_features": 2},
        {"num_features": WHOLE, "epsilon": POSITIVE, "dtype": DTYPE},
    ),
    "SimpleRNN": (
        tfcore.SimpleRNN,
        UNITS,
        {"activation": ("sigmoid", None, 1), **RECURRENT},
    ),
    "LSTM": (tfcore.LSTM, UNITS, RECURRENT),
    "GRU": (tfcore.GRU, UNITS, {"reset_after": FLAG, **RECURRENT}),
    "Bidirectional": (
        tfcore.Bidirectional,
        {"forward": tfcore.GRU(1, 1), "backward": tfcore.GRU(1, 1)},
        {
            "forward": (*WRONG_LAYERS, tfcore.LSTM(1, 1)),
            "backward": (*WRONG_LAYERS, tfcore.LSTM(1, 1)),
        },
    ),
    "SGD": (
        tfcore.SGD,
        RATE,
        {
            "momentum": UP_TO_ONE,
            "nesterov": (*FLAG, True),
            "rate_in_velocity": FLAG,
            **STEP,
        },
    ),
    "Adam": (tfcore.Adam, {}, MOMENTS | STEP),
    "AdamW": (tfcore.AdamW, {}, {"weight_decay": POSITIVE} | MOMENTS | STEP),
    "set_default_dtype": (tfcore.set_default_dtype, {}, {"dtype": (*DTYPE, None)}),
    "on_step": (tfcore.on_step, {}, {"hook": (None, 1, "print")}),
    "load_cutouts": (
        datasets.load_cutouts,
        {"split": "test"},
        {"split": ("val", *NAME)},
    ),
    "load_digits": (datasets.load_digits, {}, {"split": ("val", *NAME)}),
    "load_images": (datasets.load_images, {}, {"name": ("diabetes", *NAME)}),
    "load_photo": (datasets.load_photo, {}, {"name": ("digits", *NAME)}),
    "load_reviews": (datasets.load_reviews, {}, {"name": ("digits", *NAME)}),
    "describe": (
        datasets.describe,
        {"name": "digits"},
        {"name": NAME, "X": (None, [1], "X", tf.zeros(1))},
    ),
}
OPTIMIZERS = ("SGD", "Adam", "AdamW")
ROWS = [
    pytest.param(name, argument, value, id=f"{name}-{argument}-{value!r}"[:60])
    for name, (_, _, bad) in CASES.items()
    for argument, values in bad.items()
    for value in values
]


def call(name: str, /, **changes: Any) -> Any:
    function, options, _ = CASES[name]
    if name in OPTIMIZERS:
        options = {"variables": [variable()], **options}
    return function(**options | changes)


@pytest.mark.parametrize(("name", "argument", "value"), ROWS)
def test_bad_input_is_refused_by_our_own_sentence(
    name: str, argument: str, value: Any
) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        call(name, **{argument: value})
    message = str(caught.value)
    assert ": expected " in message
    assert "received" in message
    first = message.split(":")[0]
    assert first in (name, name.split(".")[0], "datasets")


NO_EXAMPLE = ("set_default_dtype", "on_step", "load_digits", "load_images")
NO_EXAMPLE += ("load_photo", "load_reviews", "IndexBatches.epoch", "IndexBatches.order")


@pytest.mark.parametrize("name", sorted(set(CASES) - set(NO_EXAMPLE)))
def test_the_good_input_beside_it_is_taken(name: str) -> None:
    call(name)


def public() -> list[str]:
    modules = (tfcore, datasets)
    names = [name for module in modules for name in module.__all__]
    types = ("Images", "Reviews", "Table", "Optimizer")  # made by the others
    return sorted(set(names) - set(types))


def test_every_public_function_and_argument_has_a_row() -> None:
    for name in public():
        function = getattr(tfcore, name, None) or getattr(datasets, name)
        kinds = inspect.signature(function).parameters.values()
        arguments = {p.name for p in kinds if p.kind is not p.VAR_KEYWORD}
        rows = set(CASES[name][2]) if name in CASES else set()
        assert arguments <= rows, name


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_numbers_of_numpy_and_variables_are_taken(name: str) -> None:
    for rate in (np.float32(0.1), 0, tf.Variable(0.1), tf.constant(0.1)):
        call(name, learning_rate=rate)
    call(name, variables=(variable(),))
    layer = tfcore.Dense(np.int64(1), np.int32(1), seed=np.int64(2**32 - 1))
    call(name, variables=layer.trainable_variables)
