"""PyTorch's watch: hooks on the model and on its optimizer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from sidebyside.lanes._pytorch_layers import unwrap
from sidebyside.lanes._watch import Seen, settings, watching

_DROPOUT = nn.modules.dropout._DropoutNd
_DEFAULT = {"dampening": 0, "maximize": False, "amsgrad": False}


@contextmanager
def watch(model: nn.Module) -> Iterator[Seen]:
    """Note what `model` is shown and how it is trained inside the `with` block.

    A forward hook notes each batch, a hook on all optimizers each step of those that
    hold a parameter of the model. Images (4 axes) are noted with their channels last.
    Several inputs must come as one argument, a sequence or a mapping of tensors.

    Yields:
        What was seen; read it when the block has ended.
    """
    seen, own = Seen(), {id(p) for p in model.parameters()}

    def forward(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        X = [_as_numpy(tensor) for tensor in _tensors(inputs[0])]
        seen.note(X, training=module.training)
        if module.training:
            seen.batch_sizes.append(len(X[0]))

    def step(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        groups = optimizer.param_groups
        if any(id(p) in own for group in groups for p in group["params"]):
            seen.rates.append(float(groups[0]["lr"]))
            seen.settings |= _settings(optimizer)

    hooks = [
        model.register_forward_pre_hook(forward),
        register_optimizer_step_post_hook(step),
    ]
    try:
        with watching(unwrap(model), seen):
            yield seen
    finally:
        for hook in hooks:
            hook.remove()
        rates = [m.p for m in model.modules() if isinstance(m, _DROPOUT)]
        seen.settings["dropout"] = np.array(rates, float)


def _tensors(inputs: Any) -> list[torch.Tensor]:
    if isinstance(inputs, Mapping):
        return [inputs[name] for name in sorted(inputs)]
    return list(inputs) if isinstance(inputs, list | tuple) else [inputs]


def _as_numpy(tensor: torch.Tensor) -> np.ndarray:
    X = tensor.detach().cpu()
    return (X.movedim(1, -1) if X.ndim == 4 else X).numpy()


def _settings(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    group = optimizer.param_groups[0]
    beta_1, beta_2 = group.get("betas", (None, None))
    values = {
        "momentum": group.get("momentum"),
        "nesterov": group.get("nesterov"),
        "weight decay": float(group.get("weight_decay", 0.0)),
        "beta 1": beta_1,
        "beta 2": beta_2,
        "epsilon": group.get("eps"),
    }
    extras = {k: group[k] for k, v in _DEFAULT.items() if k in group and group[k] != v}
    return settings(type(optimizer).__name__, values, extras)
