"""Keras' watch: a callback, and the data that `fit`, `evaluate` and `predict` get."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest import mock

import keras
import numpy as np

from sidebyside.lanes._keras_batches import noting_batches
from sidebyside.lanes._watch import Inputs, Seen, parts, settings, watching

_DROPOUT = (keras.layers.Dropout, keras.layers.SpatialDropout1D)
_EXTRAS = ("clipnorm", "global_clipnorm", "clipvalue", "amsgrad", "use_ema")
_EXPECTED = "watch: expected NumPy arrays or a PyDataset, received "
_EXTRAS += ("gradient_accumulation_steps",)


@contextmanager
def watch(model: keras.Model) -> Iterator[Seen]:
    """Note what `model` is shown and how it is trained inside the `with` block.

    `fit`, `evaluate` and `predict` of the model, or of one that contains it, are noted:
    their data, which must be NumPy arrays or `PyDataset`s, and by a callback each
    batch's size and learning rate. Where another model contains it, say behind an
    augmentation, `fit` changes the data on the way: then what reaches the model is
    noted, batch by batch. On TensorFlow that needs `jit_compile=False`, which Keras
    chooses on a CPU.

    Yields:
        What was seen; read it when the block has ended.
    """
    seen = Seen()
    with ExitStack() as stack:
        for name in _NOTED:
            wrapped = _wrap(model, seen, name)
            stack.enter_context(mock.patch.object(keras.Model, name, wrapped))
        stack.enter_context(watching(model, seen))
        yield seen
    layers = [layer for layer in _layers(model) if isinstance(layer, _DROPOUT)]
    seen.settings["dropout"] = np.array([layer.rate for layer in layers], float)


def _layers(model: keras.Model) -> list[keras.Layer]:
    return list(model._flatten_layers(include_self=True))


Noted = Callable[[Seen, inspect.BoundArguments, bool], None]
"""Notes the arguments of a call, and may change them; says if the model is inside."""


def _wrap(model: keras.Model, seen: Seen, name: str) -> Any:
    """Return the method with its data noted, for `model` and what contains it."""
    method = getattr(keras.Model, name)
    signature = inspect.signature(method)

    def wrapped(self: keras.Model, *given: Any, **named: Any) -> Any:
        if all(layer is not model for layer in _layers(self)):
            return method(self, *given, **named)
        bound, inside = signature.bind(self, *given, **named), self is not model
        bound.apply_defaults()
        _NOTED[name](seen, bound, inside)
        with ExitStack() as stack:
            if inside and name == "fit":
                self.train_function = None  # compiled earlier, it would note nothing
                note = partial(seen.note, training=True)
                stack.enter_context(noting_batches(model, note))
            return method(*bound.args, **bound.kwargs)

    return wrapped


def _fit(seen: Seen, call: inspect.BoundArguments, inside: bool) -> None:
    ordered = call.arguments["shuffle"] is False  # as they stand, batch by batch
    callback = _Watch(seen, call.arguments["validation_data"], ordered)
    call.arguments["callbacks"] = [*(call.arguments["callbacks"] or []), callback]
    if not inside:  # else the batches that reach the model are noted
        call.arguments["x"] = _noting(call.arguments["x"], callback)


def _ask(seen: Seen, call: inspect.BoundArguments, inside: bool) -> None:
    if not call.kwargs.get("_use_cached_eval_dataset"):  # that is `fit`'s validation
        for X in _inputs(call.arguments["x"]):
            seen.note(X, training=False)


_NOTED: dict[str, Noted] = {"fit": _fit, "evaluate": _ask, "predict": _ask}


def _inputs(data: Any) -> Iterator[Inputs]:
    if isinstance(data, keras.utils.PyDataset):
        yield from (parts(data[k][0]) for k in range(len(data)))
    elif _are_arrays(data):
        yield data
    else:
        raise TypeError(_EXPECTED + type(data).__name__)


def _are_arrays(data: Any) -> bool:
    """Tell whether it is an array, or several in a sequence or by name."""
    several = isinstance(data, Mapping | list | tuple)
    given = data.values() if isinstance(data, Mapping) else data if several else [data]
    return all(isinstance(array, np.ndarray) for array in given)


class _Watch(keras.callbacks.Callback):
    """Notes each batch of `fit`, and each validation."""

    def __init__(self, seen: Seen, validation: Any, ordered: bool) -> None:
        super().__init__()
        self.ordered = ordered
        self.seen, self.validation, self.before = seen, validation, 0
        self.handed: dict[int, Inputs] = {}  # by a PyDataset in this epoch
        self.array: Inputs = None  # the data, if it is an array, or several

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.before = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        handed = [self.handed[index] for index in sorted(self.handed)]
        for X in handed if self.array is None else [self.array]:
            self.seen.note(X, training=True, ordered=self.ordered)
        self.handed.clear()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._sync()
        self.rate = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._sync()
        count = int(_number(self.model.metrics[0].count))  # of the mean loss
        self.seen.rates.append(self.rate)
        self.seen.batch_sizes.append(count - self.before)
        self.before = count
        self.seen.settings |= _settings(self.model.optimizer)

    def on_test_end(self, logs: Any = None) -> None:
        given = self.validation
        for X in _inputs(given[0] if isinstance(given, tuple | list) else given):
            self.seen.note(X, training=False)

    def _sync(self) -> None:
        """On JAX, `fit` keeps the state apart until somebody asks."""
        if hasattr(self.model, "jax_state_sync"):
            self.model.jax_state_sync()


def _number(tensor: Any) -> float:
    return float(keras.ops.convert_to_numpy(tensor))


def _noting(data: Any, callback: _Watch) -> Any:
    """Return the data so that each row that is handed out is noted.

    Keras asks a `PyDataset` for its first batches to see their shapes, too; so each
    batch counts once in an epoch.
    """
    if _are_arrays(data):
        callback.array = data
        return data
    if not isinstance(data, keras.utils.PyDataset):
        raise TypeError(_EXPECTED + type(data).__name__)
    kind = type(data)

    def getitem(self: Any, index: int) -> Any:
        batch = kind.__getitem__(self, index)
        callback.handed[index] = parts(batch[0])
        return batch

    data.__class__ = type(kind.__name__, (kind,), {"__getitem__": getitem})
    return data


def _settings(optimizer: keras.Optimizer) -> dict[str, Any]:
    config = optimizer.get_config()
    names = {"momentum": "momentum", "nesterov": "nesterov"}
    names |= {"beta 1": "beta_1", "beta 2": "beta_2", "epsilon": "epsilon"}
    values = {neutral: config.get(own) for neutral, own in names.items()}
    values["weight decay"] = float(config.get("weight_decay") or 0.0)
    extras = {name: config[name] for name in _EXTRAS if config.get(name)}
    kind = type(optimizer).__name__.removesuffix("_ks")  # a chapter's own
    return settings(kind, values, extras)
