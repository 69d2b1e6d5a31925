"""The layers of a PyTorch model, and the weights that they hold."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from sidebyside.lanes._names import Names, collect, walk
from sidebyside.lanes._pytorch_slots import children, is_loss, is_no_weight, slots
from sidebyside.layout import Entries, Entry, Slot

_HOLDERS = (  # built in, without a weight of their own: what they hold is the user's
    nn.Module,
    nn.Sequential,
    nn.ModuleList,
    nn.ModuleDict,
    nn.ParameterList,
    nn.ParameterDict,
)
_WRAPPERS = (
    nn.DataParallel,
    nn.parallel.DistributedDataParallel,
    torch.optim.swa_utils.AveragedModel,
)
_WRAPPED = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
"""Where `torch.compile`, FSDP and activation checkpointing keep the module inside."""


def unwrap(module: nn.Module) -> nn.Module:
    """Return what a wrapper such as `torch.compile`'s holds; else the module itself."""
    inside = [module._modules[name] for name in _WRAPPED if name in module._modules]
    if isinstance(module, _WRAPPERS):
        inside = [module.module]
    return module if not inside or inside[0] is None else unwrap(inside[0])


def entries(model: nn.Module) -> Entries:
    """Return the model's weights by name.

    Raises:
        TypeError: If it is no module.
        ValueError: If a layer has no neutral layout, or no numbers yet.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(
            f"get_weights: expected a torch.nn.Module, received {type(model).__name__}"
        )
    result = Entries()
    modules = walk(unwrap(model), _children, result.aliases)
    return collect((w for path, module in modules for w in _own(path, module)), result)


def _children(module: nn.Module) -> list[tuple[str, nn.Module]]:
    below = children(module).items()
    return [(name, unwrap(child)) for name, child in below if child is not None]


def _own(path: Names, module: nn.Module) -> Iterator[tuple[Names, Entry]]:
    """Yield the weights of one module, without those of the modules below it."""
    for slot in _slots("/".join(path), module):
        tensor = getattr(module, slot.own, None)
        if tensor is None:  # bias=False, affine=False, track_running_stats=False
            continue
        _check(path, module, slot.own, tensor)
        if is_no_weight(module, slot, tensor):
            continue
        trainable = isinstance(tensor, nn.Parameter) and tensor.requires_grad
        dtype = str(tensor.dtype).removeprefix("torch.")
        yield (*path, *slot.neutral.split("/")), Entry(tensor, slot, trainable, dtype)


def _check(path: Names, module: nn.Module, own: str, tensor: Any) -> None:
    """Refuse what a value can't be written into."""
    where = f"{own!r} of {type(module).__name__} at {'/'.join(path)!r}"
    if own not in module._parameters and own not in module._buffers:
        raise ValueError(
            f"get_weights: expected a parameter or buffer as {where}, received a "
            "tensor computed from others, as by weight norm, spectral norm, pruning "
            "or a parametrization; remove that first, as by "
            "torch.nn.utils.parametrize.remove_parametrizations"
        )
    if isinstance(tensor, nn.parameter.UninitializedTensorMixin):
        raise ValueError(
            "get_weights: expected a built model; call it on a batch first, received "
            f"no shape yet for {where}"
        )
    if tensor.is_meta:
        raise ValueError(
            f"get_weights: expected numbers as {where}, received the device 'meta'"
        )


def _slots(path: str, module: nn.Module) -> tuple[Slot, ...]:
    if is_loss(module):
        return ()
    try:
        known = slots(module)
    except ValueError as error:
        raise ValueError(
            "get_weights: expected a layer that has a counterpart, received "
            f"{type(module).__name__} at {path!r}: {error}"
        ) from None
    if known is None and type(module) not in _HOLDERS and _is_built_in(module):
        raise ValueError(
            "get_weights: expected a layer of sidebyside.counterparts, or your own "
            f"module; received {type(module).__name__} at {path!r}, which has no "
            "neutral layout"
        )
    known = known or ()
    named = {slot.own for slot in known}
    own = (name for name, _ in module.named_parameters(recurse=False))
    return (*known, *(Slot(name, name) for name in own if name not in named))


def _is_built_in(module: nn.Module) -> bool:
    """Tell whether it is a layer of PyTorch's or Keras' own that holds numbers.

    Quantized layers hold theirs where neither parameters nor buffers show them, and
    Keras, whose layers are modules on the backend of PyTorch, in a module below.
    """
    where = type(module).__module__
    if where.startswith("torch.ao.nn.") or _is_keras(module):
        return True
    state = [*module._parameters.values(), *module._buffers.values()]
    return where.startswith("torch.") and any(tensor is not None for tensor in state)


def _is_keras(module: nn.Module) -> bool:
    return any(kind.__module__.startswith("keras.") for kind in type(module).__mro__)
