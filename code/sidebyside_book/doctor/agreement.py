"""A real check in a few seconds: do the three frameworks agree on a small model?

`python -m sidebyside_book.doctor.agreement` climbs the parity ladder with a network of
two dense layers: shapes, outputs, loss, gradients, ten training steps. It is a process
of its own, so that what the frameworks print or break stays there.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np
import torch  # before TensorFlow
import torch.nn.functional as F
from torch import nn

from sidebyside import parity, quiet, tfcore

with quiet():
    import tensorflow as tf

import keras

from sidebyside.lanes import keras as lane_ks
from sidebyside.lanes import pytorch as lane_pt
from sidebyside.lanes import tensorflow as lane_tf
from sidebyside.parity import Lane

BATCH, NUM_INPUTS, NUM_HIDDENS, NUM_CLASSES, NUM_STEPS, LR = 32, 8, 16, 3, 10, 0.1


class _NetTf(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = tfcore.Dense(NUM_INPUTS, NUM_HIDDENS)
        self.out = tfcore.Dense(NUM_HIDDENS, NUM_CLASSES)

    def __call__(self, X: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.out(tf.nn.tanh(self.hidden(X)))


def pytorch() -> Lane:
    """Return the network in PyTorch."""
    layers = {
        "hidden": nn.Linear(NUM_INPUTS, NUM_HIDDENS),
        "tanh": nn.Tanh(),
        "out": nn.Linear(NUM_HIDDENS, NUM_CLASSES),
    }
    model = nn.Sequential()
    for name, layer in layers.items():
        model.add_module(name, layer)
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)

    def step(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return lane_pt.probe(model, F.cross_entropy, step=step)


def tensorflow() -> Lane:
    """Return the network in TensorFlow core."""
    model = _NetTf()

    def loss_fn(logits: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
        return tf.reduce_mean(losses)

    @tf.function
    def step(X: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_fn(model(X), y)
        variables = model.trainable_variables
        for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
            v.assign_sub(LR * g)
        return loss

    return lane_tf.probe(model, loss_fn, step=step)


def in_keras() -> Lane:
    """Return the network in Keras, on its present backend."""
    model = keras.Sequential(
        [
            keras.Input((NUM_INPUTS,)),
            keras.layers.Dense(NUM_HIDDENS, "tanh", name="hidden"),
            keras.layers.Dense(NUM_CLASSES, name="out"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(LR), loss)

    def step(X: np.ndarray, y: np.ndarray) -> float:
        model.reset_metrics()  # or older Keras returns the mean over all steps
        return float(model.train_on_batch(X, y))

    return lane_ks.probe(model, loss, step=step)


def main() -> None:
    """Climb the ladder; the process fails with a ParityError if a rung breaks."""
    rng = np.random.default_rng(0)
    batches = [
        (
            rng.normal(size=(BATCH, NUM_INPUTS)).astype(np.float32),
            rng.integers(NUM_CLASSES, size=BATCH),
        )
        for _ in range(NUM_STEPS)
    ]
    parity.ladder("a small network", [pytorch, tensorflow, in_keras], batches)


if __name__ == "__main__":
    main()
