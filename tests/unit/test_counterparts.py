"""The table of counterparts: it is complete, and the lanes know or refuse each row."""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import keras
import numpy as np
import pytest
import torch
import trios
from torch import nn

from sidebyside import counterparts, tfcore

ROWS = counterparts.COUNTERPARTS
NAMESPACES = {"pytorch": {"nn": nn}, "keras": {"layers": keras.layers}}
NAMESPACES["tensorflow"] = {"tfcore": tfcore}


def classes(lane: str) -> set[str]:
    """Return the names of classes in the table, without their settings."""
    paths = {path for row in ROWS for path in getattr(row, lane)}
    return {path.partition("(")[0].partition(".")[2] for path in paths}


def test_kinds_have_one_row_each_and_say_what_to_do() -> None:
    kinds = [row.kind for row in ROWS]
    assert len(kinds) == len(set(kinds))
    for row in ROWS:
        assert row.instead or row.weights or row.note, row.kind
        lanes = (row.pytorch, row.tensorflow, row.keras)
        assert all(lanes) or row.note or row.instead, row.kind


@pytest.mark.parametrize("lane", NAMESPACES)
def test_every_class_of_the_table_exists(lane: str) -> None:
    (space,) = NAMESPACES[lane].values()
    for name in classes(lane):
        assert isinstance(getattr(space, name), type), name


def test_every_layer_of_tfcore_with_weights_stands_in_the_table() -> None:
    optimizers = {"Optimizer", "SGD", "Adam", "AdamW"}
    names = {name for name in tfcore.__all__ if name[0].isupper()}
    assert names - optimizers - {"Dropout"} == classes("tensorflow")


ARGUMENTS: list[tuple[Any, ...]] = [(), (4,), (4, 4), (4, 4, 1), (2, 4), (1, 4)]
OF_LAYERS = {
    "AdaptiveLogSoftmaxWithLoss": [(8, 20, [5, 10])],
    "TransformerEncoder": [(nn.TransformerEncoderLayer(4, 2), 1)],
    "TransformerDecoder": [(nn.TransformerDecoderLayer(4, 2), 1)],
}
ABSTRACT = {"Module", "Container", "RNNBase", "RNNCellBase"}  # of which others are made
HOLDERS = {"ParameterDict", "ParameterList", "Sequential", "ModuleList", "ModuleDict"}


def made(kind: Callable[..., Any], arguments: list[Any]) -> Iterator[Any]:
    """Yield what a class makes of the arguments that it takes."""
    for given in arguments:
        with suppress(Exception):
            yield kind(*given)


def has_numbers(module: nn.Module) -> bool:
    tensors = [*module.parameters(), *module.buffers()]
    lazy = nn.parameter.UninitializedTensorMixin
    return any(isinstance(t, lazy) or t.is_floating_point() for t in tensors)


@pytest.mark.filterwarnings("ignore")
def test_every_class_of_torch_nn_with_weights_stands_in_the_table() -> None:
    kinds = {n: k for n, k in inspect.getmembers(nn, inspect.isclass)}
    kinds = {n: k for n, k in kinds.items() if issubclass(k, nn.Module)}
    not_made, missing = set(), set()
    for name in set(kinds) - ABSTRACT - HOLDERS:
        modules = list(made(kinds[name], OF_LAYERS.get(name, ARGUMENTS)))
        if not modules:
            not_made.add(name)
        elif any(map(has_numbers, modules)) and name not in classes("pytorch"):
            missing.add(name)
    assert missing == set()
    assert not_made <= {"Unflatten"}


SAMPLES = [
    (np.ones((2, 8, 3), "float32"),),
    (np.ones((2, 8, 8, 3), "float32"),),
    (np.ones((2, 4, 8, 8, 3), "float32"),),
    (np.ones((2, 4, 8, 8, 8, 3), "float32"),),
    (np.ones((2, 3), "int32"),),
    (np.ones((2, 8, 3), "float32"),) * 2,  # a query and a value; a step and a state
    ([np.ones((2, 8, 3), "float32")] * 2,),
    (np.ones((2, 3), "float32"), [np.ones((2, 4), "float32")] * 2),
]
OF_KERAS: list[tuple[Any, ...]] = [(), (4,), (4, 3), (2, 4, 2)]
OF_KERAS_LAYERS = {
    "Bidirectional": lambda: (keras.layers.LSTM(4),),
    "TimeDistributed": lambda: (keras.layers.Dense(4),),
    "SpectralNormalization": lambda: (keras.layers.Dense(4),),
    "StackedRNNCells": lambda: ([keras.layers.SimpleRNNCell(4)],),
    "STFTSpectrogram": lambda: ("log", 4, 2, 4),
    "EinsumDense": lambda: ("btc,ck->btk", (None, 4)),
}
OF_KERAS_OPTIONS = {"Attention": {"use_scale": True}}


