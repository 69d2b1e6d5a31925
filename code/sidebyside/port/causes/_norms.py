"""Normalization: over what, with which epsilon, by which averages."""

from collections.abc import Callable, Iterator

import numpy as np

from sidebyside.port.causes._solve import Candidates, Parting

EPSILONS = (0.0, 1e-12, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
MOMENTA = (0.01, 0.1, 0.9, 0.99, 0.999)


def epsilons(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every kind of normalization with every epsilon in use."""
    if "gamma" not in parting.weights or parting.where != "output":
        return
    x = parting.before[0].astype(np.float64)
    if x.shape != parting.theirs.shape:
        return
    for kind, mean, variance in _statistics(x, parting):
        for epsilon in EPSILONS:
            if epsilon or np.all(variance > 0):
                y = (x - mean) / np.sqrt(variance + epsilon)
                gamma, beta = (parting.weights.get(n, d) for n, d in _NEUTRAL.items())
                yield f"{kind} with epsilon {epsilon:g}", y * gamma + beta


_NEUTRAL = {"gamma": np.ones(()), "beta": np.zeros(())}


def _statistics(
    x: np.ndarray, parting: Parting
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield what a normalization may take as mean and variance."""
    weights, C = parting.weights, x.shape[-1]
    if "moving_mean" in weights:
        axes = tuple(range(x.ndim - 1))
        yield (
            "a batch norm in evaluation mode",
            *(
                weights[name].astype(np.float64)
                for name in ("moving_mean", "moving_variance")
            ),
        )
        yield "a batch norm in training mode", x.mean(axes), x.var(axes)
        return
    yield "a layer norm", x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    yield "an RMS norm", np.zeros(()), np.mean(x**2, -1, keepdims=True)
    for groups in {C} | {g for g in (1, 2, 4, 8, 16, 32) if C % g == 0}:
        parts = x.reshape(*x.shape[:-1], groups, C // groups)
        axes = (*range(1, x.ndim - 1), x.ndim)
        mean, variance = (f(parts, axis=axes, keepdims=True) for f in (np.mean, np.var))
        spread = (
            np.broadcast_to(array, parts.shape).reshape(x.shape)
            for array in (mean, variance)
        )
        yield f"a group norm of {groups} groups", *spread


def momenta(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the averages of a batch norm after one batch, by each meaning of momentum.

    `parting.before` is the batch that the layer saw, then the averages before it;
    `ours` and `theirs` are mean and variance after it, one above the other.
    """
    if parting.where != "averages":
        return
    x, old = (array.astype(np.float64) for array in parting.before[:2])
    axes = tuple(range(x.ndim - 1))
    n = x.size // x.shape[-1]
    for name, ddof in (("", 0), (" and the unbiased variance", 1)):
        batch = np.stack([x.mean(axes), x.var(axes) * n / (n - ddof)])
        for momentum in MOMENTA:
            new = momentum * old + (1 - momentum) * batch
            yield f"averages that keep {momentum:g} of the old ones{name}", new


CANDIDATES: dict[str, Callable[[Parting], Candidates]] = {
    "epsilon or mode of a normalization": epsilons,
    "meaning of momentum": momenta,
}
