"""The moving averages of batch norms after one batch in training mode."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sidebyside.layout import Weights
from sidebyside.port._pairing import Pair
from sidebyside.port._trace import called, lane
from sidebyside.port.match import Match

AVERAGES = ("moving_mean", "moving_variance")
Averages = dict[str, np.ndarray]
"""Path in the target -> mean above variance, (2, C)."""


def after_one_batch(
    match: Match, pairs: Sequence[Pair]
) -> tuple[Averages, Averages, Averages, Averages]:
    """Call both models once in training mode; what moved is put back.

    Returns:
        The averages before, those of the source after it, those of the target after
        it, and what the target's batch norms were given.
    """
    before = _read(match.target, pairs, "target")
    with called(match.source, match.inputs, True):
        ours = _read(match.source, pairs, "source")
    with called(match.target, match.target_inputs, True) as calls:
        theirs = _read(match.target, pairs, "target")
    given = {pair.target.path: calls.first(pair.target.path) for pair in pairs}
    shown = {path: next(iter(c.inputs.values())) for path, c in given.items() if c}
    return before, ours, theirs, shown


def _read(model: Any, pairs: Sequence[Pair], side: str) -> Averages:
    held: Weights = lane(model).get_weights(model)
    return {
        pair.target.path: np.stack(
            [held[getattr(pair, side).names[name]] for name in AVERAGES]
        )
        for pair in pairs
    }
