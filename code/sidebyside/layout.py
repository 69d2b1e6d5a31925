"""The book's neutral weight layout: one naming and one axis order for three lanes.

A model's weights are a flat `dict` from name to NumPy array. A name is the path of the
layer and the name of the weight, joined by `/`: `"hidden/kernel"`. The path consists of
the attribute names in PyTorch and TensorFlow and of the layer names in Keras, so a
chapter gives a layer the same name in all three lanes.

| layer | neutral name and shape | PyTorch | TensorFlow core | Keras |
|---|---|---|---|---|
| dense | `kernel` (in, out) | `weight` (out, in) | `kernel` | `kernel` |
| | `bias` (out,) | `bias` | `bias` | `bias` |
| dense, several axes | `kernel` (in, out), axes flattened | `weight` (out, in) | `kernel` | `EinsumDense` |
| of two inputs | `kernel` (in1, in2, out) | `weight` (out, in1, in2) | `kernel` | - |
| convolution 1-D | `kernel` (W, in, out) | `weight` (out, in, W) | `kernel` | `kernel` |
| convolution 2-D | `kernel` (H, W, in, out) | `weight` (out, in, H, W) | `kernel` | `kernel` |
| convolution 3-D | `kernel` (D, H, W, in, out) | `weight` (out, in, D, H, W) | `kernel` | `kernel` |
| | `bias` (out,) | `bias` | `bias` | `bias` |
| in groups | `kernel` (..., in / groups, out) | `weight` (out, in / groups, ...) | `kernel` | `kernel` |
| depthwise | `kernel` (H, W, 1, in * m) | `weight` (in * m, 1, H, W) | `kernel` | `kernel` (H, W, in, m) |
| separable | `depthwise/...`, `pointwise/...` | two layers | two layers | one layer |
| transposed | `kernel` (H, W, out, in) | `weight` (in, out, H, W) | `kernel` | `kernel` |
| batch norm | `gamma`, `beta` (C,) | `weight`, `bias` | `gamma`, `beta` | the same |
| | `moving_mean`, `moving_variance` (C,) | `running_mean`, `running_var` | the same | the same |
| layer, group, instance norm | `gamma`, `beta` (C,) | `weight`, `bias` | `gamma`, `beta` | the same |
| RMS norm | `gamma` (C,) | `weight` | `gamma` | `scale` |
| embedding | `embeddings` (vocabulary, D) | `weight` | `embeddings` | `embeddings` |
| LSTM | `kernel` (in, 4D), gates i, f, c, o | `weight_ih_l0` (4D, in) | `kernel` | `kernel` |
| | `recurrent_kernel` (D, 4D) | `weight_hh_l0` (4D, D) | `recurrent_kernel` | the same |
| | `bias` (4D,) | `bias_ih_l0` | `bias` | `bias` |
| | `recurrent_bias` (4D,) | `bias_hh_l0` | - | - |
| GRU | `kernel` (in, 3D), gates z, r, h | `weight_ih_l0` (3D, in), r, z, n | `kernel` | `kernel` |
| | `recurrent_kernel` (D, 3D) | `weight_hh_l0` (3D, D) | `recurrent_kernel` | the same |
| | `bias` (3D,) | `bias_ih_l0` | `bias` | `bias[0]` |
| | `recurrent_bias` (3D,) | `bias_hh_l0` | `recurrent_bias` | `bias[1]` |
| simple RNN | as LSTM, of one gate | `..._l0` | the same | the same |
| a cell | as its layer | `weight_ih`, ... | the layer | the same |
| bidirectional | `forward/...`, `backward/...` | `..._l0`, `..._l0_reverse` | `forward`, `backward` | the wrapped layers |
| several layers | `0/...`, `1/...` | `..._l0`, `..._l1` | a list of layers | `StackedRNNCells` |
| attention | `query/kernel` (E, N * D) | `in_proj_weight[:E]` (N * D, E) | the same | (E, N, D) |
| | `key/kernel`, `value/kernel` | `in_proj_weight`, the rest | the same | (E, N, D) |
| | `query/bias`, ... (N * D,) | `in_proj_bias` | the same | (N, D) |
| | `attention_output/kernel` (N * D, E) | `out_proj.weight` (E, N * D) | the same | (N, D, E) |
| PReLU | `alpha` (C,) | `weight` | `alpha` | `alpha` (1, 1, C) |
| bare parameter | its own name, any shape | `nn.Parameter` | `tf.Variable` | `add_weight` |

`sidebyside.counterparts` has the classes of each row, and those without a counterpart.

**What counts.** A weight is a number with a fraction that the model holds: floating or
complex. Counters, indices and random states, which are integers, are left out; so are
optimizers, losses and metrics that are kept on a model, with all below them, and the
buffers of a PyTorch module of your own, which are its constants.

**Shared weights.** A weight or layer that several names lead to has one: the first, if
one reads a layer's own weights before those of its children, and both in the order in
which they were defined. `get_weights` returns that name only, and `set_weights` refuses
the others and says whose names they are. A layer that leads back to one above it (a
*parent*) is such another name.

**Wrappers** of PyTorch that compute what the module inside computes (`torch.compile`,
`DataParallel`, an average of models, checkpointing) are no part of a name.

**Numbers.** `set_weights` rounds to the nearest number of the model's dtype, from any
floating or integer dtype, byte order and memory layout; a number too small for it
becomes 0. It refuses a number too large for it, NaN, infinity (but where the model has
the same infinity already, as in a mask), a bool, and a complex number for a real weight.
bfloat16 and the 8-bit dtypes, which NumPy lacks, are read as float32.

Hyper-parameters are not weights and do not travel: batch norm's `momentum=0.1` in
PyTorch weighs the *new* batch, `momentum=0.99` in Keras weighs the *old* average
(PyTorch's 0.1 is Keras' 0.9), and their epsilons are 1e-5 and 1e-3.

An LSTM or a simple RNN needs one bias, and PyTorch has two that are added. Both learn,
so their sum learns twice as fast. A `bias_hh_l0` that is all zero and frozen
(`requires_grad` off) is no weight and is left out: so a PyTorch LSTM has exactly the
weights of the others. In a GRU with `reset_after` (PyTorch's only form) both biases
count, because the reset gate stands between them.

A lane that meets a layer without a counterpart says so, and what to do instead. A lane
describes a layer by `Slot`s; adding a layer means adding its slots to each lane.
"""  # noqa: E501

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Weights = dict[str, np.ndarray]


