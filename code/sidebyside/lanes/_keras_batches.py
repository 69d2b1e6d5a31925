"""What reaches a Keras model that is trained inside another, on each backend.

`fit` runs the model in a graph or a compiled function, so the batches have to be handed
out by each backend's own means.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import keras
import numpy as np

Note = Callable[[np.ndarray], None]


@contextmanager
def noting_batches(model: keras.Model, note: Note) -> Iterator[None]:
    """Let `note` be called with each batch that `model` gets in training mode.

    A function that was compiled earlier holds no such call, and one that is compiled
    inside keeps it, without effect.

    Args:
        model: A model of one input that another model contains.
        note: Called with the batch.

    Raises:
        ValueError: If the backend is not TensorFlow, JAX or PyTorch.
    """
    backends = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
    name, call = keras.config.backend(), model.call
    if name not in backends:
        raise ValueError(
            f"watch: expected one of the backends {sorted(backends)}, received {name!r}"
        )

    running = True

    def noting(batch: np.ndarray) -> None:
        if running:
            note(batch)

    def noted(X: Any, *given: Any, **named: Any) -> Any:
        if named.get("training"):
            backends[name](X, noting)
        return call(X, *given, **named)

    with mock.patch.object(model, "call", noted):
        try:
            yield
        finally:
            if name == "jax":
                import jax

                jax.effects_barrier()  # callbacks may still be under way
            running = False


def _tensorflow(X: Any, note: Note) -> None:
    import tensorflow as tf

    tf.py_function(lambda batch: note(batch.numpy()), [X], [])


def _jax(X: Any, note: Note) -> None:
    import jax

    jax.debug.callback(lambda batch: note(np.asarray(batch)), X, ordered=True)


def _torch(X: Any, note: Note) -> None:
    note(keras.ops.convert_to_numpy(X))
