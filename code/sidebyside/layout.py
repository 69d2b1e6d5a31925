"""The book's neutral weight layout: one naming and one axis order for three lanes.

A model's weights are a flat `dict` from name to NumPy array. A name is the path of the
layer and the name of the weight, joined by `/`: `"hidden/kernel"`. The path consists of
the attribute names in PyTorch and TensorFlow and of the layer names in Keras, so a
chapter gives a layer the same name in all three lanes.

| layer | neutral name and shape | PyTorch | TensorFlow core | Keras |
|---|---|---|---|---|
| dense | `kernel` (in, out) | `weight` (out, in) | `kernel` | `kernel` |
| | `bias` (out,) | `bias` | `bias` | `bias` |
| convolution 1-D | `kernel` (W, in, out) | `weight` (out, in, W) | `kernel` | `kernel` |
| convolution 2-D | `kernel` (H, W, in, out) | `weight` (out, in, H, W) | `kernel` | `kernel` |
| | `bias` (out,) | `bias` | `bias` | `bias` |
| batch norm | `gamma`, `beta` (C,) | `weight`, `bias` | `gamma`, `beta` | the same |
| | `moving_mean`, `moving_variance` (C,) | `running_mean`, `running_var` | the same | the same |
| layer norm | `gamma`, `beta` (C,) | `weight`, `bias` | `gamma`, `beta` | the same |
| embedding | `embeddings` (vocabulary, D) | `weight` | `embeddings` | `embeddings` |
| LSTM | `kernel` (in, 4D), gates i, f, c, o | `weight_ih_l0` (4D, in) | `kernel` | `kernel` |
| | `recurrent_kernel` (D, 4D) | `weight_hh_l0` (4D, D) | `recurrent_kernel` | the same |
| | `bias` (4D,) | `bias_ih_l0` | `bias` | `bias` |
| | `recurrent_bias` (4D,) | `bias_hh_l0` | - | - |
| GRU | `kernel` (in, 3D), gates z, r, h | `weight_ih_l0` (3D, in), r, z, n | `kernel` | `kernel` |
| | `recurrent_kernel` (D, 3D) | `weight_hh_l0` (3D, D) | `recurrent_kernel` | the same |
| | `bias` (3D,) | `bias_ih_l0` | `bias` | `bias[0]` |
| | `recurrent_bias` (3D,) | `bias_hh_l0` | `recurrent_bias` | `bias[1]` |
| bidirectional | `forward/...`, `backward/...` | `..._l0`, `..._l0_reverse` | `forward`, `backward` | the wrapped layers |
| bare parameter | its own name, any shape | `nn.Parameter` | `tf.Variable` | `add_weight` |

Hyper-parameters are not weights and do not travel: batch norm's `momentum=0.1` in
PyTorch weighs the *new* batch, `momentum=0.99` in Keras weighs the *old* average
(PyTorch's 0.1 is Keras' 0.9), and their epsilons are 1e-5 and 1e-3.

An LSTM needs one bias, and PyTorch has two that are added. Both learn, so their sum
learns twice as fast. A `bias_hh_l0` that is all zero and frozen (`requires_grad` off) is
no weight and is left out: so a PyTorch LSTM has exactly the weights of the others. In a
GRU with `reset_after` (PyTorch's only form) both biases count, because the reset gate
stands between them.

Attention layers are not in the table yet: a lane that meets one says so instead of
guessing. A lane describes a layer by `Slot`s; adding a layer means adding
its slots to each lane.
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
            along the first axis.
    """

    own: str
    neutral: str
    axes: tuple[int, ...] | None = None
    gates: tuple[int, ...] | None = None
    row: int | None = None

    def to_neutral(self, array: np.ndarray) -> np.ndarray:
        """Return this weight of `array` (lane's axes) in the neutral order."""
        part = array if self.row is None else array[self.row]
        part = part if self.axes is None else part.transpose(self.axes)
        return part if self.gates is None else _reorder(part, self.gates)

    def to_own(self, weight: np.ndarray, now: np.ndarray) -> np.ndarray:
        """Return the array `now` of the lane with this weight (neutral) in it."""
        if self.gates is not None:
            weight = _reorder(weight, tuple(np.argsort(self.gates)))
        if self.axes is not None:
            weight = weight.transpose(np.argsort(self.axes))
        if self.row is None:
            return np.ascontiguousarray(weight)
        whole = now.copy()
        whole[self.row] = weight
        return whole


def _reorder(array: np.ndarray, gates: tuple[int, ...]) -> np.ndarray:
    """Put the gates, equal blocks along the last axis, into another order."""
    blocks = np.split(array, len(gates), axis=-1)
    return np.concatenate([blocks[gate] for gate in gates], axis=-1)


@dataclass(frozen=True)
class Entry:
    """One weight of a model: the framework's own tensor, and how it is laid out."""

    tensor: Any
    slot: Slot
    trainable: bool = True


Entries = dict[str, Entry]


def read(entries: Entries, to_numpy: Callable[[Any], np.ndarray]) -> Weights:
    """Return a copy of every weight in `entries`, in the neutral layout."""
    return {
        name: np.array(entry.slot.to_neutral(to_numpy(entry.tensor)))
        for name, entry in entries.items()
    }


def write(
    who: str,
    entries: Entries,
    weights: Mapping[str, np.ndarray],
    to_numpy: Callable[[Any], np.ndarray],
    assign: Callable[[Any, np.ndarray], None],
) -> None:
    """Write neutral `weights` into `entries`; all of them, or none at all.

    Args:
        who: The calling function, for error messages.
        entries: The model's weights by neutral name.
        weights: The arrays to write; names and shapes must be exactly the model's.
        to_numpy: Reads a tensor of the lane (for its shape and dtype).
        assign: Writes an array in the lane's axis order and dtype into a tensor.

    Raises:
        ValueError: If a name is missing or unknown, or a shape differs.
    """
    _check_names(who, set(entries), set(weights))
    checked = {}
    for name, entry in entries.items():
        now = to_numpy(entry.tensor)
        array = np.asarray(weights[name], dtype=now.dtype)
        expected = entry.slot.to_neutral(now).shape
        if array.shape != expected:
            raise ValueError(
                f"{who}: expected shape {expected} for {name!r}, received {array.shape}"
            )
        checked[name] = array
    for name, entry in entries.items():
        now = to_numpy(entry.tensor)
        assign(entry.tensor, entry.slot.to_own(checked[name], now))


def _check_names(who: str, expected: set[str], received: set[str]) -> None:
    missing, unknown = sorted(expected - received), sorted(received - expected)
    if missing or unknown:
        raise ValueError(
            f"{who}: expected exactly the weights of the model; "
            f"missing {missing}, unknown {unknown}"
        )
