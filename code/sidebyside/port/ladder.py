"""The parity ladder for two models whose layers have different names."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from sidebyside import parity
from sidebyside.layout import Weights
from sidebyside.parity import Lane, Rungs
from sidebyside.parity.ladder import Batches
from sidebyside.port import _moves as moves
from sidebyside.port._pairing import Pair
from sidebyside.port.match import Match

Maker = Callable[[], Lane]


def ladder(
    name: str,
    match: Match,
    make_source: Maker,
    make_target: Maker,
    batches: Batches,
    *,
    apart: Mapping[str, str] | None = None,
) -> Rungs:
    """Climb the parity ladder with two models of a match, in float64, and show it.

    Args:
        name: The title of the table.
        match: Which layers belong together; only their names and shapes are used.
        make_source: Makes the source anew, with a loss and a training step of yours, by
            `sidebyside.lanes.<lane>.probe`; it is called inside `parity.float64()`.
        make_target: The same for the target.
        batches: `(X, y)` NumPy batches, as in `parity.ladder`; a lane that needs
            another layout changes it in `prepare`.
        apart: Rung, or weight with or without its path -> why the target must differ.

    Returns:
        The rungs, all passed.

    Raises:
        ParityError: At the first rung that breaks.
        ValueError: If a layer of the target has no partner, or there are no batches.
    """
    match.weights()  # a layer without a partner is told here, in a sentence
    makers = [
        lambda: replace(_renamed(make_source(), match), name="source"),
        lambda: replace(make_target(), name="target"),
    ]
    reasons = {"target": dict(apart or {})}
    return parity.ladder(name, makers, batches, apart=reasons)


def _renamed(lane: Lane, match: Match) -> Lane:
    """Return the source's lane with its weights under the target's names."""

    def forth(weights: Mapping[str, np.ndarray], *, sums: bool = True) -> Weights:
        moved: Weights = {}
        for pair in match.pairs:
            if set(pair.source.names.values()) & weights.keys():
                given = _whole(pair, weights, sums)
                moved |= moves.forth(pair, given)
        return moved

    def set_weights(weights: Mapping[str, np.ndarray]) -> None:
        own, given = lane.get_weights(), dict(weights)
        for pair in match.pairs:  # what no layer of the target asks for stays
            own |= moves.back(pair, given)
        lane.set_weights(own)

    def gradients(X: np.ndarray, y: np.ndarray) -> tuple[float, Weights]:
        loss, own = lane.gradients(X, y)
        moved = forth(own, sums=False)
        trained = {
            pair.target.names[neutral]
            for pair in match.pairs
            for neutral, name in pair.source.names.items()
            if name in own and neutral in pair.target.names
        }
        return loss, {name: moved[name] for name in moved if name in trained}

    return replace(
        lane,
        get_weights=lambda: forth(lane.get_weights()),
        set_weights=set_weights,
        count_parameters=lambda: lane.count_parameters() - _added(match),
        gradients=gradients,
    )


def _whole(pair: Pair, weights: Mapping[str, np.ndarray], sums: bool) -> Weights:
    """Return all weights of a pair; of a second bias that is added, or zeros.

    A sum's gradient is that of each of its parts, and is not added. Averages have no
    gradient: zeros stand in for them.
    """
    first = next(weights[n] for n in pair.source.names.values() if n in weights)
    whole = {}
    for neutral, name in pair.source.names.items():
        zeros = np.zeros(pair.source.shapes[neutral], first.dtype)
        whole[name] = weights.get(name, zeros)
        if neutral == "recurrent_bias" and neutral not in pair.target.names:
            whole[name] = whole[name] if sums else zeros
    return whole


def _added(match: Match) -> int:
    """Return how many numbers of the source are biases that are added to others."""
    return sum(
        int(np.prod(pair.source.shapes["recurrent_bias"]))
        for pair in match.pairs
        if "recurrent_bias" in pair.source.names.keys() - pair.target.names.keys()
    )
