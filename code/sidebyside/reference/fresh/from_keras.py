"""The same network in Keras, from nothing, on the backend of KERAS_BACKEND."""

import time

started = time.perf_counter()
import keras  # noqa: E402

imported = time.perf_counter()
from sidebyside.reference.fresh import _work as work  # noqa: E402


def main() -> None:
    """Train, and print what it cost."""
    X, y = work.batch()
    model = keras.Sequential(
        [
            keras.Input((work.NUM_INPUTS,)),
            keras.layers.Dense(work.NUM_HIDDENS, "relu"),
            keras.layers.Dense(work.NUM_CLASSES),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(work.LR), loss)
    model.train_on_batch(X, y)
    stepped = time.perf_counter()
    for _ in range(work.NUM_STEPS):
        model.train_on_batch(X, y)
    work.tell(started, imported, stepped)


if __name__ == "__main__":
    main()
