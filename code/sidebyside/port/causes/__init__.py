"""The catalogue of causes: why two ports of one model part, found by their numbers.

A cause is named only if its numbers come out: what the source gives is one form, what
the target gives another. So a cause is never guessed from a setting; where none fits,
none is named.
"""

from collections.abc import Callable

from sidebyside.port.causes import _elementwise, _gates, _layers, _norms, _spatial
from sidebyside.port.causes._solve import Candidates, Found, Parting, solve
from sidebyside.records import Table

__all__ = ["CATALOGUE", "HOW", "REMEDIES", "Found", "Parting", "find", "table"]

CATALOGUE: dict[str, Callable[[Parting], Candidates]] = {
    **_norms.CANDIDATES,
    **_spatial.CANDIDATES,
    **_gates.CANDIDATES,
    **_elementwise.CANDIDATES,
}
"""Cause -> what would come out in each of its forms."""

HOW = {
    "layout before a flatten": (
        "The dense layer's inputs are the same numbers in another order.",
        "Give `match` the sizes that are flattened, channels first: "
        "`flattened={'target/path': (C, H, W)}`.",
    ),
    "order of a concatenation": (
        "Arrays that came before are joined in either order.",
        "Join them in the same order in both models.",
    ),
    "padding": (
        "The convolution is computed anew with each padding in use.",
        "Pad by hand before the layer, and let the layer pad nothing.",
    ),
    "padding before a layer": (
        "The layer's input is what came before with zeros around it.",
        "Pad the same number on the same sides in both models.",
    ),
    "pooling": (
        "Each usual pool is computed, with padding counted and left out.",
        "Pad by hand, or give both models the same size, stride and padding.",
    ),
    "interpolation": (
        "Each rule of places is computed, linear and nearest.",
        "Choose the same rule; PyTorch's is called `align_corners`.",
    ),
    "activation": (
        "Each form of each activation is computed, with each usual constant.",
        "Name the form and its constants in both models.",
    ),
    "scale of the inputs": (
        "Each usual scale, and the channels in the other order, is computed.",
        "Do the same to the inputs in both models.",
    ),
    "integer division": (
        "Quotients are computed with and without the remainder.",
        "`//` drops the remainder and `/` keeps it: write the same in both.",
    ),
    "epsilon or mode of a normalization": (
        "Each kind of normalization is computed with each usual epsilon, of a batch "
        "norm in both modes.",
        "Give both layers the same epsilon, and call both in evaluation mode.",
    ),
    "meaning of momentum": (
        "The averages after one batch are computed by each meaning.",
        "Keras and `tfcore` weigh the old average by momentum, PyTorch the new batch: "
        "write 1 - momentum.",
    ),
    "order of gates": (
        "An LSTM or GRU is computed with its gates in each order.",
        "Reorder the blocks of kernel, recurrent kernel and bias before copying.",
    ),
    "meaning of a mask": (
        "The target's layer is called again with its mask inverted.",
        "Invert the mask in one of the models.",
    ),
    "layers paired the wrong way round": (
        "Layers with one input and one shape are tried in each order.",
        "Say the pair: `match(..., pairs={'source/path': 'target/path'})`.",
    ),
    "training mode": (
        "Numbers at random places are zero, and all others larger by one factor.",
        "Call `model.eval()`, or pass `training=False`.",
    ),
    "a constant": (
        "Each channel differs by one number.",
        "Look for a bias or a constant that one of the models adds.",
    ),
    "dtype": (
        "All numbers of one model can be written with few significant bits.",
        "Compare both in float32 or float64.",
    ),
}
"""Cause -> how it is found, and what to do about it."""
REMEDIES = {cause: remedy for cause, (_, remedy) in HOW.items()}


def table() -> Table:
    """Return the catalogue, to be looked at."""
    rows = [[cause, *said] for cause, said in HOW.items()]
    caption = f"{len(rows)} causes that are found by their numbers"
    return Table(caption, ["cause", "how it is found", "what to do"], rows)


def find(parting: Parting) -> list[Found]:
    """Return the causes whose numbers come out, the most particular one first."""
    causes = [f for finder in _layers.FINDERS for f in finder(parting)]
    for cause, candidates in CATALOGUE.items():
        if causes:
            return causes
        causes += solve(cause, parting, candidates)
    return causes or list(_layers.dtypes(parting))
