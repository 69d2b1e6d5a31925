"""Layers as `tf.Module`s: the weights, and one call.

All weights have the neutral names and axis orders of `sidebyside.layout`. Batches come
first, channels last.
"""

from typing import Any

import tensorflow as tf

from sidebyside import _checks
from sidebyside.tfcore._dtype import floating


def check_sizes(layer: tf.Module, **sizes: Any) -> None:
    """Refuse sizes that are no whole numbers above 0."""
    for name, size in sizes.items():
        _checks.whole(type(layer).__name__, name, size)


def check_seed(layer: tf.Module, seed: Any) -> None:
    """Refuse what is neither None nor a seed."""
    if seed is not None:
        _checks.seed(type(layer).__name__, seed)


def _glorot_uniform(
    shape: tuple[int, ...], fan_in: int, fan_out: int, dtype: tf.DType, seed: int | None
) -> tf.Tensor:
    """Draw from U(-a, a) with a = sqrt(6 / (fan_in + fan_out)).

    Source: Glorot and Bengio 2010, equation 16,
        https://proceedings.mlr.press/v9/glorot10a.html
    """
    limit = (6.0 / (fan_in + fan_out)) ** 0.5
    return tf.random.uniform(shape, -limit, limit, dtype, seed=seed)


class Dense(tf.Module):
    """Compute `x @ kernel + bias`.

    Args:
        num_inputs: Features in.
        num_outputs: Features out.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernel; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.
    """

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        *,
        use_bias: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_inputs=num_inputs, num_outputs=num_outputs)
        check_seed(self, seed)
        _checks.flag("Dense", "use_bias", use_bias)
        dtype = floating("Dense", dtype)
        shape = (num_inputs, num_outputs)
        self.kernel = tf.Variable(_glorot_uniform(shape, *shape, dtype, seed))
        self.bias = tf.Variable(tf.zeros(num_outputs, dtype)) if use_bias else None

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Map (..., num_inputs) to (..., num_outputs)."""
        y = tf.tensordot(x, self.kernel, 1) if x.shape.rank == 1 else x @ self.kernel
        return y if self.bias is None else tf.nn.bias_add(y, self.bias)


def _check_convolution(
    layer: tf.Module,
    num_inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    strides: Any,
    padding: Any,
) -> None:
    check_sizes(layer, num_inputs=num_inputs, num_outputs=num_outputs)
    check_sizes(layer, kernel_size=kernel_size, strides=strides)
    _checks.word(type(layer).__name__, "padding", padding, ("SAME", "VALID"))


class Conv1D(tf.Module):
    """Convolve sequences (cross-correlate, as all three frameworks do).

    Args:
        num_inputs: Channels in.
        num_outputs: Channels out.
        kernel_size: Width of the kernel.
        strides: Step along the sequence.
        padding: `"SAME"` or `"VALID"`; see `Conv2D`.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernel; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.
    """

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        kernel_size: int,
        *,
        strides: int = 1,
        padding: str = "SAME",
        use_bias: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        _check_convolution(self, num_inputs, num_outputs, kernel_size, strides, padding)
        check_seed(self, seed)
        _checks.flag("Conv1D", "use_bias", use_bias)
        dtype = floating("Conv1D", dtype)
        shape = (kernel_size, num_inputs, num_outputs)  # (W, in, out)
        fans = (kernel_size * num_inputs, kernel_size * num_outputs)
        self.kernel = tf.Variable(_glorot_uniform(shape, *fans, dtype, seed))
        self.bias = tf.Variable(tf.zeros(num_outputs, dtype)) if use_bias else None
        self.strides, self.padding = strides, padding

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Map (B, T, num_inputs) to (B, T', num_outputs)."""
        y = tf.nn.conv1d(x, self.kernel, self.strides, self.padding)
        return y if self.bias is None else tf.nn.bias_add(y, self.bias)


class Conv2D(tf.Module):
    """Convolve images (cross-correlate, as all three frameworks do).

    Args:
        num_inputs: Channels in.
        num_outputs: Channels out.
        kernel_size: Height and width of the kernel.
        strides: Step in both directions.
        padding: `"SAME"` or `"VALID"`. With strides above 1, `"SAME"` pads more at
            the bottom right, and PyTorch's `padding=k//2` does not.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernel; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.
    """

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        kernel_size: int,
        *,
        strides: int = 1,
        padding: str = "SAME",
        use_bias: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        _check_convolution(self, num_inputs, num_outputs, kernel_size, strides, padding)
        check_seed(self, seed)
        _checks.flag("Conv2D", "use_bias", use_bias)
        dtype = floating("Conv2D", dtype)
        area = kernel_size * kernel_size
        shape = (kernel_size, kernel_size, num_inputs, num_outputs)  # (H, W, in, out)
        self.kernel = tf.Variable(
            _glorot_uniform(shape, area * num_inputs, area * num_outputs, dtype, seed)
        )
        self.bias = tf.Variable(tf.zeros(num_outputs, dtype)) if use_bias else None
        self.strides, self.padding = strides, padding

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Map (B, H, W, num_inputs) to (B, H', W', num_outputs)."""
        y = tf.nn.conv2d(x, self.kernel, self.strides, self.padding)
        return y if self.bias is None else tf.nn.bias_add(y, self.bias)


class Embedding(tf.Module):
    """Look up a vector for each integer.

    Args:
        num_embeddings: Size of the vocabulary.
        num_features: Size D of a vector.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed; the vectors start uniform in (-0.05, 0.05), as in Keras.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.
    """

    def __init__(
        self,
        num_embeddings: int,
        num_features: int,
        *,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_embeddings=num_embeddings, num_features=num_features)
        check_seed(self, seed)
        dtype = floating("Embedding", dtype)
        shape = (num_embeddings, num_features)
        self.embeddings = tf.Variable(
            tf.random.uniform(shape, -0.05, 0.05, dtype, seed=seed)
        )

    def __call__(self, ids: tf.Tensor) -> tf.Tensor:
        """Map integers (...) to vectors (..., D)."""
        return tf.nn.embedding_lookup(self.embeddings, ids)


class Dropout(tf.Module):
    """Set a share `rate` of the entries to 0 in training and scale up the rest.

    Args:
        rate: The share that is dropped, in [0, 1).
        seed: Seed of the stream of masks, or None for a random one.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
    """

    def __init__(self, rate: float, *, seed: int | None = None) -> None:
        super().__init__()
        self.rate = _checks.number("Dropout", "rate", rate, 1.0, below=True)
        check_seed(self, seed)
        self.generator = (
            tf.random.Generator.from_non_deterministic_state()
            if seed is None
            else tf.random.Generator.from_seed(seed)
        )

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Return `x` (any shape), with a fresh mask in training."""
        if not training or self.rate == 0.0:
            return x
        seeds = self.generator.make_seeds(1)[:, 0]  # (2,)
        return tf.nn.experimental.stateless_dropout(x, self.rate, seed=seeds)
