"""The one stream of batches that all lanes consume."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sidebyside.batches import IndexBatches

cases = given(
    n=st.integers(1, 50),
    batch_size=st.integers(1, 60),
    seed=st.integers(0, 100),
    shuffle=st.booleans(),
)


@cases
def test_every_index_comes_once_an_epoch(
    n: int, batch_size: int, seed: int, shuffle: bool
) -> None:
    batches = IndexBatches(n, batch_size, seed=seed, shuffle=shuffle)
    for _ in range(3):
        epoch = list(batches)
        assert len(epoch) == len(batches)
        assert sorted(np.concatenate(epoch)) == list(range(n))
        assert all(len(batch) == batch_size for batch in epoch[:-1])
        assert 1 <= len(epoch[-1]) <= batch_size
        assert {batch.dtype for batch in epoch} == {np.dtype(np.int64)}


@cases
def test_drop_last_leaves_whole_batches(
    n: int, batch_size: int, seed: int, shuffle: bool
) -> None:
    batch_size = min(n, batch_size)
    options = {"seed": seed, "shuffle": shuffle}
    dropped = IndexBatches(n, batch_size, drop_last=True, **options)
    epoch, whole = list(dropped), list(IndexBatches(n, batch_size, **options))
    assert len(epoch) == len(dropped) == n // batch_size
    for batch, same in zip(epoch, whole, strict=False):
        np.testing.assert_array_equal(batch, same)
        assert len(batch) == batch_size


def orders(batches: IndexBatches, epochs: int) -> list[list[int]]:
    return [np.concatenate(list(batches)).tolist() for _ in range(epochs)]


def test_epochs_differ_and_the_seed_fixes_them() -> None:
    first = orders(IndexBatches(20, 6, seed=1), 3)
    assert first[0] != first[1]
    assert first[1] != first[2]
    assert orders(IndexBatches(20, 6, seed=1), 3) == first
    assert orders(IndexBatches(20, 6, seed=2), 3)[0] != first[0]
    assert first[0] != list(range(20))


def test_the_order_does_not_depend_on_the_batch_size() -> None:
    assert orders(IndexBatches(20, 6, seed=1), 2) == orders(
        IndexBatches(20, 7, seed=1), 2
    )


def test_an_epoch_can_be_looked_at_without_moving_on() -> None:
    batches = IndexBatches(20, 6, seed=1)
    ahead = [batch.tolist() for batch in batches.epoch(1)]
    order = batches.order(1).tolist()
    first, second = ([b.tolist() for b in batches] for _ in range(2))
    assert second == ahead
    assert [index for batch in second for index in batch] == order
    assert first != second


def test_without_shuffling_the_order_is_the_natural_one() -> None:
    batches = IndexBatches(5, 2, seed=0, shuffle=False)
    assert orders(batches, 2) == [[0, 1, 2, 3, 4]] * 2


def test_a_pytorch_loader_and_plain_indexing_see_the_same() -> None:
    X = np.arange(20.0) * 10
    data = torch.utils.data.TensorDataset(torch.from_numpy(X))
    loader = torch.utils.data.DataLoader(
        data, batch_sampler=IndexBatches(20, 6, seed=3)
    )
    indexed = IndexBatches(20, 6, seed=3)
    assert len(loader) == len(indexed) == 4
    for _ in range(2):
        for (x,), i in zip(loader, indexed, strict=True):
            np.testing.assert_array_equal(x.numpy(), X[i])


@pytest.mark.parametrize(("n", "batch_size"), [(0, 1), (-1, 1), (1, 0), (3, -2)])
def test_sizes_below_one_are_refused(n: int, batch_size: int) -> None:
    with pytest.raises(ValueError, match=f"received n={n}, batch_size={batch_size}"):
        IndexBatches(n, batch_size, seed=0)


def test_an_epoch_without_batches_is_refused() -> None:
    with pytest.raises(ValueError, match=r"batch_size <= n .*n=3, batch_size=4"):
        IndexBatches(3, 4, seed=0, drop_last=True)
    assert len(IndexBatches(3, 4, seed=0)) == 1
