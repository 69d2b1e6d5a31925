"""The order of the gates in the kernel of a recurrent layer."""

from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np
from scipy.special import expit

from sidebyside.layout import reorder
from sidebyside.port.causes._solve import Candidates, Parting

LSTM = ("i", "f", "c", "o")
GRU = ("z", "r", "h")


def gates(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what an LSTM or GRU gives if its kernel holds the gates in each order."""
    needed = {"kernel", "recurrent_kernel"}
    if not needed <= parting.weights.keys() or parting.where != "output":
        return
    x = parting.before[0].astype(np.float64)
    D, columns = parting.weights["recurrent_kernel"].shape
    if x.ndim != 3 or columns not in (3 * D, 4 * D):
        return
    whole = {name: array.astype(np.float64) for name, array in parting.weights.items()}
    names, run = (LSTM, lstm) if columns == 4 * D else (GRU, gru)
    for order in permutations(names):
        places = tuple(map(order.index, names))
        y = run(x, **{name: reorder(array, places) for name, array in whole.items()})
        said = f"gates in the order {', '.join(order)}"
        yield said, y if parting.theirs.ndim == 3 else y[:, -1]


def lstm(
    x: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray | float = 0.0,
    recurrent_bias: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Run an LSTM, gates i, f, c, o, over (B, T, C); return its outputs (B, T, D).

    Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000,
        https://doi.org/10.1162/089976600300015015
    """
    h = c = np.zeros((len(x), len(recurrent_kernel)))
    outputs = []
    for t in range(x.shape[1]):
        z = x[:, t] @ kernel + h @ recurrent_kernel + bias + recurrent_bias
        i, f, g, o = np.split(z, 4, -1)
        c = expit(f) * c + expit(i) * np.tanh(g)
        h = expit(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, 1)


def gru(
    x: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray | float = 0.0,
    recurrent_bias: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Run a GRU, gates z, r, h, that resets after the product, over (B, T, C).

    Source: Cho et al. 2014, https://arxiv.org/abs/1406.1078, in the form of cuDNN.
    """
    h = np.zeros((len(x), len(recurrent_kernel)))
    outputs = []
    for t in range(x.shape[1]):
        given = np.split(x[:, t] @ kernel + bias, 3, -1)
        known = np.split(h @ recurrent_kernel + recurrent_bias, 3, -1)
        z, r = (expit(a + b) for a, b in zip(given[:2], known[:2], strict=True))
        h = z * h + (1 - z) * np.tanh(given[2] + r * known[2])
        outputs.append(h)
    return np.stack(outputs, 1)


CANDIDATES: dict[str, Callable[[Parting], Candidates]] = {"order of gates": gates}
