"""The one stream of batches that all lanes consume."""

import keras
import numpy as np
import pytest
import tensorflow as tf
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
    for k in range(3):
        epoch = batches.epoch(k)
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
    epoch, whole = dropped.epoch(1), IndexBatches(n, batch_size, **options).epoch(1)
    assert len(epoch) == len(dropped) == n // batch_size
    for batch, same in zip(epoch, whole, strict=False):
        np.testing.assert_array_equal(batch, same)
        assert len(batch) == batch_size


def orders(batches: IndexBatches, epochs: int) -> list[list[int]]:
    return [np.concatenate(batches.epoch(k)).tolist() for k in range(epochs)]


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


def test_an_epoch_is_the_same_whoever_asks_and_when() -> None:
    batches = IndexBatches(20, 6, seed=1)
    later = [batch.tolist() for batch in batches.epoch(1)]
    first = [batch.tolist() for batch in batches.epoch(0)]
    assert [batch.tolist() for batch in batches.epoch(np.int64(1))] == later
    assert [index for batch in later for index in batch] == batches.order(1).tolist()
    assert first != later


def test_an_epoch_that_is_not_named_is_refused() -> None:
    batches = IndexBatches(20, 6, seed=1)
    loader = torch.utils.data.DataLoader(range(20), batch_sampler=batches)
    for ask in (
        lambda: iter(batches),
        lambda: list(batches),
        lambda: next(iter(loader)),
    ):
        with pytest.raises(
            TypeError, match=r"asked for by number.*batches\.epoch\(0\)"
        ):
            ask()


def test_without_shuffling_the_order_is_the_natural_one() -> None:
    batches = IndexBatches(5, 2, seed=0, shuffle=False)
    assert orders(batches, 2) == [[0, 1, 2, 3, 4]] * 2


class Data(keras.utils.PyDataset):
    """The batches of one epoch."""

    def __init__(self, X: np.ndarray, epoch: list[np.ndarray]) -> None:
        super().__init__()
        self.X, self.epoch = X, epoch

    def __len__(self) -> int:
        return len(self.epoch)

    def __getitem__(self, k: int) -> np.ndarray:
        return self.X[self.epoch[k]]


def test_all_lanes_see_the_same_from_one_object() -> None:
    X, batches = np.arange(20.0) * 10, IndexBatches(20, 6, seed=3)
    data = torch.utils.data.TensorDataset(torch.from_numpy(X))
    for k in (0, 1, 0):
        loader = torch.utils.data.DataLoader(data, batch_sampler=batches.epoch(k))
        indices = tf.data.Dataset.from_generator(
            batches.epoch,
            args=[k],
            output_signature=tf.TensorSpec([None], tf.int64),
        )
        dataset = Data(X, batches.epoch(k))
        assert len(loader) == len(dataset) == len(batches) == 4
        seen = zip(loader, indices, range(4), batches.epoch(k), strict=True)
        for (x_pt,), i_tf, b, i in seen:
            for x in (x_pt.numpy(), tf.gather(X, i_tf).numpy(), dataset[b]):
                np.testing.assert_array_equal(x, X[i])


def test_an_epoch_without_batches_is_refused() -> None:
    with pytest.raises(ValueError, match=r"batch_size <= n .*n=3, batch_size=4"):
        IndexBatches(3, 4, seed=0, drop_last=True)
    assert len(IndexBatches(3, 4, seed=0)) == 1
