"""Recurrent layers as `tf.Module`s: simple, LSTM and GRU.

All weights have the neutral names, axes and gate orders of `sidebyside.layout`. Batches
come first, time second. Loops are `tf.while_loop`s inside a `tf.function`, so the graph
does not grow with the sequence.
"""

from typing import Any, Protocol

import tensorflow as tf

from sidebyside import _checks
from sidebyside.tfcore._dtype import floating
from sidebyside.tfcore.layers import _glorot_uniform, check_seed, check_sizes

States = tuple[tf.Tensor, ...]


class _Cell(Protocol):
    num_units: int
    kernel: tf.Variable

    def zero_state(self, x: tf.Tensor) -> States: ...
    def project(self, x: tf.Tensor) -> tf.Tensor: ...
    def step(self, projected: tf.Tensor, states: States) -> States: ...


def _scan(
    cell: _Cell, x: tf.Tensor, mask: tf.Tensor | None
) -> tuple[tf.Tensor, States]:
    """Run `cell` along time; where `mask` is False the states stay as they are."""
    inputs = tf.transpose(cell.project(x), [1, 0, 2])  # (T, B, gates)
    steps = inputs.shape[0] or tf.shape(inputs)[0]  # known or not; XLA wants it known
    keep = None if mask is None else tf.transpose(mask)[:, :, None]  # (T, B, 1)
    outputs = tf.TensorArray(x.dtype, size=steps, element_shape=[None, cell.num_units])

    def body(t: tf.Tensor, states: States, outputs: Any) -> tuple[Any, ...]:
        new = cell.step(inputs[t], states)
        if keep is not None:
            pairs = zip(new, states, strict=True)
            new = tuple(tf.where(keep[t], a, b) for a, b in pairs)
        return t + 1, new, outputs.write(t, new[0])

    _, states, outputs = tf.while_loop(
        lambda t, *_: t < steps,
        body,
        (0, cell.zero_state(x), outputs),
        maximum_iterations=steps,
    )
    return tf.transpose(outputs.stack(), [1, 0, 2]), states  # (B, T, D)


def _orthogonal(shape: tuple[int, int], dtype: tf.DType, seed: int | None) -> tf.Tensor:
    """Draw a matrix (rows <= columns) with orthonormal rows.

    Source: Saxe, McClelland and Ganguli 2013, https://arxiv.org/abs/1312.6120
    """
    q, r = tf.linalg.qr(tf.random.normal(shape[::-1], dtype=dtype, seed=seed))
    return tf.transpose(q * tf.sign(tf.linalg.diag_part(r)))


class SimpleRNN(tf.Module):
    """One layer whose state is fed back: h' = tanh(x @ kernel + h @ recurrent + bias).

    Args:
        num_inputs: Features in.
        num_units: Size D of the state.
        activation: `"tanh"` or `"relu"`.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed; the kernel starts Glorot uniform, the recurrent kernel
            orthogonal, the bias at 0, as in Keras.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Numerics: one bias vector; PyTorch adds two.

    Source: Elman 1990, https://doi.org/10.1207/s15516709cog1402_1
    """

    def __init__(
        self,
        num_inputs: int,
        num_units: int,
        *,
        activation: str = "tanh",
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_inputs=num_inputs, num_units=num_units)
        check_seed(self, seed)
        _checks.word("SimpleRNN", "activation", activation, ("tanh", "relu"))
        dtype = floating("SimpleRNN", dtype)
        self.num_units, self.activation = num_units, activation
        shape, square = (num_inputs, num_units), (num_units, num_units)
        self.kernel = tf.Variable(_glorot_uniform(shape, *shape, dtype, seed))
        self.recurrent_kernel = tf.Variable(_orthogonal(square, dtype, seed))
        self.bias = tf.Variable(tf.zeros(num_units, dtype))

    def __call__(
        self, x: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, States]:
        """Map (B, T, num_inputs) to all outputs (B, T, D) and the last (h,).

        Args:
            x: The sequences.
            mask: Shape (B, T), bool; at False the state is kept and the output is
                repeated.
        """
        return _scan(self, x, mask)

    def zero_state(self, x: tf.Tensor) -> States:
        """Return h, zeros of shape (B, D)."""
        return (tf.zeros([tf.shape(x)[0], self.num_units], x.dtype),)

    def project(self, x: tf.Tensor) -> tf.Tensor:
        """Return the inputs' part of the sum, (B, T, D)."""
        return tf.tensordot(x, self.kernel, 1) + self.bias

    def step(self, projected: tf.Tensor, states: States) -> States:
        """Return the next (h,), (B, D)."""
        total = projected + states[0] @ self.recurrent_kernel
        return (tf.tanh(total) if self.activation == "tanh" else tf.nn.relu(total),)


