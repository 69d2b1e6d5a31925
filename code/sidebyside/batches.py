"""One seeded stream of batches that all three lanes consume."""

from collections.abc import Iterator
from typing import NoReturn

import numpy as np

from sidebyside import _checks


class IndexBatches:
    """Shuffled index batches, the same in every lane; epochs are asked for by number.

    `epoch(k)` gives the batches of epoch `k`, always the same ones, whoever asks and
    how often. So all lanes may share one object, and nobody who looks at an epoch takes
    it from the others. The object can't be iterated: it would have to count epochs.

    PyTorch's loader takes an epoch as its `batch_sampler`; the generator of
    `tf.data.Dataset.from_generator` returns it; a Keras `PyDataset` indexes it.

    Args:
        n: How many examples there are.
        batch_size: Examples a batch; the last batch of an epoch may be smaller.
        seed: Seeds the order, 0 to 2**32 - 1; epoch k is drawn from `(seed, k)`.
        shuffle: If False, every epoch has the natural order.
        drop_last: Leave out a smaller last batch.

    Raises:
        TypeError: If a number is not whole, or a flag not True or False.
        ValueError: If a number is out of range, or if `drop_last` would leave no batch.

    Example:
        >>> batches = IndexBatches(5, 2, seed=0, shuffle=False)
        >>> [batch.tolist() for batch in batches.epoch(0)]
        [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        n: int,
        batch_size: int,
        *,
        seed: int,
        shuffle: bool = True,
        drop_last: bool = False,
    ) -> None:
        self.n = _checks.whole("IndexBatches", "n", n)
        self.batch_size = _checks.whole("IndexBatches", "batch_size", batch_size)
        self.seed = _checks.seed("IndexBatches", seed)
        self.shuffle = _checks.flag("IndexBatches", "shuffle", shuffle)
        self.drop_last = _checks.flag("IndexBatches", "drop_last", drop_last)
        if drop_last and batch_size > n:
            raise ValueError(
                "IndexBatches: expected batch_size <= n with drop_last=True, "
                f"received n={n}, batch_size={batch_size}"
            )

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        whole, rest = divmod(self.n, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[NoReturn]:
        """Refuse to be iterated.

        Raises:
            TypeError: Always; it names `epoch`.
        """
        raise TypeError(
            "IndexBatches: expected an epoch that is asked for by number, as in "
            "batches.epoch(0); received an iteration, which names none"
        )

    def order(self, epoch: int) -> np.ndarray:
        """Return the order of all examples in `epoch`, shape (n,), int64.

        Raises:
            TypeError: If `epoch` is not whole.
            ValueError: If it is negative.
        """
        epoch = _checks.whole("IndexBatches", "epoch", epoch, 0)
        if not self.shuffle:
            return np.arange(self.n)
        return np.random.default_rng((self.seed, epoch)).permutation(self.n)

    def epoch(self, epoch: int) -> list[np.ndarray]:
        """Return the batches of `epoch`: int64 arrays of shape (B,).

        Raises:
            TypeError: If `epoch` is not whole.
            ValueError: If it is negative.
        """
        order = self.order(epoch)
        stop = len(self) * self.batch_size
        return [
            order[i : i + self.batch_size]
            for i in range(0, min(stop, self.n), self.batch_size)
        ]
