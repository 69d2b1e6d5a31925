"""Padding, pooling, interpolation, and the order of what is flattened."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations, product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sidebyside.port.causes._elementwise import ACTIVATIONS
from sidebyside.port.causes._solve import Candidates, Parting

INSIDE = ("ReLU", "ReLU6", "GELU by erf", "SiLU (swish)", "tanh", "sigmoid")
Pads = tuple[tuple[int, int], ...]


def pads(
    sizes: Sequence[int], kernel: Sequence[int], strides: Sequence[int]
) -> Iterator[tuple[str, Pads]]:
    """Yield the ways to pad in use: name, and for each axis before and behind."""
    totals = [
        max((-(-n // s) - 1) * s + k - n, 0)
        for n, k, s in zip(sizes, kernel, strides, strict=True)
    ]
    yield "no padding", tuple((0, 0) for _ in sizes)
    yield (
        "SAME padding (TensorFlow's and Keras': what is odd goes behind)",
        tuple((t // 2, t - t // 2) for t in totals),
    )
    yield "causal padding (all before)", tuple((k - 1, 0) for k in kernel)
    for p in range(1, max(kernel)):
        yield f"padding of {p} on both sides (PyTorch's)", tuple((p, p) for _ in sizes)
    yield (
        "padding whose odd part goes before",
        tuple((t - t // 2, t // 2) for t in totals),
    )


def convolutions(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the layer's convolution of its input, padded in each way."""
    kernel = parting.weights.get("kernel")
    if kernel is None or kernel.ndim < 3 or parting.where != "output":
        return
    x, size = parting.before[0].astype(np.float64), kernel.ndim - 2
    if x.ndim != kernel.ndim or x.shape[-1] % kernel.shape[-2]:
        return
    bias = parting.weights.get("bias", np.zeros(()))
    strides = whole(parting.setting("strides", "stride"), size)
    dilation = whole(parting.setting("dilation_rate", "dilation"), size)
    spread = [d * (k - 1) + 1 for d, k in zip(dilation, kernel.shape, strict=False)]
    for name, padding in pads(x.shape[1:-1], spread, strides):
        padded = np.pad(x, ((0, 0), *padding, (0, 0)))
        if all(n >= k for n, k in zip(padded.shape[1:-1], spread, strict=True)):
            y = convolve(padded, kernel.astype(np.float64), strides, dilation)
            yield f"a convolution with {name}", y + bias
            for inside in INSIDE:  # which a layer of Keras may hold
                said = f"a convolution with {name}, then {inside}"
                yield said, ACTIVATIONS[inside](y + bias)


def whole(setting: object, size: int) -> tuple[int, ...]:
    """Return a setting of a layer as one whole number for each axis, 1 if unknown."""
    if isinstance(setting, int):
        return (setting,) * size
    if isinstance(setting, list | tuple) and len(setting) == size:
        return tuple(map(int, setting))
    return (1,) * size


def convolve(
    x: np.ndarray, kernel: np.ndarray, strides: Sequence[int], dilation: Sequence[int]
) -> np.ndarray:
    """Convolve (B, ..., C) with a kernel (..., C / groups, K), without padding."""
    size = kernel.ndim - 2
    spread = [d * (k - 1) + 1 for d, k in zip(dilation, kernel.shape, strict=False)]
    windows = sliding_window_view(x, spread, tuple(range(1, size + 1)))
    steps = (slice(None), *(slice(None, None, s) for s in strides), slice(None))
    inside = tuple(slice(None, None, d) for d in dilation)
    windows = windows[(*steps, *inside)]  # (B, ..., C, kernel sizes)
    groups = x.shape[-1] // kernel.shape[-2]
    axes = ([size + 1, *range(size + 2, 2 * size + 2)], [size, *range(size)])
    per_group = zip(
        np.split(windows, groups, size + 1), np.split(kernel, groups, -1), strict=True
    )
    parts = [np.tensordot(window, part, axes) for window, part in per_group]
    return np.concatenate(parts, -1)


