"""Which layers of the three frameworks are counterparts, and what their weights are.

Every class of `torch.nn` and of `keras.layers` that has weights stands here. How the
weights are laid out is said in `sidebyside.layout`.
"""

from sidebyside.counterparts._by_example import CONVOLUTIONS, DENSE, NORMS
from sidebyside.counterparts._in_sequences import (
    ATTENTION,
    EMBEDDINGS,
    OTHERS,
    RECURRENT,
)
from sidebyside.counterparts._row import Counterpart
from sidebyside.records import Table

__all__ = ["COUNTERPARTS", "Counterpart", "instead", "table"]

COUNTERPARTS: tuple[Counterpart, ...] = (
    *DENSE,
    *CONVOLUTIONS,
    *NORMS,
    *EMBEDDINGS,
    *RECURRENT,
    *ATTENTION,
    *OTHERS,
)
"""The kinds of layers, in the order of a textbook."""


def instead(kind: str) -> str:
    """Return what to do instead of a kind of layer that `get_weights` refuses.

    Args:
        kind: Its name in `COUNTERPARTS`.

    Raises:
        ValueError: If there is no such kind, or it is not refused.
    """
    refused = {row.kind: row.instead for row in COUNTERPARTS if row.instead}
    if kind not in refused:
        raise ValueError(f"instead: expected one of {[*refused]}, received {kind!r}")
    return refused[kind]


def table() -> Table:
    """Return all kinds of layers, to be looked at; PyTorch's lazy ones left out."""
    header = ["layer", "PyTorch", "TensorFlow core", "Keras", "to know"]
    rows = [
        [
            row.kind,
            *map(_said, (row.pytorch, row.tensorflow, row.keras)),
            f"Refused: {row.instead}" if row.instead else row.note,
        ]
        for row in COUNTERPARTS
    ]
    return Table(f"{len(rows)} kinds of layers", header, rows)


def _said(paths: tuple[str, ...]) -> str:
    """Return the last names of classes: `Conv1d, Conv2d`."""
    names = [path.rpartition(".")[2] for path in paths]
    return ", ".join(name for name in names if not name.startswith("Lazy")) or "-"
