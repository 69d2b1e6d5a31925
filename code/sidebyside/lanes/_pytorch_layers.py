"""What the weights of PyTorch's layers are called, and how they are laid out."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from sidebyside.lanes._names import Path, collect, walk
from sidebyside.layout import Entries, Entry, Slot

_NORM = (Slot("weight", "gamma"), Slot("bias", "beta"))
_BATCH_NORM = (
    *_NORM,
    Slot("running_mean", "moving_mean"),
    Slot("running_var", "moving_variance"),
)
_RECURRENT = (nn.LSTM, nn.GRU)
_GATES = {nn.LSTM: None, nn.GRU: (1, 0, 2)}  # i, f, g, o as in Keras; r, z, n
_LAYERS: dict[type[nn.Module], tuple[Slot, ...]] = {
    nn.Linear: (Slot("weight", "kernel", (1, 0)), Slot("bias", "bias")),
    # (out, in, W) -> (W, in, out); (out, in, H, W) -> (H, W, in, out)
    nn.Conv1d: (Slot("weight", "kernel", (2, 1, 0)), Slot("bias", "bias")),
    nn.Conv2d: (Slot("weight", "kernel", (2, 3, 1, 0)), Slot("bias", "bias")),
    nn.BatchNorm1d: _BATCH_NORM,
    nn.BatchNorm2d: _BATCH_NORM,
    nn.LayerNorm: _NORM,
    nn.Embedding: (Slot("weight", "embeddings"),),
}
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
    if isinstance(module, nn.modules.loss._Loss):  # the weights of classes
        return []
    children = module._modules.items()
    return [(name, unwrap(child)) for name, child in children if child is not None]


def _own(path: Path, module: nn.Module) -> Iterator[tuple[Path, Entry]]:
    """Yield the weights of one module, without those of the modules below it."""
    for slot in _slots("/".join(path), module):
        tensor = getattr(module, slot.own, None)
        if tensor is None:  # bias=False, affine=False, track_running_stats=False
            continue
        _check(path, module, slot.own, tensor)
        if isinstance(module, nn.LSTM) and _is_no_weight(slot, tensor):
            continue
        trainable = isinstance(tensor, nn.Parameter) and tensor.requires_grad
        dtype = str(tensor.dtype).removeprefix("torch.")
        yield (*path, *slot.neutral.split("/")), Entry(tensor, slot, trainable, dtype)


def _check(path: Path, module: nn.Module, own: str, tensor: Any) -> None:
    """Refuse what a value can't be written into."""
    where = f"{own!r} of {type(module).__name__} at {'/'.join(path)!r}"
    if own not in module._parameters and own not in module._buffers:
        raise ValueError(
            f"get_weights: expected a parameter or buffer as {where}, received a "
            "tensor computed from others, as by weight norm, spectral norm, pruning "
            "or a parametrization; remove that first"
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
    if isinstance(module, nn.modules.loss._Loss):
        return ()
    if isinstance(module, _RECURRENT):
        return _recurrent(path, module)
    known = next((_LAYERS[k] for k in type(module).__mro__ if k in _LAYERS), ())
    if not known and type(module) not in _HOLDERS and _is_built_in(module):
        expected = ", ".join(kind.__name__ for kind in (*_LAYERS, *_RECURRENT))
        raise ValueError(
            f"get_weights: expected one of the layers {expected}, or your own module; "
            f"received {type(module).__name__} at {path!r}, which has no neutral layout"
        )
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
    slots = []
    for where, end in (both if module.bidirectional else {"": ""}).items():
        slots += [
            Slot(f"weight_ih_l0{end}", f"{where}kernel", (1, 0), gates),
            Slot(f"weight_hh_l0{end}", f"{where}recurrent_kernel", (1, 0), gates),
            Slot(f"bias_ih_l0{end}", f"{where}bias", None, gates),
            Slot(f"bias_hh_l0{end}", f"{where}recurrent_bias", None, gates),
        ]
    return tuple(slots)


def _is_no_weight(slot: Slot, tensor: torch.Tensor) -> bool:
    """Tell whether it is the second bias of an LSTM, frozen at zero."""
    is_second = slot.neutral.endswith("recurrent_bias")
    return is_second and not tensor.requires_grad and not tensor.any()