def padded(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what came before, with rows of zeros around it."""
    if parting.where == "output":
        return
    for y in parting.before:
        size = y.ndim - 2
        if size < 1:
            continue
        for low, high in product(range(4), repeat=2):
            name = f"{low} before and {high} behind" if low + high else "no padding"
            yield name, np.pad(y, ((0, 0), *[(low, high)] * size, (0, 0)))


def pools(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield pools of what came before: size, stride, padding, and what it averages."""
    if parting.where == "output":
        return
    for y in parting.before:
        size = y.ndim - 2
        if size < 1 or y.dtype.kind != "f":
            continue
        for k, s in ((2, 2), (3, 2), (3, 1), (3, 3), (2, 1)):
            for name, padding in pads(y.shape[1:-1], (k,) * size, (s,) * size):
                yield from _pooled(y, k, s, name, ((0, 0), *padding, (0, 0)))


def _pooled(
    y: np.ndarray, k: int, s: int, name: str, padding: Pads
) -> Iterator[tuple[str, np.ndarray]]:
    size, inner = y.ndim - 2, tuple(range(2 - y.ndim, 0))
    full = [n + sum(pad) for n, pad in zip(y.shape, padding, strict=True)]
    if min(full[1:-1]) < k:
        return

    def windows(fill: float, of: np.ndarray = y) -> np.ndarray:
        around = np.pad(of, padding, constant_values=fill)
        steps = (slice(None), *[slice(None, None, s)] * size)
        axes = tuple(range(1, size + 1))
        return sliding_window_view(around, (k,) * size, axes)[steps]

    said = f"pool of {k}, stride {s}, {name}"
    yield f"a max {said}", windows(-np.inf).max(inner)
    total, count = windows(0.0).sum(inner), windows(0.0, np.ones_like(y)).sum(inner)
    yield f"an average {said}, padding counted", total / k**size
    yield f"an average {said}, padding left out", total / count


def interpolations(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what came before in the size of what comes out, by each rule of places."""
    if parting.where == "output":
        return
    for y in parting.before:
        if y.ndim not in (3, 4, 5) or y.ndim != parting.theirs.ndim:
            continue
        sizes = parting.theirs.shape[1:-1]
        if sizes == y.shape[1:-1] or y.shape[-1] != parting.theirs.shape[-1]:
            continue
        for name, rule in PLACES.items():
            yield f"linear interpolation, {name}", _resized(y, sizes, rule, True)
            yield f"the nearest number, {name}", _resized(y, sizes, rule, False)


Places = Callable[[int, int], np.ndarray]
PLACES: dict[str, Places] = {
    "centres of pixels aligned (align_corners=False)": (
        lambda n, m: (np.arange(m) + 0.5) * n / m - 0.5
    ),
    "corners aligned (align_corners=True)": (
        lambda n, m: np.arange(m) * (n - 1) / max(m - 1, 1)
    ),
    "upper left corners aligned (neither, as TensorFlow 1)": (
        lambda n, m: np.arange(m) * n / m
    ),
}
"""Rule -> old size n, new size m -> where the new numbers lie among the old."""


def _resized(
    y: np.ndarray, sizes: Sequence[int], rule: Places, linear: bool
) -> np.ndarray:
    y = y.astype(np.float64)
    for axis, m in enumerate(sizes, start=1):
        n = y.shape[axis]
        places = np.clip(rule(n, m), 0, n - 1)
        if not linear:
            y = np.take(y, np.minimum(np.floor(places + 1e-9), n - 1).astype(int), axis)
            continue
        low = np.floor(places).astype(int)
        share = (places - low).reshape([-1 if a == axis else 1 for a in range(y.ndim)])
        high = np.minimum(low + 1, n - 1)
        y = np.take(y, low, axis) * (1 - share) + np.take(y, high, axis) * share
    return y


def flattens(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the inputs of a dense layer in either order of what was flattened.

    What was flattened is taken apart by the sizes of an array that came before, or, if
    a pool stands between, by its channels and a square.
    """
    if parting.where != "input" or parting.ours.ndim != 2:
        return
    F = parting.theirs.shape[-1]
    for y in parting.before:
        C = y.shape[-1]
        if y.ndim < 3 or F % C or F == C:
            continue
        side = round((F // C) ** (1 / (y.ndim - 2)))
        inner = [y.shape[1:-1], (side,) * (y.ndim - 2)]
        for sizes in inner:
            if np.prod(sizes) * C == F:
                yield from _flattened(parting.ours, C, sizes, parting.first)


def _flattened(
    ours: np.ndarray, C: int, sizes: Sequence[int], first: bool
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what the source flattened, as it stands and in the other order."""
    B, ahead, behind = len(ours), (C, *map(int, sizes)), (*map(int, sizes), C)
    parts = ours.reshape(B, *(ahead if first else behind))
    other = np.moveaxis(parts, *((1, -1) if first else (-1, 1))).reshape(B, -1)
    by_place = (ours, other) if first else (other, ours)
    yield f"the flattened {ahead}, channels first", by_place[0]
    yield f"the flattened {behind}, channels last", by_place[1]


def concatenations(parting: Parting) -> Iterator[tuple[str, np.ndarray]]:
    """Yield two arrays that came before, one behind the other along the channels."""
    if parting.where != "input":
        return
    known = [y for y in parting.before if y.dtype.kind == "f"]
    for ahead, behind in permutations(known, 2):
        sizes = ahead.shape[-1] + behind.shape[-1]
        if ahead.shape[:-1] != behind.shape[:-1] or sizes != parting.theirs.shape[-1]:
            continue
        places = [
            next(k for k, y in enumerate(known) if y is z) for z in (ahead, behind)
        ]
        said = "the earlier" if places[0] > places[1] else "the later"
        for a, b in product(
            (ahead, np.maximum(ahead, 0)), (behind, np.maximum(behind, 0))
        ):
            yield f"a concatenation with {said} array first", np.concatenate([a, b], -1)


CANDIDATES: dict[str, Callable[[Parting], Candidates]] = {
    "padding": convolutions,
    "padding before a layer": padded,
    "pooling": pools,
    "interpolation": interpolations,
    "layout before a flatten": flattens,
    "order of a concatenation": concatenations,
}
