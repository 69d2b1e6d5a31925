"""One seeded stream of batches that all three lanes consume."""

from collections.abc import Iterator

import numpy as np


class IndexBatches:
    """Shuffled index batches, epoch after epoch, the same in every lane.

    Iterating gives the batches of one epoch, and each further iteration the next
    epoch. `epoch(k)` gives those of epoch `k` without moving on. PyTorch takes such an
    object as a `batch_sampler`; the other lanes index their arrays with it.

    Args:
        n: How many examples there are.
        batch_size: Examples a batch; the last batch of an epoch may be smaller.
        seed: Seeds the order; epoch k is drawn from `(seed, k)`.
        shuffle: If False, every epoch has the natural order.
        drop_last: Leave out a smaller last batch.

    Raises:
        ValueError: If `n` or `batch_size` is not positive, or if `drop_last` would
            leave no batch.

    Example:
        >>> batches = IndexBatches(5, 2, seed=0, shuffle=False)
        >>> [batch.tolist() for batch in batches]
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
        if n < 1 or batch_size < 1:
            raise ValueError(
                "IndexBatches: expected n >= 1 and batch_size >= 1, "
                f"received n={n}, batch_size={batch_size}"
            )
        if drop_last and batch_size > n:
            raise ValueError(
                "IndexBatches: expected batch_size <= n with drop_last=True, "
                f"received n={n}, batch_size={batch_size}"
            )
        self.n, self.batch_size, self.seed = n, batch_size, seed
        self.shuffle, self.drop_last = shuffle, drop_last
        self._next_epoch = 0

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        whole, rest = divmod(self.n, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield the batches of the next epoch: int64 arrays of shape (B,)."""
        epoch = self._next_epoch
        self._next_epoch += 1
        yield from self.epoch(epoch)

    def order(self, epoch: int) -> np.ndarray:
        """Return the order of all examples in `epoch`, shape (n,), int64."""
        if not self.shuffle:
            return np.arange(self.n)
        return np.random.default_rng((self.seed, epoch)).permutation(self.n)

    def epoch(self, epoch: int) -> list[np.ndarray]:
        """Return the batches of `epoch`: int64 arrays of shape (B,)."""
        order = self.order(epoch)
        stop = len(self) * self.batch_size
        return [
            order[i : i + self.batch_size]
            for i in range(0, min(stop, self.n), self.batch_size)
        ]
