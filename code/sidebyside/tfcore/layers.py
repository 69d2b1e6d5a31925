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


class Bilinear(tf.Module):
    """Compute `x1 @ kernel[:, :, k] @ x2 + bias[k]` for each output k.

    Keras has no such layer.

    Args:
        num_inputs: Features of the first input.
        num_others: Features of the second input.
        num_outputs: Features out.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the kernel, uniform in +-1 / sqrt(num_inputs), as in
            PyTorch; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
    """

    def __init__(
        self,
        num_inputs: int,
        num_others: int,
        num_outputs: int,
        *,
        use_bias: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_inputs=num_inputs, num_others=num_others)
        check_sizes(self, num_outputs=num_outputs)
        check_seed(self, seed)
        _checks.flag("Bilinear", "use_bias", use_bias)
        dtype = floating("Bilinear", dtype)
        shape, limit = (num_inputs, num_others, num_outputs), num_inputs**-0.5
        start = tf.random.uniform(shape, -limit, limit, dtype, seed=seed)
        self.kernel = tf.Variable(start)
        self.bias = tf.Variable(tf.zeros(num_outputs, dtype)) if use_bias else None

    def __call__(self, x1: tf.Tensor, x2: tf.Tensor) -> tf.Tensor:
        """Map (..., num_inputs) and (..., num_others) to (..., num_outputs)."""
        y = tf.einsum("...i,ijk,...j->...k", x1, self.kernel, x2)
        return y if self.bias is None else tf.nn.bias_add(y, self.bias)


class PReLU(tf.Module):
    """Keep what is positive, and multiply the rest by a slope that is learned.

    Args:
        num_features: Channels C, each with a slope of its own; 1: one slope for all.
        start: The slopes at first; 0.25 in PyTorch, 0 in Keras.
        dtype: Of the weights; `tfcore.default_dtype()` if None.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: He et al. 2015, equation 1, https://arxiv.org/abs/1502.01852
    """

    def __init__(
        self,
        num_features: int,
        *,
        start: float = 0.25,
        dtype: tf.DType | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_features=num_features)
        _checks.number("PReLU", "start", start)
        dtype = floating("PReLU", dtype)
        self.alpha = tf.Variable(tf.fill([num_features], tf.cast(start, dtype)))

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Return (..., C)."""
        return tf.nn.relu(x) - self.alpha * tf.nn.relu(-x)


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
