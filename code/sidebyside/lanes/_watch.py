"""What a lane's watch notes, and how it is told in words that all lanes share."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from zlib import crc32

import numpy as np

Variants = Callable[[np.ndarray], Iterable[np.ndarray]]
Inputs = Any
"""An array, one row for each sample; or several, as a sequence or by name."""


@dataclass
class Seen:
    """What a model was shown, and what its optimizer did.

    Attributes:
        batch_sizes: Samples in each batch shown in training mode.
        rates: The learning rate of each step.
        settings: Optimizer and dropout, in the words of `NEUTRAL`.
        trained: Row -> how often it was shown in training mode.
        tested: Row -> how often it was shown in evaluation mode.
        starts: A checksum of each set of weights that the lane's `set_weights` wrote.
        sequence: The rows shown in training mode, in their order; None if a lane could
            not see it.
    """

    batch_sizes: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    trained: Counter[bytes] = field(default_factory=Counter)
    tested: Counter[bytes] = field(default_factory=Counter)
    starts: list[int] = field(default_factory=list)
    sequence: list[bytes] | None = field(default_factory=list)

    def note(
        self, X: Inputs, *, training: bool, times: int = 1, ordered: bool = True
    ) -> None:
        """Note a batch of inputs, the first axis of which counts its rows.

        Args:
            X: The batch.
            training: Whether the model was in training mode.
            times: How often it was shown.
            ordered: False if the rows were shown in another order than they stand in.
        """
        place, rows = self.trained if training else self.tested, digests(X)
        for row in rows:
            place[row] += times
        if training and not ordered:
            self.sequence = None
        elif training and self.sequence is not None:
            self.sequence += times * rows

    def order(
        self, trained: Inputs, variants: Variants | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return which rows were shown in training mode, one after the other.

        Args:
            trained: As in `facts`.
            variants: As in `facts`.

        Returns:
            For each sample its row in `trained`, and which of the variants it was,
            both of shape (samples,), int64; -1 for a row that stands nowhere. Rows
            that stand there more than once go by the first.

        Raises:
            ValueError: If the lane could not see the order. Keras' watch sees it where
                the model is trained inside another, say behind an augmentation, and
                where `fit` does not shuffle.
        """
        if self.sequence is None:
            raise ValueError(
                "order: expected a model whose batches the watch sees, received one "
                "whose data were noted instead"
            )
        place = _places({"": trained}, variants)
        nowhere = ("", -1, -1)
        places = [place.get(digest, nowhere)[1:] for digest in self.sequence]
        rows, ways = np.array(places, np.int64).reshape(-1, 2).T
        return rows, ways

    def facts(
        self,
        *,
        trained: Inputs = None,
        variants: Variants | None = None,
        **tested: Inputs,
    ) -> dict[str, Any]:
        """Return what was done, for `sidebyside.parity.record`.

        Args:
            trained: The inputs that the model was to be trained on, one row each, as
                NumPy has them (channels last); None leaves rows out. Several inputs
                of a model may stand in one array, one after the other: (N, 2, C).
            variants: For augmented inputs: array of rows -> arrays of the same rows,
                one for each way in which they may be changed.
            **tested: Name -> inputs that the model was to be shown in evaluation mode.

        Returns:
            Steps, samples, batch sizes, learning rates, settings; for `trained` and
            each of `tested` how often each row was shown, and how many other rows were.
        """
        facts: dict[str, Any] = {
            "steps": len(self.rates),
            "samples": int(sum(self.batch_sizes)),
            "batch sizes": np.array(self.batch_sizes, int),
            "learning rates": np.array(self.rates),
            **self.settings,
        }
        if trained is not None:
            counts, others = _count(self.trained, {"": trained}, variants)
            facts["times each row was trained on"] = counts[""]
            facts["other rows trained on"] = others
        if tested:
            counts, others = _count(self.tested, tested, None)
            for name, times in counts.items():
                facts[f"times each {name} row was asked"] = times
            facts["other rows asked"] = others
        return facts


def parts(X: Inputs) -> list[np.ndarray]:
    """Return the arrays of a batch, those of a mapping in the order of their names."""
    if isinstance(X, Mapping):
        return [np.asarray(X[name]) for name in sorted(X)]
    return [np.asarray(part) for part in (X if isinstance(X, list | tuple) else [X])]


def digests(X: Inputs) -> list[bytes]:
    """Return a digest of each row; floats count as float32, integers as int64.

    Several inputs of a model make one row, one after the other. Zeros at the end of a
    row of integers don't count: a batch of texts may be padded to its own longest row.
    """
    arrays = parts(X)
    rows = np.concatenate([_bytes(array) for array in arrays], axis=1)
    padded = all(array.dtype.kind in "iu" for array in arrays)
    texts = (row.tobytes().rstrip(b"\0") if padded else row.tobytes() for row in rows)
    return [blake2b(text, digest_size=16).digest() for text in texts]


def _bytes(array: np.ndarray) -> np.ndarray:
    """Return the bytes of each row, shape (N, bytes), uint8."""
    array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
    rows = np.ascontiguousarray(array.reshape(len(array), -1)) + 0  # no negative zeros
    return rows.view(np.uint8).reshape(len(rows), -1)


def _count(
    seen: Counter[bytes], known: Mapping[str, Inputs], variants: Variants | None
) -> tuple[dict[str, np.ndarray], int]:
    """Return how often each row of each array was seen, and how many others were.

    Rows that stand in an array more than once share one count, that of the first.
    """
    place = _places(known, variants)
    counts = {name: np.zeros(len(parts(X)[0]), int) for name, X in known.items()}
    others = 0
    for digest, times in seen.items():
        if digest in place:
            name, index, _ = place[digest]
            counts[name][index] += times
        else:
            others += times
    return counts, others


def _places(
    known: Mapping[str, Inputs], variants: Variants | None
) -> dict[bytes, tuple[str, int, int]]:
    """Return for each digest the array, the row, and which variant of it."""
    place: dict[bytes, tuple[str, int, int]] = {}
    for name, X in known.items():
        for way, changed in enumerate(variants(X) if variants else [X]):
            for index, digest in enumerate(digests(changed)):
                place.setdefault(digest, (name, index, way))
    return place


_watched: list[tuple[Any, Seen]] = []


@contextmanager
def watching(model: Any, seen: Seen) -> Iterator[None]:
    """Let `started` note what is written into `model` inside the `with` block."""
    _watched.append((model, seen))
    try:
        yield
    finally:
        _watched.remove((model, seen))


def started(model: Any, weights: Mapping[str, np.ndarray]) -> None:
    """Note that a lane's `set_weights` has written weights into a model."""
    for watched, seen in _watched:
        if watched is model:
            arrays = (np.asarray(weights[name]) for name in sorted(weights))
            data = b"".join(array.astype(np.float32).tobytes() for array in arrays)
            seen.starts.append(crc32(data))


NEUTRAL = (
    "optimizer",
    "momentum",
    "nesterov",
    "weight decay",
    "beta 1",
    "beta 2",
    "epsilon",
)
"""The names of settings of optimizers, in every lane."""


def settings(kind: str, values: Mapping[str, Any], extras: Mapping[str, Any]) -> dict:
    """Return an optimizer's settings under the neutral names.

    Args:
        kind: `"SGD"`, `"Adam"`, ...
        values: Neutral name -> value; None is left out.
        extras: What else is set and is not the default; shown as one text.
    """
    kept = {name: values[name] for name in NEUTRAL if values.get(name) is not None}
    others = ", ".join(f"{name}={value}" for name, value in sorted(extras.items()))
    return {"optimizer": kind, **kept, "other settings": others or "none"}
