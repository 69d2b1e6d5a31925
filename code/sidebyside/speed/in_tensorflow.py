"""The TensorFlow lane of the races: four models, and the calls that are timed."""

from types import ModuleType
from typing import Any

import numpy as np
import tensorflow as tf

from sidebyside import tfcore
from sidebyside.lanes import tensorflow as lane
from sidebyside.speed.tasks import (
    CHARACTERS,
    FIELDS,
    LENGTH,
    ROW,
    ROWS,
    Arrays,
    Task,
)


class Cnn(tf.Module):
    """Two convolutions and the mean over the image."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.first, self.second = tfcore.Conv2D(1, a, 3), tfcore.Conv2D(a, b, 3)
        self.output = tfcore.Dense(b, 10)

    def __call__(self, X: tf.Tensor) -> tf.Tensor:
        """Map (B, 28, 28, 1) to (B, 10)."""
        H = tf.nn.max_pool2d(tf.nn.relu(self.first(X)), 2, 2, "VALID")
        H = tf.nn.max_pool2d(tf.nn.relu(self.second(H)), 2, 2, "VALID")
        return self.output(tf.reduce_mean(H, [1, 2]))


class Lstm(tf.Module):
    """An embedding, an LSTM, and the next character at every place."""

    def __init__(self, E: int, D: int) -> None:
        super().__init__()
        self.embedding = tfcore.Embedding(CHARACTERS, E)
        self.lstm = tfcore.LSTM(E, D)
        self.output = tfcore.Dense(D, CHARACTERS)

    def __call__(self, X: tf.Tensor) -> tf.Tensor:
        """Map (B, T) to (B, T, characters)."""
        H, _ = self.lstm(self.embedding(X))
        return self.output(H)


class Transformer(tf.Module):
    """One block of a decoder: attention to what stands before, then a wide layer."""

    def __init__(self, D: int, H: int, wide: int) -> None:
        super().__init__()
        self.num_heads = H
        self.embedding = tfcore.Embedding(CHARACTERS, D)
        self.place_embedding = tfcore.Embedding(LENGTH, D)
        self.attention_norm, self.wide_norm = tfcore.LayerNorm(D), tfcore.LayerNorm(D)
        self.query = tfcore.Dense(D, D)
        self.key = tfcore.Dense(D, D, use_bias=False)
        self.value, self.joined = tfcore.Dense(D, D), tfcore.Dense(D, D)
        self.widen, self.narrow = tfcore.Dense(D, wide), tfcore.Dense(wide, D)
        self.last_norm = tfcore.LayerNorm(D)
        self.output = tfcore.Dense(D, CHARACTERS)

    def attend(self, x: tf.Tensor) -> tf.Tensor:
        """Mix (B, T, D) along time."""
        H, D = self.num_heads, x.shape[-1]
        q, k, v = (
            tf.reshape(part(x), [-1, LENGTH, H, D // H])  # (B, T, H, D / H)
            for part in (self.query, self.key, self.value)
        )
        scores = tf.einsum("bthd,bshd->bhts", q, k) * (D // H) ** -0.5
        seen = tf.linalg.band_part(tf.ones([LENGTH, LENGTH], tf.bool), -1, 0)
        scores = tf.where(seen, scores, scores.dtype.min)
        mixed = tf.einsum("bhts,bshd->bthd", tf.nn.softmax(scores), v)
        return self.joined(tf.reshape(mixed, [-1, LENGTH, D]))

    def __call__(self, X: tf.Tensor) -> tf.Tensor:
        """Map (B, T) to (B, T, characters)."""
        x = self.embedding(X) + self.place_embedding.embeddings
        x = x + self.attend(self.attention_norm(x))
        x = x + self.narrow(tf.nn.relu(self.widen(self.wide_norm(x))))
        return self.output(self.last_norm(x))


class Recommender(tf.Module):
    """A vector for each id, then two dense layers."""

    def __init__(self, rows: int, D: int, H: int) -> None:
        super().__init__()
        self.embedding = tfcore.Embedding(rows, D)
        self.hidden, self.output = tfcore.Dense(FIELDS * D, H), tfcore.Dense(H, 2)

    def __call__(self, X: tf.Tensor) -> tf.Tensor:
        """Map (B, 8) to (B, 2)."""
        x = self.embedding(X)  # (B, 8, D)
        x = tf.reshape(x, [-1, FIELDS * x.shape[-1]])
        return self.output(tf.nn.relu(self.hidden(x)))


MODELS = {"cnn": Cnn, "lstm": Lstm, "transformer": Transformer}
MODELS |= {"recommender": Recommender}


class Runner:
    """A model of one task, run in one way."""

    def __init__(
        self, page: ModuleType, task: Task, way: str, data: Arrays, first: Arrays
    ) -> None:
        self.page, self.inside = page, way.endswith("inside")
        xla, B = way.startswith("XLA"), task.batch_size
        self.model = {**MODELS, "mlp": page.Mlp_tf}[task.name](*task.sizes)
        lane.set_weights(self.model, first)
        self.step = self._looped(page.step_tf(self.model, task.rate, xla))
        self.test = self._looped(page.test_tf(self.model, xla))
        self.forward = tf.function(self.model, jit_compile=xla, reduce_retracing=True)
        self.one = data["X_test"][:1]
        self.pipeline = page.pipeline_tf(data["X"], data["y"], B)
        self.batches = self._ready(data["X"], data["y"], B)
        self.tests = self._ready(data["X_test"], data["y_test"], B)

    def _looped(self, step: Any) -> Any:
        """Return the step, or a graph that loops over it."""
        return self.page.inside_tf(step) if self.inside else step

    def _ready(self, X: np.ndarray, y: np.ndarray, B: int) -> Any:
        """Return batches as tensors: in a list, or in a dataset for a loop inside."""
        starts = range(0, len(X), B)
        batches = [
            (tf.constant(X[i : i + B]), tf.constant(y[i : i + B])) for i in starts
        ]
        if not self.inside:
            return batches
        stacked = tuple(tf.stack(part) for part in zip(*batches, strict=True))
        return tf.data.Dataset.from_tensor_slices(stacked)

    def _run(self, step: Any, batches: Any) -> Any:
        run = self.page.run_inside_tf if self.inside else self.page.run_tf
        return run(step, batches)

    def first(self) -> Any:
        """Take one step."""
        batches = self.batches
        return self._run(self.step, batches.take(1) if self.inside else batches[:1])

    def ready(self) -> Any:
        """Train on batches that are ready."""
        return self._run(self.step, self.batches)

    def epoch(self) -> Any:
        """Train on what the lane's own pipeline draws."""
        return self._run(self.step, self.pipeline)

    def evaluate(self) -> Any:
        """Return loss and share of hits on batches that are ready."""
        return self._run(self.test, self.tests)

    def answer(self) -> np.ndarray:
        """Return the logits of one example."""
        return self.page.answer_tf(self.forward, self.one)

    def weights(self) -> Arrays:
        """Return the weights by neutral names."""
        return lane.get_weights(self.model)


def stream(page: ModuleType, path: str) -> Any:
    """Return a function that trains a small network on a file, batch by batch."""

    def decode(records: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        table = tf.reshape(tf.io.decode_raw(records, tf.uint8), [ROWS, ROW])
        X, y = tf.cast(table[:, :-1], tf.float32) / 255, table[:, -1]
        return X, tf.cast(y, tf.int32)

    rows = tf.data.FixedLengthRecordDataset(path, ROW).batch(ROWS, drop_remainder=True)
    batches = rows.map(decode).prefetch(tf.data.AUTOTUNE)
    step = page.step_tf(page.Mlp_tf(16), 0.1, False)
    return lambda: page.run_tf(step, batches)
