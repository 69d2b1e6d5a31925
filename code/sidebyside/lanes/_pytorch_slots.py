"""The table of PyTorch's layers: what their weights are called, how they lie."""

from collections.abc import Callable
from typing import Any

from torch import nn

from sidebyside import counterparts
from sidebyside.layout import Slot

Slots = tuple[Slot, ...]

_BIAS = Slot("bias", "bias")
_NORM = (Slot("weight", "gamma"), Slot("bias", "beta"))
_MOVING = (Slot("running_mean", "moving_mean"), Slot("running_var", "moving_variance"))
_EMBEDDING = (Slot("weight", "embeddings"),)
_LAYERS: dict[type[nn.Module], Slots] = {
    nn.Linear: (Slot("weight", "kernel", (1, 0)), _BIAS),
    # (out, in1, in2) -> (in1, in2, out)
    nn.Bilinear: (Slot("weight", "kernel", (1, 2, 0)), _BIAS),
    # (out, in, W) -> (W, in, out), and so on
    nn.Conv1d: (Slot("weight", "kernel", (2, 1, 0)), _BIAS),
    nn.Conv2d: (Slot("weight", "kernel", (2, 3, 1, 0)), _BIAS),
    nn.Conv3d: (Slot("weight", "kernel", (2, 3, 4, 1, 0)), _BIAS),
    # (in, out, W) -> (W, out, in), and so on
    nn.ConvTranspose1d: (Slot("weight", "kernel", (2, 1, 0)), _BIAS),
    nn.ConvTranspose2d: (Slot("weight", "kernel", (2, 3, 1, 0)), _BIAS),
    nn.ConvTranspose3d: (Slot("weight", "kernel", (2, 3, 4, 1, 0)), _BIAS),
    nn.modules.batchnorm._NormBase: (*_NORM, *_MOVING),  # batch and instance norm
    nn.LayerNorm: _NORM,
    nn.GroupNorm: _NORM,
    nn.RMSNorm: (Slot("weight", "gamma"),),
    nn.Embedding: _EMBEDDING,
    nn.EmbeddingBag: _EMBEDDING,
    nn.PReLU: (Slot("weight", "alpha"),),
}


def slots(module: nn.Module) -> Slots | None:
    """Return how the weights of a layer are laid out; None if it is not known.

    Raises:
        ValueError: If it has a setting that has no counterpart; in the words of
            `sidebyside.counterparts`.
    """
    for kind in type(module).__mro__:
        if kind in _LAYERS:
            return _LAYERS[kind]
        if kind in _BY_SETTINGS:
            return _BY_SETTINGS[kind](module)
    return None


def children(module: nn.Module) -> dict[str, nn.Module | None]:
    """Return the modules directly below a module, by their neutral names."""
    if is_loss(module):
        return {}
    if isinstance(module, nn.MultiheadAttention):
        names = {"out_proj": "attention_output"}
        below = module._modules.items()
        return {names.get(name, name): child for name, child in below}
    return dict(module._modules)


def is_no_weight(module: nn.Module, slot: Slot, tensor: Any) -> bool:
    """Tell whether it is a second bias, of one that is enough, frozen at zero."""
    if not isinstance(module, nn.RNNBase | nn.RNNCellBase) or _kind(module) == "GRU":
        return False
    is_second = slot.neutral.endswith("recurrent_bias")
    return is_second and not tensor.requires_grad and not tensor.any()


def is_loss(module: nn.Module) -> bool:
    """Tell whether it is a loss that has nothing but constants: weights of classes."""
    learns = getattr(nn, "LinearCrossEntropyLoss", ())  # from PyTorch 2.13 on
    return isinstance(module, nn.modules.loss._Loss) and not isinstance(module, learns)


def _kind(module: nn.RNNBase | nn.RNNCellBase) -> str:
    kinds = {"LSTM": (nn.LSTM, nn.LSTMCell), "GRU": (nn.GRU, nn.GRUCell)}
    return next((kind for kind, of in kinds.items() if isinstance(module, of)), "RNN")


_GATES = {"LSTM": None, "GRU": (1, 0, 2), "RNN": None}
"""PyTorch's order is i, f, g, o, as in Keras; and r, z, n."""


def _step(module: nn.RNNBase | nn.RNNCellBase, end: str = "", where: str = "") -> Slots:
    """Name the weights of one layer in one direction."""
    gates = _GATES[_kind(module)]
    return (
        Slot(f"weight_ih{end}", f"{where}kernel", (1, 0), gates),
        Slot(f"weight_hh{end}", f"{where}recurrent_kernel", (1, 0), gates),
        Slot(f"bias_ih{end}", f"{where}bias", None, gates),
        Slot(f"bias_hh{end}", f"{where}recurrent_bias", None, gates),
    )


def _recurrent(module: nn.RNNBase) -> Slots:
    """Name the weights of all layers and directions."""
    if module.proj_size:
        raise ValueError(counterparts.instead("LSTM with a projection"))
    both = {"forward/": "", "backward/": "_reverse"}
    ways = both if module.bidirectional else {"": ""}
    return tuple(
        slot
        for k in range(module.num_layers)
        for way, end in ways.items()
        for slot in _step(
            module, f"_l{k}{end}", way if module.num_layers == 1 else f"{k}/{way}"
        )
    )


def _attention(module: nn.MultiheadAttention) -> Slots:
    """Name the weights of the three projections; the fourth is a layer below."""
    if module.bias_k is not None:
        raise ValueError(counterparts.instead("attention with biased keys"))
    E, parts = module.embed_dim, ("query", "key", "value")
    rows = {part: (k * E, (k + 1) * E) for k, part in enumerate(parts)}
    named = []
    for part, row in rows.items():
        if module.in_proj_weight is None:  # (E, kdim) and (E, vdim)
            named.append(Slot(f"{part[0]}_proj_weight", f"{part}/kernel", (1, 0)))
        else:  # one tensor, (3E, E)
            named.append(Slot("in_proj_weight", f"{part}/kernel", (1, 0), row=row))
        named.append(Slot("in_proj_bias", f"{part}/bias", row=row))
    return tuple(named)


_BY_SETTINGS: dict[type[nn.Module], Callable[[Any], Slots]] = {
    nn.RNNBase: _recurrent,
    nn.RNNCellBase: _step,
    nn.MultiheadAttention: _attention,
}
