"""What a lane's watch notes, and how it is told in words that all lanes share."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

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
    """

    batch_sizes: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    trained: Counter[bytes] = field(default_factory=Counter)
    tested: Counter[bytes] = field(default_factory=Counter)

    def note(self, X: Inputs, *, training: bool, times: int = 1) -> None:
        """Note a batch of inputs, the first axis of which counts its rows."""
        place = self.trained if training else self.tested
        for row in digests(X):
            place[row] += times

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

    Several inputs of a model make one row, one after the other.
    """
    rows = np.concatenate([_bytes(array) for array in parts(X)], axis=1)
    return [blake2b(row.tobytes(), digest_size=16).digest() for row in rows]


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
    place: dict[bytes, tuple[str, int]] = {}
    for name, X in known.items():
        for changed in variants(X) if variants else [X]:
            for index, digest in enumerate(digests(changed)):
                place.setdefault(digest, (name, index))
    counts = {name: np.zeros(len(parts(X)[0]), int) for name, X in known.items()}
    others = 0
    for digest, times in seen.items():
        if digest in place:
            name, index = place[digest]
            counts[name][index] += times
        else:
            others += times
    return counts, others


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
    told = ", ".join(f"{name}={value}" for name, value in sorted(extras.items()))
    return {"optimizer": kind, **kept, "other settings": told or "none"}
