"""What a lane's watch notes, and how it is told in words that all lanes share."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np

Variants = Callable[[np.ndarray], Iterable[np.ndarray]]


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

    def note(self, X: Any, *, training: bool, times: int = 1) -> None:
        """Note a batch of inputs, the first axis of which counts its rows."""
        place = self.trained if training else self.tested
        for row in digests(X):
            place[row] += times

    def facts(
        self,
        *,
        trained: np.ndarray | None = None,
        variants: Variants | None = None,
        **tested: np.ndarray,
    ) -> dict[str, Any]:
        """Return what was done, for `sidebyside.parity.record`.

        Args:
            trained: The inputs that the model was to be trained on, one row each, as
                NumPy has them (channels last); None leaves rows out.
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


def digests(X: Any) -> list[bytes]:
    """Return a digest of each row; floats count as float32, integers as int64."""
    array = np.asarray(X)
    array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
    rows = np.ascontiguousarray(array.reshape(len(array), -1)) + 0  # no negative zeros
    return [blake2b(row.tobytes(), digest_size=16).digest() for row in rows]


def _count(
    seen: Counter[bytes], known: Mapping[str, np.ndarray], variants: Variants | None
) -> tuple[dict[str, np.ndarray], int]:
    """Return how often each row of each array was seen, and how many others were.

    Rows that stand in an array more than once share one count, that of the first.
    """
    place: dict[bytes, tuple[str, int]] = {}
    for name, X in known.items():
        for changed in variants(X) if variants else [X]:
            for index, digest in enumerate(digests(changed)):
                place.setdefault(digest, (name, index))
    counts = {name: np.zeros(len(X), int) for name, X in known.items()}
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
