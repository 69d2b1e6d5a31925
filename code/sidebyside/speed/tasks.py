"""Five workloads: their data, their first weights, and the matrix products inside.

All five end in logits of K classes and in the same loss, so that one training function
a lane serves them all. The data decides how many numbers are moved, not how fast: it is
real where the book has it, and drawn for the recommender.
"""

import pydoc_data.topics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sidebyside import datasets

Arrays = dict[str, np.ndarray]
Product = tuple[int, int, int, int, int]
"""How often, how many at once, and m, k, n: (batch, m, k) times (batch, k, n)."""


@dataclass(frozen=True)
class Task:
    """A workload.

    Attributes:
        name: Its name.
        words: What it is, for a table.
        batch_size: Examples a step.
        steps: Steps of the stretch that is timed.
        rate: Learning rate.
        sizes: What its model is made with, in order.
    """

    name: str
    words: str
    batch_size: int
    steps: int
    rate: float
    sizes: tuple[int, ...]

    @property
    def examples(self) -> int:
        """How many examples the stretch has."""
        return self.batch_size * self.steps

    @property
    def tests(self) -> int:
        """How many examples it is evaluated on: whole batches, a fifth of the steps."""
        return self.batch_size * max(1, self.steps // 5)


ROW = 785
"""Bytes of an image in a file of rows: the pixels, and the label."""
ROWS = 256
"""Rows that are read at once."""
CHARACTERS, LENGTH = 96, 32  # printable ASCII and the newline; characters a sequence
FIELDS = 8  # features of an example of the recommender, each an id
TASKS = {
    task.name: task
    for task in (
        Task("mlp", "images, two dense layers", 64, 90, 0.1, (256,)),
        Task("cnn", "images, two convolutions", 32, 20, 0.1, (16, 32)),
        Task("lstm", "next character, an LSTM", 32, 20, 0.1, (32, 64)),
        Task("transformer", "next character, a block", 32, 20, 0.1, (64, 4, 128)),
        Task("recommender", "ids, a large embedding", 256, 40, 0.1, (100_000, 16, 64)),
    )
}


def arrays(task: Task, seed: int = 0) -> Arrays:
    """Return `X`, `y`, `X_test`, `y_test` of a task, as NumPy arrays.

    Args:
        task: The task; where the book has fewer images, they are repeated.
        seed: Seeds what is drawn.

    Returns:
        Images float32 (N, 784) or (N, 28, 28, 1); characters int32 (N, T); ids int32
        (N, 8). Labels int32 (N,), for characters (N, T).
    """
    make = {"mlp": _images, "cnn": _images, "recommender": _clicks}
    examples, rng = task.examples, np.random.default_rng(seed)
    X, y = make.get(task.name, _text)(examples + task.tests, rng)
    X = X.reshape(len(X), -1) if task.name == "mlp" else X
    return {
        "X": X[:examples],
        "y": y[:examples],
        "X_test": X[examples:],
        "y_test": y[examples:],
    }


def _images(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    images = datasets.load_images("fashion-part")
    rows = np.resize(rng.permutation(len(images.X_train)), n)
    X = images.X_train[rows].reshape(n, 28, 28, 1).astype(np.float32)
    return X, images.y_train[rows].astype(np.int32)


def _text(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return pieces of Python's own documentation, and the same one letter on."""
    text = "".join(pydoc_data.topics.topics.values())
    codes = np.frombuffer(text.encode("ascii", "replace"), np.uint8).astype(np.int32)
    codes = np.where(codes == ord("\n"), 95, np.clip(codes - 32, 0, 94))
    starts = rng.integers(0, len(codes) - LENGTH - 1, n)
    pieces = codes[starts[:, None] + np.arange(LENGTH + 1)]  # (N, T + 1)
    pieces = pieces.astype(np.int32)
    return pieces[:, :-1].copy(), pieces[:, 1:].copy()


def _clicks(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw ids as they are in shops: few are frequent, most are rare."""
    rows = TASKS["recommender"].sizes[0] // FIELDS
    ids = np.minimum(rng.zipf(1.2, (n, FIELDS)) - 1, rows - 1)
    ids = ids + rows * np.arange(FIELDS)  # each field has its own part of the table
    return ids.astype(np.int32), rng.integers(0, 2, n).astype(np.int32)


def weights(name: str, sizes: tuple[int, ...], seed: int = 0) -> Arrays:
    """Return first weights by the book's neutral names, as float64."""
    rng = np.random.default_rng((seed, 1))
    made: Arrays = {}
    for layer, *shape in _layers(name, sizes):
        if layer.endswith("norm"):
            made[f"{layer}/gamma"] = np.ones(shape[0])
            made[f"{layer}/beta"] = np.zeros(shape[0])
        elif layer.endswith("embedding"):
            made[f"{layer}/embeddings"] = rng.normal(scale=0.05, size=shape)
        elif layer == "lstm":
            inputs, units = shape
            made["lstm/kernel"] = _glorot(rng, inputs, 4 * units)
            made["lstm/recurrent_kernel"] = _glorot(rng, units, 4 * units)
            made["lstm/bias"] = np.repeat([0.0, 1.0, 0.0, 0.0], units)
        else:
            made[f"{layer}/kernel"] = _glorot(rng, *shape)
            if layer != "key":  # a bias of the keys would change nothing
                made[f"{layer}/bias"] = np.zeros(shape[-1])
    return made


def _glorot(rng: np.random.Generator, *shape: int) -> np.ndarray:
    area = int(np.prod(shape[:-2]))
    limit = (6 / (area * (shape[-2] + shape[-1]))) ** 0.5
    return rng.uniform(-limit, limit, shape)


def _layers(name: str, sizes: tuple[int, ...]) -> Iterator[tuple]:
    """Yield the layers of a model: name and sizes."""
    if name == "mlp":
        yield from (("hidden", 784, *sizes), ("output", *sizes, 10))
    elif name == "cnn":
        a, b = sizes
        yield from (("first", 3, 3, 1, a), ("second", 3, 3, a, b), ("output", b, 10))
    elif name == "lstm":
        E, D = sizes
        yield from (("embedding", CHARACTERS, E), ("lstm", E, D))
        yield "output", D, CHARACTERS
    elif name == "transformer":
        D, _, F = sizes
        yield from (("embedding", CHARACTERS, D), ("place_embedding", LENGTH, D))
        yield from ((part, D, D) for part in ("query", "key", "value", "joined"))
        yield from (("widen", D, F), ("narrow", F, D), ("output", D, CHARACTERS))
        yield from (("attention_norm", D), ("wide_norm", D), ("last_norm", D))
    else:
        rows, D, H = sizes
        yield from (("embedding", rows, D), ("hidden", FIELDS * D, H), ("output", H, 2))


def products(name: str, batch_size: int, sizes: tuple[int, ...]) -> list[Product]:
    """Return the matrix products of a training step, forward and backward.

    A convolution counts as the product of its patches with its kernel. Everything else
    (activations, losses, copies, look-ups, updates) is left out: so a step takes longer
    than its products, unless a convolution is computed in a cleverer way.
    """
    B, T = batch_size, LENGTH
    if name == "mlp":
        return [*_dense(B, 784, sizes[0], first=True), *_dense(B, sizes[0], 10)]
    if name == "cnn":
        a, b = sizes
        first = _dense(B * 28 * 28, 9, a, first=True)
        return [*first, *_dense(B * 14 * 14, 9 * a, b), *_dense(B, b, 10)]
    if name == "lstm":
        E, D = sizes
        steps = [(T, 1, B, D, 4 * D), (T, 1, B, 4 * D, D), (1, 1, D, B * T, 4 * D)]
        return [*_dense(B * T, E, 4 * D), *steps, *_dense(B * T, D, CHARACTERS)]
    if name == "transformer":
        D, H, F = sizes
        around = [product for _ in range(4) for product in _dense(B * T, D, D)]
        scores = [(3, B * H, T, D // H, T), (3, B * H, T, T, D // H)]
        wide = [*_dense(B * T, D, F), *_dense(B * T, F, D)]
        return [*around, *scores, *wide, *_dense(B * T, D, CHARACTERS)]
    _, D, H = sizes
    return [*_dense(B, FIELDS * D, H), *_dense(B, H, 2)]


def _dense(B: int, inputs: int, outputs: int, *, first: bool = False) -> list[Product]:
    """Return the products of a dense layer; nobody needs the gradient of the data."""
    forward, kernel = (1, 1, B, inputs, outputs), (1, 1, inputs, B, outputs)
    return [forward, kernel] if first else [forward, kernel, (1, 1, B, outputs, inputs)]


def write(folder: Path, tasks: Mapping[str, Task], seed: int = 0) -> None:
    """Write data and first weights of tasks where the processes read them."""
    for key, task in tasks.items():
        first = weights(task.name, task.sizes, seed)
        data = arrays(task, seed)
        named = {f"weights/{name}": array for name, array in first.items()}
        np.savez(folder / f"{key}.npz", **data, **named)


def read(folder: Path, key: str) -> tuple[Arrays, Arrays]:
    """Return the data and the first weights of a task."""
    with np.load(folder / f"{key}.npz") as file:
        every = {name: file[name] for name in file.files}
    first = {n[8:]: a for n, a in every.items() if n.startswith("weights/")}
    return {n: a for n, a in every.items() if "/" not in n}, first


def write_rows(path: Path, count: int) -> int:
    """Write images and labels as rows of bytes, over and over; return the size [B]."""
    images = datasets.load_images("fashion-part")
    pixels = np.round(images.X_train.reshape(-1, ROW - 1) * 255).astype(np.uint8)
    labels = images.y_train.astype(np.uint8)[:, None]
    rows = np.hstack([pixels, labels])  # (N, 785)
    with path.open("wb") as file:
        for begin in range(0, count, len(rows)):
            rows[: count - begin].tofile(file)
    return path.stat().st_size