@dataclass(frozen=True)
class Slot:
    """How one weight of a lane's layer maps to the neutral layout.

    Attributes:
        own: The weight's name in the lane, e.g. `"weight"`.
        neutral: Its neutral name, e.g. `"kernel"`.
        axes: The transposition from the lane's axes to the neutral ones; `None` where
            the two agree.
        gates: For each gate along the last neutral axis, its position in the lane;
            `None` where the two agree.
        row: Where the lane keeps several weights in one tensor, the index of this one
            along the first axis, or the first index and the one after the last.
        shape: The neutral shape, where it is not that of the transposed array.
    """

    own: str
    neutral: str
    axes: tuple[int, ...] | None = None
    gates: tuple[int, ...] | None = None
    row: int | tuple[int, int] | None = None
    shape: tuple[int, ...] | None = None

    def to_neutral(self, array: np.ndarray) -> np.ndarray:
        """Return this weight of `array` (lane's axes) in the neutral order."""
        part = self._part(array)
        part = part if self.shape is None else part.reshape(self.shape)
        return part if self.gates is None else reorder(part, self.gates)

    def to_own(self, weight: np.ndarray, now: np.ndarray) -> np.ndarray:
        """Return the array `now` of the lane with this weight (neutral) in it."""
        if self.gates is not None:
            weight = reorder(weight, tuple(np.argsort(self.gates)))
        if self.shape is not None:
            weight = weight.reshape(self._part(now).shape)
        if self.axes is not None:
            weight = weight.transpose(np.argsort(self.axes))
        if self.row is None:
            return np.asarray(weight, order="C")
        whole = now.copy()
        whole[self._index] = weight
        return whole

    @property
    def _index(self) -> Any:
        """The rows, as NumPy takes them."""
        return slice(*self.row) if isinstance(self.row, tuple) else self.row

    def _part(self, array: np.ndarray) -> np.ndarray:
        """Return the rows of `array`, transposed."""
        part = array if self.row is None else array[self._index]
        return part if self.axes is None else part.transpose(self.axes)


def reorder(array: np.ndarray, gates: tuple[int, ...]) -> np.ndarray:
    """Put the gates, equal blocks along the last axis, into another order.

    Args:
        array: Shape (..., gates * D).
        gates: For each gate of the result, its place in `array`.
    """
    blocks = np.split(array, len(gates), axis=-1)
    return np.concatenate([blocks[gate] for gate in gates], axis=-1)


@dataclass(frozen=True)
class Entry:
    """One weight of a model: the framework's own tensor, and how it is laid out.

    Attributes:
        tensor: The tensor.
        slot: How it is laid out.
        trainable: Whether gradient descent may change it.
        dtype: The name of its dtype: `"float32"`.
    """

    tensor: Any
    slot: Slot
    trainable: bool
    dtype: str


