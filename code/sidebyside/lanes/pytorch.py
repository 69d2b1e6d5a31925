"""The PyTorch lane."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from sidebyside import layout
from sidebyside.lanes._watch import started
from sidebyside.lanes._watch_pytorch import watch
from sidebyside.layout import Entries, Entry, Slot, Weights
from sidebyside.parity import Lane, Value, to_arrays

__all__ = [
    "count_parameters",
    "device",
    "get_weights",
    "probe",
    "seed",
    "set_weights",
    "to_numpy",
    "watch",
]

_NORM = (Slot("weight", "gamma"), Slot("bias", "beta"))
_BATCH_NORM = (
    *_NORM,
    Slot("running_mean", "moving_mean"),
    Slot("running_var", "moving_variance"),
)
_RECURRENT = (nn.LSTM, nn.GRU)
_GATES = {nn.LSTM: None, nn.GRU: (1, 0, 2)}  # i, f, g, o as in Keras; r, z, n
LAYERS: dict[type[nn.Module], tuple[Slot, ...]] = {
    nn.Linear: (Slot("weight", "kernel", (1, 0)), Slot("bias", "bias")),
    # (out, in, W) -> (W, in, out); (out, in, H, W) -> (H, W, in, out)
    nn.Conv1d: (Slot("weight", "kernel", (2, 1, 0)), Slot("bias", "bias")),
    nn.Conv2d: (Slot("weight", "kernel", (2, 3, 1, 0)), Slot("bias", "bias")),
    nn.BatchNorm1d: _BATCH_NORM,
    nn.BatchNorm2d: _BATCH_NORM,
    nn.LayerNorm: _NORM,
    nn.Embedding: (Slot("weight", "embeddings"),),
}


_HOLDERS = (nn.ParameterList, nn.ParameterDict)  # of bare parameters


def seed(value: int) -> None:
    """Seed PyTorch's generators on every device."""
    torch.manual_seed(value)


def device() -> str:
    """Return the device that the book's PyTorch lane uses, e.g. `"cpu"`."""
    if torch.accelerator.is_available():
        return str(torch.accelerator.current_accelerator())
    return "cpu"


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """Return a NumPy copy of `tensor`: detached, on the CPU, same shape and dtype."""
    return tensor.detach().cpu().numpy().copy()


def get_weights(model: nn.Module) -> Weights:
    """Return the weights of `model` in the neutral layout (see `sidebyside.layout`)."""
    return layout.read(_entries(model), to_numpy)


def set_weights(model: nn.Module, weights: Mapping[str, np.ndarray]) -> None:
    """Write neutral `weights` into `model`, all of them or none.

    Raises:
        ValueError: If names or shapes are not exactly the model's.
    """
    entries = _entries(model)
    layout.write("set_weights", entries, weights, to_numpy, _assign)
    started(model, weights)


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers gradient descent may change."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def probe(
    model: nn.Module,
    loss_fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    *,
    step: Callable[[torch.Tensor, torch.Tensor], Any],
    prepare: Callable[[np.ndarray], torch.Tensor] = torch.from_numpy,
) -> Lane:
    """Wrap a model and its training step so that the parity ladder can compare them.

    Args:
        model: The model; it must keep its parameters between calls.
        loss_fn: `loss_fn(outputs, targets)` -> scalar tensor.
        step: The chapter's own training step, `step(X, y)` -> loss of that batch.
        prepare: Turns a NumPy batch of inputs into this lane's tensor (say, to
            channels first).

    Returns:
        A `sidebyside.parity.Lane` named `"pytorch"`.
    """

    def forward(X: np.ndarray) -> Value:
        with torch.no_grad():
            return to_arrays(model.train()(prepare(X)), to_numpy)

    def gradients(X: np.ndarray, y: np.ndarray) -> tuple[float, Weights]:
        model.train().zero_grad()
        loss = loss_fn(model(prepare(X)), torch.from_numpy(y))
        loss.backward()
        entries = {name: e for name, e in _entries(model).items() if e.trainable}
        found = layout.read(entries, _gradient)
        model.zero_grad()
        return float(loss.detach()), found

    def predict(X: np.ndarray) -> Value:
        with torch.no_grad():
            outputs = to_arrays(model.eval()(prepare(X)), to_numpy)
        model.train()  # a step that follows must not train in evaluation mode
        return outputs

    return Lane(
        name="pytorch",
        get_weights=lambda: get_weights(model),
        set_weights=lambda weights: set_weights(model, weights),
        count_parameters=lambda: count_parameters(model),
        forward=forward,
        gradients=gradients,
        step=lambda X, y: _number(step(prepare(X), torch.from_numpy(y))),
        predict=predict,
    )