class LSTM(tf.Module):
    """Long short-term memory, gates in the order i, f, c, o.

    Args:
        num_inputs: Features in.
        num_units: Size D of the state.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed; the kernel starts Glorot uniform, the recurrent kernel
            orthogonal, the bias at 0 and, for the forget gate, at 1, as in Keras.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Numerics: one bias vector; PyTorch adds two.

    Source: Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735;
        forget gate: Gers, Schmidhuber and Cummins 2000,
        https://doi.org/10.1162/089976600300015015
    """

    def __init__(
        self,
        num_inputs: int,
        num_units: int,
        *,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_inputs=num_inputs, num_units=num_units)
        check_seed(self, seed)
        dtype = floating("LSTM", dtype)
        self.num_units = num_units
        shape, square = (num_inputs, 4 * num_units), (num_units, 4 * num_units)
        forget = tf.repeat(tf.constant([0, 1, 0, 0], dtype), num_units)
        self.kernel = tf.Variable(_glorot_uniform(shape, *shape, dtype, seed))
        self.recurrent_kernel = tf.Variable(_orthogonal(square, dtype, seed))
        self.bias = tf.Variable(forget)

    def __call__(
        self, x: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, States]:
        """Map (B, T, num_inputs) to all outputs (B, T, D) and the last (h, c).

        Args:
            x: The sequences.
            mask: Shape (B, T), bool; at False the states are kept and the output is
                repeated.
        """
        return _scan(self, x, mask)

    def zero_state(self, x: tf.Tensor) -> States:
        """Return h and c, zeros of shape (B, D)."""
        zeros = tf.zeros([tf.shape(x)[0], self.num_units], x.dtype)
        return zeros, zeros

    def project(self, x: tf.Tensor) -> tf.Tensor:
        """Return the inputs' part of all gates at once, (B, T, 4D)."""
        return tf.tensordot(x, self.kernel, 1) + self.bias

    def step(self, projected: tf.Tensor, states: States) -> States:
        """Return the next (h, c), each (B, D)."""
        h, c = states
        i, f, g, o = tf.split(projected + h @ self.recurrent_kernel, 4, axis=1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        return tf.sigmoid(o) * tf.tanh(c), c


class GRU(tf.Module):
    """Gated recurrent unit, gates in the order z, r, h.

    Args:
        num_inputs: Features in.
        num_units: Size D of the state.
        reset_after: Whether the reset gate acts after the recurrent product (PyTorch's
            only form, Keras' default) or before it (the paper). Only the first has a
            `recurrent_bias`.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed; the kernel starts Glorot uniform, the recurrent kernel
            orthogonal, the biases at 0, as in Keras.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Cho et al. 2014, https://arxiv.org/abs/1406.1078, equations 5 to 8
    """

    def __init__(
        self,
        num_inputs: int,
        num_units: int,
        *,
        reset_after: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_inputs=num_inputs, num_units=num_units)
        check_seed(self, seed)
        _checks.flag("GRU", "reset_after", reset_after)
        dtype = floating("GRU", dtype)
        self.num_units, self.reset_after = num_units, reset_after
        shape, square = (num_inputs, 3 * num_units), (num_units, 3 * num_units)
        zeros = tf.zeros(3 * num_units, dtype)
        self.kernel = tf.Variable(_glorot_uniform(shape, *shape, dtype, seed))
        self.recurrent_kernel = tf.Variable(_orthogonal(square, dtype, seed))
        self.bias = tf.Variable(zeros)
        self.recurrent_bias = tf.Variable(zeros) if reset_after else None

    def __call__(
        self, x: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, States]:
        """Map (B, T, num_inputs) to all outputs (B, T, D) and the last (h,).

        Args:
            x: The sequences.
            mask: Shape (B, T), bool; at False the state is kept and the output is
                repeated.
        """
        return _scan(self, x, mask)

    def zero_state(self, x: tf.Tensor) -> States:
        """Return h, zeros of shape (B, D)."""
        return (tf.zeros([tf.shape(x)[0], self.num_units], x.dtype),)

    def project(self, x: tf.Tensor) -> tf.Tensor:
        """Return the inputs' part of all gates at once, (B, T, 3D)."""
        return tf.tensordot(x, self.kernel, 1) + self.bias

    def step(self, projected: tf.Tensor, states: States) -> States:
        """Return the next (h,), (B, D)."""
        (h,) = states
        D = self.num_units
        x_zr, x_h = projected[:, : 2 * D], projected[:, 2 * D :]
        if self.reset_after:
            product = h @ self.recurrent_kernel + self.recurrent_bias  # (B, 3D)
            z, r = tf.split(tf.sigmoid(x_zr + product[:, : 2 * D]), 2, axis=1)
            candidate = tf.tanh(x_h + r * product[:, 2 * D :])
        else:
            product = h @ self.recurrent_kernel[:, : 2 * D]  # (B, 2D)
            z, r = tf.split(tf.sigmoid(x_zr + product), 2, axis=1)
            candidate = tf.tanh(x_h + (r * h) @ self.recurrent_kernel[:, 2 * D :])
        return (z * h + (1 - z) * candidate,)
