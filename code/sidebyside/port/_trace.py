"""What each layer of a model is given and gives, in one call of the model."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

Inputs = np.ndarray | Sequence[np.ndarray] | Mapping[str, np.ndarray]
"""What a model is called with: an array, several in their order, or by name."""


@dataclass
class Call:
    """One call of one layer.

    Attributes:
        path: The layer's path in neutral names, "" for the model itself.
        layer: The framework's own object.
        inputs: The arrays that it was given, by position (`"0"`) or name.
        outputs: The arrays that it returned, by place or name; empty while it runs.
        inverted: Calls the layer again with each truth value among its inputs turned
            round, and returns the outputs; None if it was given no truth value.
    """

    path: str
    layer: Any
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray] = field(default_factory=dict)
    inverted: Callable[[], dict[str, np.ndarray]] | None = None

    @property
    def kind(self) -> str:
        """The name of the layer's class."""
        return type(self.layer).__name__


class Calls(list[Call]):
    """The calls of a model's layers, in the order in which they began."""

    def note(self, path: str, layer: Any, given: Any, named: Any, to: "To") -> Call:
        """Note that a layer is called; the outputs are added when they are there.

        Args:
            path: The layer's path.
            layer: The layer.
            given: What it is given by position.
            named: What it is given by name.
            to: The lane's ways to read a tensor, and to call a layer.
        """
        arrays = flat(dict(enumerate(given)) | dict(named), to.numpy)
        call = Call(path, layer, arrays)
        if any(array.dtype == bool for array in arrays.values()):
            call.inverted = lambda: flat(
                to.call(layer, turned(given, to), turned(named, to)), to.numpy
            )
        self.append(call)
        return call

    def first(self, path: str) -> Call | None:
        """Return the first call of the layer at a path, None if it was not called."""
        return next((call for call in self if call.path == path), None)

    @property
    def outputs(self) -> dict[str, np.ndarray]:
        """What the model returned."""
        return self[0].outputs


@dataclass(frozen=True)
class To:
    """What noting a call needs of a lane.

    Attributes:
        numpy: Tensor -> array; anything else -> None.
        invert: Tensor of truth values -> each of them turned round.
        call: Layer, what is given by position, by name -> outputs; notes nothing.
    """

    numpy: Callable[[Any], np.ndarray | None]
    invert: Callable[[Any], Any]
    call: Callable[[Any, Any, Any], Any]


def plain(array: np.ndarray) -> np.ndarray:
    """Return a dtype that NumPy lacks, such as bfloat16, as float32."""
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def turned(values: Any, to: To) -> Any:
    """Return what a layer is given, with every truth value turned round."""
    if isinstance(values, Mapping):
        return {key: turned(value, to) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return type(values)(turned(value, to) for value in values)
    array = to.numpy(values)
    return values if array is None or array.dtype != bool else to.invert(values)


def flat(values: Any, numpy: Callable[[Any], np.ndarray | None]) -> dict[str, Any]:
    """Return the tensors in nested mappings and sequences by their path.

    Args:
        values: A tensor, or tensors in mappings, lists and tuples, beside other things.
        numpy: Tensor -> array, anything else -> None.

    Returns:
        `{"0": ..., "1/0": ...}`; a lone tensor is `"0"`.
    """
    if not isinstance(values, Mapping | list | tuple):
        values = [values]
    return dict(_flat(values, numpy, ()))


def _flat(
    values: Any, numpy: Callable[[Any], np.ndarray | None], path: tuple[str, ...]
) -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(values, Mapping | list | tuple):
        pairs = values.items() if isinstance(values, Mapping) else enumerate(values)
        for key, value in pairs:
            yield from _flat(value, numpy, (*path, str(key)))
    elif (array := numpy(values)) is not None:
        yield "/".join(path), array


LANES = {"keras": "Layer", "torch": "nn.Module", "tensorflow": "Module"}
"""Package -> its class of models. Keras first: with PyTorch as its backend, its layers
are modules of PyTorch, too."""
NAMES = {"torch": "pytorch"}


def lane_of(model: Any) -> str:
    """Return the lane of a model: `"pytorch"`, `"tensorflow"` or `"keras"`.

    Raises:
        TypeError: If it is of none of them.
    """
    for package, path in LANES.items():
        kind: Any = sys.modules.get(package)
        for name in path.split(".") if kind else ():
            kind = getattr(kind, name)
        if kind and isinstance(model, kind):
            return NAMES.get(package, package)
    raise TypeError(
        "port: expected a torch.nn.Module, a tf.Module or a keras.Model, "
        f"received {type(model).__name__}"
    )


def lane(model: Any) -> Any:
    """Return the module `sidebyside.lanes.*` of a model's lane."""
    return import_module(f"sidebyside.lanes.{lane_of(model)}")


@contextmanager
def called(model: Any, inputs: Inputs, training: bool | None) -> Iterator[Calls]:
    """Call a model once; give the calls of its layers, and then put averages back.

    Args:
        model: Of any lane, built.
        inputs: NumPy arrays in the form that the model takes.
        training: Whether in training mode; None: in the mode in which a PyTorch model
            is, and in evaluation in the other lanes, where a call says so.
    """
    tracer = import_module(f"sidebyside.port._trace_{lane_of(model)}")
    kept = lane(model).get_weights(model)
    try:
        yield tracer.calls(model, arguments(inputs), training)
    finally:
        lane(model).set_weights(model, kept)


def trace(model: Any, inputs: Inputs, *, training: bool | None = None) -> Calls:
    """Return the calls of a model's layers in one call of it; see `called`."""
    with called(model, inputs, training) as calls:
        return calls


def arguments(inputs: Inputs) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
    """Return what a model is called with as positional and as named arrays.

    Raises:
        TypeError: If something else than NumPy arrays is given.
    """
    named = dict(inputs) if isinstance(inputs, Mapping) else {}
    several = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    given: list[Any] = [] if isinstance(inputs, Mapping) else several
    for array in [*given, *named.values()]:
        if not isinstance(array, np.ndarray):
            raise TypeError(
                "port: expected NumPy arrays as inputs, received "
                f"{type(array).__name__}"
            )
    return given, named