def _number(loss: torch.Tensor | float) -> float:
    return float(loss.detach() if isinstance(loss, torch.Tensor) else loss)


def _gradient(tensor: torch.Tensor) -> np.ndarray:
    gradient = tensor.grad
    return np.zeros(tuple(tensor.shape)) if gradient is None else to_numpy(gradient)


def _assign(tensor: torch.Tensor, array: np.ndarray) -> None:
    with torch.no_grad():
        tensor.copy_(torch.from_numpy(array))


def _entries(model: nn.Module) -> Entries:
    entries: Entries = {}
    for path, module in model.named_modules():
        for slot in _slots(path, module):
            tensor = getattr(module, slot.own, None)
            if tensor is None:  # bias=False, affine=False, track_running_stats=False
                continue
            if isinstance(module, nn.LSTM) and _is_no_weight(slot, tensor):
                continue
            name = "/".join([*path.split("."), slot.neutral]).lstrip("/")
            trainable = isinstance(tensor, nn.Parameter) and tensor.requires_grad
            entries[name] = Entry(tensor, slot, trainable)
    return entries


def _slots(path: str, module: nn.Module) -> tuple[Slot, ...]:
    if isinstance(module, _RECURRENT):
        return _recurrent(path, module)
    known = next((LAYERS[k] for k in type(module).__mro__ if k in LAYERS), ())
    own = [name for name, _ in module.named_parameters(recurse=False)]
    state = own + [name for name, _ in module.named_buffers(recurse=False)]
    built_in = type(module).__module__.startswith("torch.nn.")
    if state and built_in and not known and not isinstance(module, _HOLDERS):
        expected = ", ".join(kind.__name__ for kind in (*LAYERS, *_RECURRENT))
        raise ValueError(
            f"get_weights: expected one of the layers {expected}, or your own module; "
            f"received {type(module).__name__} at {path!r}, which has no neutral layout"
        )
    named = {slot.own for slot in known}
    return (*known, *(Slot(name, name) for name in own if name not in named))


def _recurrent(path: str, module: nn.LSTM | nn.GRU) -> tuple[Slot, ...]:
    """Name the weights of one recurrent layer, in one direction or in both."""
    if module.num_layers > 1 or module.proj_size:
        raise ValueError(
            f"get_weights: expected {type(module).__name__} at {path!r} with "
            "num_layers=1 and proj_size=0 (stack layers of one), received "
            f"num_layers={module.num_layers} and proj_size={module.proj_size}"
        )
    gates = _GATES[nn.LSTM if isinstance(module, nn.LSTM) else nn.GRU]
    both = {"forward/": "", "backward/": "_reverse"}
    found = []
    for where, end in (both if module.bidirectional else {"": ""}).items():
        found += [
            Slot(f"weight_ih_l0{end}", f"{where}kernel", (1, 0), gates),
            Slot(f"weight_hh_l0{end}", f"{where}recurrent_kernel", (1, 0), gates),
            Slot(f"bias_ih_l0{end}", f"{where}bias", None, gates),
            Slot(f"bias_hh_l0{end}", f"{where}recurrent_bias", None, gates),
        ]
    return tuple(found)


def _is_no_weight(slot: Slot, tensor: torch.Tensor) -> bool:
    """Tell whether it is the second bias of an LSTM, frozen at zero."""
    is_second = slot.neutral.endswith("recurrent_bias")
    return is_second and not tensor.requires_grad and not tensor.any()
