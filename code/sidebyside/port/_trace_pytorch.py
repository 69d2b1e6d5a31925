"""Hooks on every module of a PyTorch model."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from sidebyside.lanes import pytorch as lane
from sidebyside.lanes._names import walk
from sidebyside.lanes._pytorch_layers import _children, entries, unwrap
from sidebyside.port._trace import Call, Calls, To, flat


def calls(
    model: nn.Module,
    arguments: tuple[list[np.ndarray], dict[str, np.ndarray]],
    training: bool | None,
) -> Calls:
    """Call the model and return the calls of its modules."""
    noted, inside = Calls(), unwrap(model)
    running: list[Call] = []

    def end(module: nn.Module, given: Any, outputs: Any) -> None:
        running.pop().outputs |= flat(outputs, _numpy)

    with ExitStack() as stack:
        stack.enter_context(_every_layer())
        stack.enter_context(_mode(inside, training))
        for names, module in walk(inside, _children, {}):
            path = "/".join(names)

            def begin(
                module: nn.Module, given: Any, named: Any, path: str = path
            ) -> None:
                running.append(noted.note(path, module, given, named, TO))

            handles = (
                module.register_forward_pre_hook(begin, with_kwargs=True),
                module.register_forward_hook(end),
            )
            for handle in handles:
                stack.callback(handle.remove)
        given, named = arguments
        with torch.no_grad():
            inside(
                *(_tensor(inside, array) for array in given),
                **{name: _tensor(inside, array) for name, array in named.items()},
            )
    return noted


@contextmanager
def _every_layer() -> Iterator[None]:
    """Switch off the fused kernels of attention, which call no layer inside."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@contextmanager
def _mode(model: nn.Module, training: bool | None) -> Iterator[None]:
    before = {module: module.training for module in model.modules()}
    weights = {id(entry.tensor) for entry in entries(model).values()}
    buffers = [  # such as the number of batches that a batch norm saw
        (module, name, buffer, buffer.clone())
        for module in before
        for name, buffer in module.named_buffers(recurse=False)
        if id(buffer) not in weights
    ]
    if training is not None:
        model.train(training)
    try:
        yield
    finally:
        for module, mode in before.items():
            module.training = mode
        for module, name, buffer, kept in buffers:
            setattr(module, name, buffer.copy_(kept))


def _tensor(model: nn.Module, array: np.ndarray) -> torch.Tensor:
    parameter = next(model.parameters(), None)
    return torch.tensor(array, device=None if parameter is None else parameter.device)


def _numpy(value: Any) -> np.ndarray | None:
    return lane.to_numpy(value) if isinstance(value, torch.Tensor) else None


def _call(module: nn.Module, given: Any, named: Any) -> Any:
    with _every_layer(), torch.no_grad():
        return module.forward(*given, **named)


TO = To(_numpy, torch.logical_not, _call)
