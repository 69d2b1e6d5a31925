"""One colour, marker, line style and label for each lane, in every figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure


@dataclass(frozen=True)
class LaneStyle:
    """How a lane looks; the three also differ in grey and without colour."""

    label: str
    color: str
    marker: str
    linestyle: str
    linewidth: float
    alpha: float

    def line(self) -> dict[str, Any]:
        """Return the keyword arguments for `Axes.plot`."""
        return {
            "label": self.label,
            "color": self.color,
            "marker": self.marker,
            "linestyle": self.linestyle,
            "linewidth": self.linewidth,
            "alpha": self.alpha,
        }


LANES: dict[str, LaneStyle] = {
    "pytorch": LaneStyle("PyTorch", "#c2410c", "o", "-", 4.5, 0.35),
    "tensorflow": LaneStyle("TensorFlow", "#1d4ed8", "s", "--", 2.6, 0.7),
    "keras": LaneStyle("Keras", "#047857", "^", ":", 1.4, 1.0),
}


def style(lane: str) -> LaneStyle:
    """Return the look of `lane`.

    Raises:
        ValueError: If there is no such lane.
    """
    if lane not in LANES:
        raise ValueError(f"style: expected one of {list(LANES)}, received {lane!r}")
    return LANES[lane]


def figure(
    ncols: int = 1, nrows: int = 1, *, width: float = 7.2, height: float = 3.4
) -> tuple[Figure, Any]:
    """Return a figure [inches] and its axes, with a quiet, opaque, printable look.

    The look is set on the axes and not through `matplotlib.rc_context`, which would
    also undo what Jupyter's backend switches on with the first figure. A style that a
    reader has chosen is kept: with the paper of one and the ink of another, nothing
    could be read.
    """
    size = (width, height)
    fig, axes = plt.subplots(nrows, ncols, figsize=size, layout="constrained", dpi=120)
    for ax in np.atleast_1d(axes).flat:
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.25, linewidth=0.6)
        ax.set_axisbelow(True)
    fig.patch.set_alpha(1)
    return fig, axes


def curves(
    ax: Axes, values: Mapping[str, Sequence[float]], x: Sequence[float] | None = None
) -> None:
    """Draw one line a lane, so that lines that lie on one another can all be seen.

    The lanes are drawn from wide and pale to narrow, and their markers take turns
    along the line.

    Args:
        ax: Where to draw.
        values: Lane name -> values, shape (N,).
        x: Shared positions, shape (N,); 0..N-1 if None.
    """
    for i, (lane, y) in enumerate(values.items()):
        every = max(1, len(y) // 8)
        ax.plot(
            range(len(y)) if x is None else x,
            y,
            **style(lane).line(),
            markevery=((i * every) // 3, every),
            markersize=6,
        )
    ax.legend(frameon=False)