class Entries(dict[str, Entry]):
    """A model's weights by neutral name.

    Attributes:
        aliases: Other names of these weights, or of layers, and the names that count.
    """

    def __init__(self) -> None:
        super().__init__()
        self.aliases: dict[str, str] = {}


def read(
    entries: Mapping[str, Entry], to_numpy: Callable[[Any], np.ndarray]
) -> Weights:
    """Return a copy of every weight in `entries`, in the neutral layout."""
    return {
        name: entry.slot.to_neutral(_plain(to_numpy(entry.tensor))).copy()
        for name, entry in entries.items()
    }


def write(
    who: str,
    entries: Entries,
    weights: Mapping[str, np.ndarray],
    to_numpy: Callable[[Any], np.ndarray],
    assign: Callable[[Any, np.ndarray], None],
    held: Callable[[Any, np.ndarray], np.ndarray] = lambda tensor, array: array,
) -> None:
    """Write neutral `weights` into `entries`; all of them, or none at all.

    Args:
        who: The calling function, for error messages.
        entries: The model's weights by neutral name.
        weights: The arrays to write; names and shapes must be exactly the model's.
        to_numpy: Reads a tensor of the lane (for its shape and dtype).
        assign: Writes an array in the lane's axis order and dtype into a tensor.
        held: Returns what a tensor's dtype makes of an array, for dtypes that
            `to_numpy` reads as a wider one.

    Raises:
        TypeError: If they are no arrays by name, or not of numbers.
        ValueError: If a name is missing or unknown, a shape differs, or a number can't
            be held by the model's dtype.
    """
    if not isinstance(weights, Mapping):
        raise TypeError(
            f"{who}: expected NumPy arrays by name, received {type(weights).__name__}"
        )
    _check_names(who, entries, set(weights))
    now = {name: to_numpy(entry.tensor) for name, entry in entries.items()}
    checked = {}
    for name, entry in entries.items():
        neutral = entry.slot.to_neutral(now[name])
        array = _fitting(f"{who}: expected", name, weights[name], neutral)
        _check_finite(who, name, entry, held(entry.tensor, array), neutral)
        checked[name] = array
    try:
        for name, entry in entries.items():
            own = entry.slot.to_own(checked[name], to_numpy(entry.tensor))
            assign(entry.tensor, own)
    except BaseException:  # of the framework, or Ctrl-C: put back what was there
        for name, entry in entries.items():
            if not np.array_equal(to_numpy(entry.tensor), now[name], equal_nan=True):
                assign(entry.tensor, now[name])
        raise


def _plain(array: np.ndarray) -> np.ndarray:
    """Return dtypes that NumPy lacks (of ml_dtypes, such as bfloat16) as float32."""
    return array if array.dtype.kind in "fc" else array.astype(np.float32)


def _fitting(expected: str, name: str, given: Any, now: np.ndarray) -> np.ndarray:
    """Return a copy of what was given for a weight, of the dtype that is there now."""
    if not isinstance(given, np.ndarray | np.generic):
        raise TypeError(
            f"{expected} a NumPy array for {name!r}, received {type(given).__name__}"
        )
    if given.shape != now.shape:
        raise ValueError(
            f"{expected} shape {now.shape} for {name!r}, received {given.shape}"
        )
    is_complex = now.dtype.kind == "c"
    kinds = "iufcV" if is_complex else "iufV"  # V: ml_dtypes' bfloat16
    if given.dtype.kind not in kinds or given.dtype.names:
        kind = "complex" if is_complex else "real"
        raise TypeError(
            f"{expected} {kind} numbers for {name!r}, received dtype {given.dtype}"
        )
    with np.errstate(over="ignore"):
        return np.array(given, dtype=now.dtype)


def _check_finite(
    who: str, name: str, entry: Entry, array: np.ndarray, now: np.ndarray
) -> None:
    bad = ~np.isfinite(array) & (array != now)
    if bad.any():
        raise ValueError(
            f"{who}: expected finite numbers that {entry.dtype} can hold for {name!r}, "
            f"received one that becomes {array[bad].flat[0]}"
        )


def _check_names(who: str, entries: Entries, received: set[str]) -> None:
    missing = sorted(set(entries) - received)
    unknown = sorted(map(str, received - set(entries)))
    if missing or unknown:
        shared = [
            f"{alias!r} is another name of {first or 'the model'!r}"
            for alias, first in entries.aliases.items()
            if any(f"{name}/".startswith(f"{alias}/") for name in unknown)
        ]
        raise ValueError(
            f"{who}: expected exactly the weights of the model; "
            f"missing {missing}, unknown {unknown}" + "".join(f"; {s}" for s in shared)
        )
