"""The Keras lane of the races, on any backend: four models, and what is timed."""

import os
from types import ModuleType
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from sidebyside.lanes import keras as lane
from sidebyside.speed.tasks import (
    CHARACTERS,
    FIELDS,
    LENGTH,
    ROW,
    ROWS,
    Arrays,
    Task,
)

MANY = 10
"""Steps that the backend takes in one call, where it can (`steps_per_execution`)."""


def cnn(a: int, b: int) -> keras.Model:
    """Two convolutions and the mean over the image."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(a, 3, padding="same", activation="relu", name="first"),
            layers.MaxPooling2D(),
            layers.Conv2D(b, 3, padding="same", activation="relu", name="second"),
            layers.MaxPooling2D(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, name="output"),
        ]
    )


def lstm(E: int, D: int) -> keras.Model:
    """An embedding, an LSTM, and the next character at every place."""
    return keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            layers.Embedding(CHARACTERS, E, name="embedding"),
            layers.LSTM(D, return_sequences=True, name="lstm"),
            layers.Dense(CHARACTERS, name="output"),
        ]
    )


class Places(layers.Embedding):
    """A vector for each place, the same for every example."""

    def call(self, inputs: Any) -> Any:
        """Add the vectors to (B, T, D)."""
        return inputs + self.embeddings

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape that came in."""
        return input_shape


class Attention(layers.Layer):
    """Attention to what stands before; the dense layers around it are the model's."""

    def __init__(self, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads

    def call(self, q: Any, k: Any, v: Any) -> Any:
        """Mix (B, T, D) along time."""
        shape = (-1, LENGTH, self.num_heads, q.shape[-1] // self.num_heads)
        parts = (ops.reshape(x, shape) for x in (q, k, v))  # (B, T, H, D / H)
        mixed = ops.dot_product_attention(*parts, is_causal=True)
        return ops.reshape(mixed, (-1, LENGTH, q.shape[-1]))


def transformer(D: int, H: int, wide: int) -> keras.Model:
    """One block of a decoder: attention to what stands before, then a wide layer."""

    def norm(name: str) -> layers.Layer:
        return layers.LayerNormalization(epsilon=1e-5, name=name)

    inputs = keras.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(CHARACTERS, D, name="embedding")(inputs)
    x = Places(LENGTH, D, name="place_embedding")(x)
    h = norm("attention_norm")(x)
    q, v = (layers.Dense(D, name=name)(h) for name in ("query", "value"))
    k = layers.Dense(D, use_bias=False, name="key")(h)
    x = x + layers.Dense(D, name="joined")(Attention(H)(q, k, v))
    h = layers.Dense(wide, activation="relu", name="widen")(norm("wide_norm")(x))
    x = x + layers.Dense(D, name="narrow")(h)
    outputs = layers.Dense(CHARACTERS, name="output")(norm("last_norm")(x))
    return keras.Model(inputs, outputs)


def recommender(rows: int, D: int, H: int) -> keras.Model:
    """A vector for each id, then two dense layers."""
    return keras.Sequential(
        [
            keras.Input((FIELDS,), dtype="int32"),
            layers.Embedding(rows, D, name="embedding"),
            layers.Flatten(),
            layers.Dense(H, activation="relu", name="hidden"),
            layers.Dense(2, name="output"),
        ]
    )


MODELS = {"cnn": cnn, "lstm": lstm, "transformer": transformer}
MODELS |= {"recommender": recommender}


class Runner:
    """A model of one task, run in one way."""

    def __init__(
        self, page: ModuleType, task: Task, way: str, data: Arrays, first: Arrays
    ) -> None:
        self.page, self.batch_size = page, task.batch_size
        self.model = {**MODELS, "mlp": page.mlp_ks}[task.name](*task.sizes)
        lane.set_weights(self.model, first)
        many = MANY if way.startswith("10 steps") else 1
        xla = {"jit_compile": True} if way.endswith("XLA") else {}
        page.compile_ks(self.model, task.rate, steps_per_execution=many, **xla)
        self.one = data["X_test"][:1]
        self.pipeline = page.pipeline_ks(data["X"], data["y"], task.batch_size)
        B = task.batch_size
        self.one_batch = self._ready(data["X"][:B], data["y"][:B])
        self.batches = self._ready(data["X"], data["y"])
        self.tests = self._ready(data["X_test"], data["y_test"])
        self.tests.pop("shuffle", None)  # `evaluate` never shuffles

    def _ready(self, X: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        """Return data in its order, in the form that costs `fit` least.

        That is, on TensorFlow, the dataset of ready batches that a loop inside its own
        graph reads, too; on other backends tensors, of which slices are batches.
        """
        B = self.batch_size
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            stacked = tuple(a.reshape(-1, B, *a.shape[1:]) for a in (X, y))
            return {"x": tf.data.Dataset.from_tensor_slices(stacked)}
        x, y = ops.convert_to_tensor(X), ops.convert_to_tensor(y)
        return {"x": x, "y": y, "batch_size": B, "shuffle": False}

    def first(self) -> Any:
        """Take one step."""
        return self.page.train_ks(self.model, **self.one_batch)

    def ready(self) -> Any:
        """Train on data that is ready on the backend, in its order."""
        return self.page.train_ks(self.model, **self.batches)

    def epoch(self) -> Any:
        """Train on what the lane's own pipeline draws."""
        return self.page.train_ks(self.model, **self.pipeline)

    def evaluate(self) -> Any:
        """Return loss and share of hits on data that is ready on the backend."""
        return self.page.evaluate_ks(self.model, **self.tests)

    def answer(self) -> np.ndarray:
        """Return the logits of one example."""
        return self.page.answer_ks(self.model, self.one)

    def weights(self) -> Arrays:
        """Return the weights by neutral names."""
        return lane.get_weights(self.model)


class Rows(keras.utils.PyDataset):
    """Images in a file, read batch by batch."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def __len__(self) -> int:
        return os.path.getsize(self.path) // (ROW * ROWS)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return a batch: X (B, 784), y (B,)."""
        size = ROW * ROWS
        block = np.fromfile(self.path, np.uint8, size, offset=index * size)
        table = block.reshape(ROWS, ROW)
        return table[:, :-1].astype(np.float32) / 255, table[:, -1].astype(np.int32)


def stream(page: ModuleType, path: str) -> Any:
    """Return a function that trains a small network on a file, batch by batch."""
    page.compile_ks(model := page.mlp_ks(16), 0.1)
    return lambda: model.fit(Rows(path), shuffle=False, verbose=0)
