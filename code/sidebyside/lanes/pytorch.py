"""The PyTorch lane."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from sidebyside import _checks, layout
from sidebyside.lanes._pytorch_layers import entries, unwrap
from sidebyside.lanes._watch import started
from sidebyside.lanes._watch_pytorch import watch
from sidebyside.layout import Weights
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

_IN_NUMPY = (torch.float16, torch.float32, torch.float64)


def seed(value: int) -> None:
    """Seed PyTorch's generators on every device.

    Args:
        value: 0 to 2**32 - 1, as in the other lanes.

    Raises:
        TypeError: If it is not whole.
        ValueError: If it is out of range.
    """
    torch.manual_seed(_checks.seed("seed", value, "value"))


def device() -> str:
    """Return the device that the book's PyTorch lane uses, e.g. `"cpu"`."""
    if torch.accelerator.is_available():
        return str(torch.accelerator.current_accelerator())
    return "cpu"


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """Return a NumPy copy of `tensor`: detached, on the CPU, same shape and dtype.

    A floating dtype that NumPy lacks, such as bfloat16, becomes float32.

    Raises:
        TypeError: If it is no tensor.
    """
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(
            f"to_numpy: expected a torch.Tensor, received {type(tensor).__name__}"
        )
    tensor = tensor.detach().cpu().resolve_conj()
    if tensor.is_floating_point() and tensor.dtype not in _IN_NUMPY:
        tensor = tensor.float()
    return tensor.numpy().copy()


def get_weights(model: nn.Module) -> Weights:
    """Return the weights of `model` in the neutral layout (see `sidebyside.layout`)."""
    return layout.read(entries(model), to_numpy)


def set_weights(model: nn.Module, weights: Mapping[str, np.ndarray]) -> None:
    """Write neutral `weights` into `model`, all of them or none.

    Raises:
        TypeError: If it is no module, or they are no arrays of numbers by name.
        ValueError: If names or shapes are not exactly the model's, or a number is not
            finite in the model's dtype.
    """
    layout.write("set_weights", entries(model), weights, to_numpy, _assign, _held)
    started(unwrap(model), weights)


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
        loss = loss_fn(model(prepare(X)), _targets(model, y))
        loss.backward()
        trainable = {name: e for name, e in entries(model).items() if e.trainable}
        by_name = layout.read(trainable, _gradient)
        model.zero_grad()
        return float(loss.detach()), by_name

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
        step=lambda X, y: _number(step(prepare(X), _targets(model, y))),
        predict=predict,
    )


def _targets(model: nn.Module, y: np.ndarray) -> torch.Tensor:
    """Return the targets where the model's parameters are."""
    parameter = next(model.parameters(), None)
    return torch.from_numpy(y).to(None if parameter is None else parameter.device)


def _number(loss: torch.Tensor | float) -> float:
    return float(loss.detach() if isinstance(loss, torch.Tensor) else loss)


def _gradient(tensor: torch.Tensor) -> np.ndarray:
    gradient = tensor.grad
    return np.zeros(tuple(tensor.shape)) if gradient is None else to_numpy(gradient)


def _held(tensor: torch.Tensor, array: np.ndarray) -> np.ndarray:
    return to_numpy(torch.from_numpy(array).to(tensor.dtype))


def _assign(tensor: torch.Tensor, array: np.ndarray) -> None:
    # a model that was made in inference mode can be written in inference mode only
    with torch.inference_mode(tensor.is_inference()), torch.no_grad():
        tensor.copy_(torch.from_numpy(array))