def built(name: str, kind: Any) -> keras.Layer | None:
    """Return a layer that took one of the samples."""
    fixed = OF_KERAS_LAYERS.get(name)
    for arguments in [fixed()] if fixed else OF_KERAS:
        for sample in SAMPLES:
            with suppress(Exception):
                layer = kind(*arguments, **OF_KERAS_OPTIONS.get(name, {}))
                layer(*sample)
                return layer
    return None


FOREIGN = {"FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"}
BASES = {"Layer", "Wrapper", "RNN", "InputSpec"}


@pytest.mark.filterwarnings("ignore")
def test_every_class_of_keras_with_weights_stands_in_the_table() -> None:
    kinds = dict(inspect.getmembers(keras.layers, inspect.isclass))
    named = {getattr(keras.layers, name) for name in classes("keras")}
    has_weights = set()
    for name in set(kinds) - FOREIGN - BASES:
        layer = built(name, kinds[name])
        if layer is not None and layer.weights:
            has_weights.add(kinds[name])
    assert has_weights - named == set()
    rest = {getattr(keras.layers, name) for name in FOREIGN | BASES}
    assert named - has_weights - rest == set(), "the samples build them all"


def around(layer: Any) -> Any:
    return keras.Sequential([keras.Input((8, 3)), layer], name="model")


REFUSED: dict[str, Callable[[], Any]] = {
    "convolution in an LSTM": lambda: keras.layers.ConvLSTM1D(2, 3, name="memory"),
    "batch norm with renorm": lambda: keras.layers.BatchNormalization(
        renorm=True, name="memory"
    ),
    "spectral norm": lambda: keras.layers.SpectralNormalization(
        keras.layers.Dense(2), name="memory"
    ),
    "normalization by the data": lambda: keras.layers.Normalization(name="memory"),
    "spectrogram": lambda: keras.layers.STFTSpectrogram(name="memory"),
    "layer of another framework": lambda: keras.layers.JaxLayer(
        lambda params, inputs: inputs, params={}, name="memory"
    ),
    "LSTM with a projection": lambda: nn.LSTM(2, 3, proj_size=1),
    "attention with biased keys": lambda: nn.MultiheadAttention(4, 2, add_bias_kv=True),
}


class Holder(keras.Layer):
    """A layer that holds another one."""

    def __init__(self, layer: keras.Layer) -> None:
        super().__init__(name="holder")
        self.layer = layer

    def call(self, x: Any) -> Any:
        return self.layer(x)


@pytest.mark.parametrize("hold", [False, True])
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_is_so_in_the_words_of_the_table(kind: str, hold: bool) -> None:
    layer = REFUSED[kind]()
    if isinstance(layer, keras.Layer):
        lane, name = trios.lane_ks, "named"
        model = keras.Model()
        model.held = Holder(layer) if hold else layer
        model.built = True
    else:
        lane, name = trios.lane_pt, "at"
        model = nn.ModuleDict({"memory": layer})
    words = re.escape(counterparts.instead(kind))
    message = rf"that has a counterpart, received {type(layer).__name__} {name} "
    with pytest.raises(ValueError, match=rf"{message}'memory': {words}$"):
        lane.get_weights(model)
    with pytest.raises(ValueError, match=words):
        lane.set_weights(model, {})


def test_every_refusal_has_a_test() -> None:
    assert set(REFUSED) == {row.kind for row in ROWS if row.instead}


def test_only_what_is_refused_has_words_for_it() -> None:
    with pytest.raises(ValueError, match=r"expected one of .* received 'dense'"):
        counterparts.instead("dense")


def test_a_normalization_by_given_numbers_has_no_weights() -> None:
    scale = keras.layers.Normalization(mean=1.0, variance=4.0)
    assert trios.lane_ks.get_weights(around(scale)) == {}


NEW = type("New", (keras.layers.Layer,), {"__module__": "keras.src.layers.new"})


def test_an_unknown_layer_of_keras_is_refused() -> None:
    layer = NEW(name="memory")
    layer.add_weight(shape=(2,), name="value")
    layer.built = True
    message = r"a layer of sidebyside.counterparts, .* received New named 'memory', wh"
    with pytest.raises(ValueError, match=message):
        trios.lane_ks.get_weights(layer)


def test_a_loss_that_learns_is_read_and_others_are_not() -> None:
    if hasattr(nn, "LinearCrossEntropyLoss"):  # from PyTorch 2.13 on
        weights = trios.lane_pt.get_weights(nn.LinearCrossEntropyLoss(3, 4))
        assert weights["linear/kernel"].shape == (3, 4)
    assert trios.lane_pt.get_weights(nn.CrossEntropyLoss(torch.ones(2))) == {}
