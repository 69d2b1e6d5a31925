"""The catalogue of causes: why two ports of one model part, found by their numbers.

| cause | how it is found |
|---|---|
| layout before a flatten | the dense layer's inputs are the same in another order |
| padding; padding before a layer | the convolution is computed anew with each padding |
| pooling | each pool in use, with its padding counted and left out |
| interpolation | each rule of places, `align_corners` on and off |
| activation | each form of each activation, with each usual slope |
| scale of the inputs; integer division | the same, for what is done to the inputs |
| epsilon or mode of a normalization | each kind, epsilon and mode |
| meaning of momentum | averages after one batch, by each meaning |
| order of gates | an LSTM or GRU with its gates in each order |
| meaning of a mask | the target's layer is called with its mask inverted |
| layers paired the wrong way round | another layer gives what this one should |
| training mode | zeros at random places, all others larger by one factor |
| a constant | each channel differs by one number, as by a bias |
| dtype | all numbers of one model have few significant bits |

A cause is named only if its numbers come out: what the source gives is one form, what
the target gives another. So a cause is never guessed from a setting; where none fits,
none is named.
"""

from collections.abc import Callable

from sidebyside.port.causes import _elementwise, _gates, _layers, _norms, _spatial
from sidebyside.port.causes._solve import Candidates, Found, Parting, solve

__all__ = ["CATALOGUE", "Found", "Parting", "find"]

CATALOGUE: dict[str, Callable[[Parting], Candidates]] = {
    **_norms.CANDIDATES,
    **_spatial.CANDIDATES,
    **_gates.CANDIDATES,
    **_elementwise.CANDIDATES,
}
"""Cause -> what would come out in each of its forms."""


REMEDIES = {
    "layout before a flatten": (
        "Give match() the sizes that the source flattens, channels first: "
        "flattened={'target/path': (C, H, W)}."
    ),
    "padding": "Pad by hand before the layer, and let the layer pad nothing.",
    "padding before a layer": "Pad the same number on the same sides in both models.",
    "pooling": "Pad by hand, or give both models the same size, stride and padding.",
    "interpolation": "Choose the same rule of places; PyTorch has `align_corners`.",
    "activation": "Name the form and its constants in both models.",
    "scale of the inputs": "Do the same to the inputs in both models.",
    "integer division": "`//` drops the remainder, `/` keeps it: write the same.",
    "epsilon or mode of a normalization": (
        "Give both layers the same epsilon, and call both in evaluation mode."
    ),
    "meaning of momentum": (
        "Keras and `tfcore` weigh the old average by momentum, PyTorch the new batch: "
        "write 1 - momentum."
    ),
    "order of gates": (
        "Reorder the blocks of kernel, recurrent kernel and bias before copying."
    ),
    "meaning of a mask": "Invert the mask in one of the models.",
    "layers paired the wrong way round": (
        "Say the pair: match(..., pairs={'source/path': 'target/path'})."
    ),
    "training mode": "Call `model.eval()`, or pass `training=False`.",
    "a constant": "Look for a bias or a constant that one of the models adds.",
    "dtype": "Compare both in float32 or float64.",
}
"""Cause -> what to do about it."""


def find(parting: Parting) -> list[Found]:
    """Return the causes whose numbers come out, the most particular one first."""
    found = [f for finder in _layers.FINDERS[:-1] for f in finder(parting)]
    for cause, candidates in CATALOGUE.items():
        if not found:
            found += solve(cause, parting, candidates)
    return found or list(_layers.dtypes(parting))
