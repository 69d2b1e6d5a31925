"""The same network in TensorFlow core, from nothing."""

import time

started = time.perf_counter()
import tensorflow as tf  # noqa: E402

imported = time.perf_counter()
from sidebyside.reference.fresh import _work as work  # noqa: E402


class Net(tf.Module):
    """Two dense layers."""

    def __init__(self) -> None:
        super().__init__()
        shape_1 = (work.NUM_INPUTS, work.NUM_HIDDENS)
        shape_2 = (work.NUM_HIDDENS, work.NUM_CLASSES)
        self.w1 = tf.Variable(tf.random.normal(shape_1, stddev=0.1))
        self.b1 = tf.Variable(tf.zeros(work.NUM_HIDDENS))
        self.w2 = tf.Variable(tf.random.normal(shape_2, stddev=0.1))
        self.b2 = tf.Variable(tf.zeros(work.NUM_CLASSES))

    def __call__(self, X: tf.Tensor) -> tf.Tensor:
        """Return logits (B, K) of inputs (B, C)."""
        return tf.nn.relu(X @ self.w1 + self.b1) @ self.w2 + self.b2


def main() -> None:
    """Train, and print what it cost."""
    X, y = map(tf.constant, work.batch())
    model = Net()

    @tf.function
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(X))
            loss = tf.reduce_mean(losses)
        variables = model.trainable_variables
        gradients = tape.gradient(loss, variables)
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.assign_sub(work.LR * gradient)
        return loss

    float(step())
    stepped = time.perf_counter()
    for _ in range(work.NUM_STEPS):
        float(step())
    work.tell(started, imported, stepped)


if __name__ == "__main__":
    main()
