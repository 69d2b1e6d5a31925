"""A `tf.Module` that reads sequences from both ends.

Its weights are those of the two layers that it is given. Batches come first, time
second.
"""

import tensorflow as tf

from sidebyside.tfcore.recurrent import GRU, LSTM, SimpleRNN, States

Recurrent = LSTM | GRU | SimpleRNN


class Bidirectional(tf.Module):
    """Read a sequence from both ends and join what the two layers say.

    Args:
        forward: An `LSTM`, `GRU` or `SimpleRNN` that reads from the first step.
        backward: One that reads from the last.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Schuster and Paliwal 1997, https://doi.org/10.1109/78.650093
    """

    def __init__(self, forward: Recurrent, backward: Recurrent) -> None:
        super().__init__()
        for name, layer in (("forward", forward), ("backward", backward)):
            if not isinstance(layer, Recurrent):
                raise TypeError(
                    f"Bidirectional: expected {name} to be an LSTM, GRU or SimpleRNN, "
                    f"received {type(layer).__name__}"
                )
        if type(forward) is not type(backward):
            raise ValueError(
                "Bidirectional: expected two layers of one kind, received "
                f"{type(forward).__name__} and {type(backward).__name__}"
            )
        self.forward, self.backward = forward, backward

    def __call__(
        self, x: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, States]:
        """Map (B, T, C) to outputs (B, T, 2D) and the last states, joined (B, 2D).

        Padding (`mask` False) may stand at the end: read backwards, it comes first
        and leaves the zero state as it is.
        """
        reverse = None if mask is None else tf.reverse(mask, [1])
        ahead, last = self.forward(x, mask)
        back, first = self.backward(tf.reverse(x, [1]), reverse)
        outputs = tf.concat([ahead, tf.reverse(back, [1])], axis=2)
        pairs = zip(last, first, strict=True)
        return outputs, tuple(tf.concat(pair, axis=1) for pair in pairs)
