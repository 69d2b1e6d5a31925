"""Normalization as `tf.Module`s: batch, layer, group and RMS norm.

All weights have the neutral names and axis orders of `sidebyside.layout`. Batches come
first, channels last.
"""

import tensorflow as tf

from sidebyside import _checks
from sidebyside.tfcore._dtype import floating
from sidebyside.tfcore.layers import check_sizes


class BatchNorm(tf.Module):
    """Normalize each channel over the batch and all axes but the last.

    Args:
        num_features: Channels C.
        momentum: Weight of the *old* average, as in Keras; PyTorch's `momentum=0.1` is
            0.9 here.
        epsilon: Added to the variance.
        unbiased: Whether the moving variance averages the unbiased batch variance
            (PyTorch) or the biased one (Keras). Normalizing always uses the biased one.
        dtype: Of the weights; `tfcore.default_dtype()` if None.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Ioffe and Szegedy 2015, algorithms 1 and 2, https://arxiv.org/abs/1502.03167
    """

    def __init__(
        self,
        num_features: int,
        *,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        unbiased: bool = True,
        dtype: tf.DType | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_features=num_features)
        _checks.number("BatchNorm", "epsilon", epsilon)
        _checks.number("BatchNorm", "momentum", momentum, 1.0)
        _checks.flag("BatchNorm", "unbiased", unbiased)
        dtype = floating("BatchNorm", dtype)
        self.gamma = tf.Variable(tf.ones(num_features, dtype))
        self.beta = tf.Variable(tf.zeros(num_features, dtype))
        self.moving_mean = tf.Variable(tf.zeros(num_features, dtype), trainable=False)
        self.moving_variance = tf.Variable(
            tf.ones(num_features, dtype), trainable=False
        )
        self.momentum, self.epsilon, self.unbiased = momentum, epsilon, unbiased

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Normalize (..., C); in training by the batch, else by the moving averages.

        Raises:
            ValueError: If a batch has no value a channel, or one where `unbiased` needs
                two. In a graph of unknown batch size it is a
                `tf.errors.InvalidArgumentError` when the graph runs, and no average
                has moved; XLA leaves such checks out, and the variance becomes NaN.
        """
        if training:
            values = tf.reshape(x, [-1, self.gamma.shape[0]])  # (n, C)
            mean, variance = tf.nn.moments(values, [0])  # (C,), biased
            self._update(mean, variance, self._count(x, values))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return tf.nn.batch_normalization(
            x, mean, variance, self.beta, self.gamma, self.epsilon
        )

    def _count(self, x: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        """Return n, the number of values a channel, and see that it is enough."""
        count, expected = tf.shape(values)[0], 2 if self.unbiased else 1
        asked = f"BatchNorm: expected at least {expected} values a channel in training"
        known = x.shape[:-1].num_elements() if x.shape.rank else None
        if known is not None and known < expected:
            raise ValueError(f"{asked}, received shape {tuple(x.shape)}")
        if known is None:  # a graph of unknown batch size
            enough = tf.debugging.assert_greater_equal(count, expected, message=asked)
            with tf.control_dependencies([enough] if enough is not None else []):
                return tf.identity(count)
        return count

    def _update(self, mean: tf.Tensor, variance: tf.Tensor, count: tf.Tensor) -> None:
        if self.unbiased:
            n = tf.cast(count, variance.dtype)
            variance = variance * n / (n - 1)
        new = 1.0 - self.momentum
        self.moving_mean.assign_add(new * (mean - self.moving_mean))
        self.moving_variance.assign_add(new * (variance - self.moving_variance))


class LayerNorm(tf.Module):
    """Normalize the last axis of each example.

    Args:
        num_features: Size C of the last axis.
        epsilon: Added to the variance; 1e-5 in PyTorch, 1e-3 in Keras.
        dtype: Of the weights; `tfcore.default_dtype()` if None.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Ba, Kiros and Hinton 2016, https://arxiv.org/abs/1607.06450
    """

    def __init__(
        self,
        num_features: int,
        *,
        epsilon: float = 1e-5,
        dtype: tf.DType | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_features=num_features)
        _checks.number("LayerNorm", "epsilon", epsilon)
        dtype = floating("LayerNorm", dtype)
        self.gamma = tf.Variable(tf.ones(num_features, dtype))
        self.beta = tf.Variable(tf.zeros(num_features, dtype))
        self.epsilon = epsilon

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Normalize (..., C)."""
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return tf.nn.batch_normalization(
            x, mean, variance, self.beta, self.gamma, self.epsilon
        )


class GroupNorm(tf.Module):
    """Normalize groups of channels of each example, over all axes but the first.

    One group for each channel is instance norm.

    Args:
        num_features: Channels C.
        num_groups: Groups of channels that lie side by side.
        epsilon: Added to the variance; 1e-5 in PyTorch, 1e-3 in Keras.
        dtype: Of the weights; `tfcore.default_dtype()` if None.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range, or C is no multiple of the groups.

    Source: Wu and He 2018, equations 1 to 7, https://arxiv.org/abs/1803.08494
    """

    def __init__(
        self,
        num_features: int,
        num_groups: int,
        *,
        epsilon: float = 1e-5,
        dtype: tf.DType | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_features=num_features, num_groups=num_groups)
        _checks.number("GroupNorm", "epsilon", epsilon)
        if num_features % num_groups:
            raise ValueError(
                "GroupNorm: expected num_features to be a multiple of "
                f"num_groups={num_groups}, received num_features={num_features}"
            )
        dtype = floating("GroupNorm", dtype)
        self.gamma = tf.Variable(tf.ones(num_features, dtype))
        self.beta = tf.Variable(tf.zeros(num_features, dtype))
        self.num_groups, self.epsilon = num_groups, epsilon

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Normalize (B, ..., C)."""
        G, C = self.num_groups, self.gamma.shape[0]
        groups = tf.reshape(x, [tf.shape(x)[0], -1, G, C // G])  # (B, n, G, C / G)
        mean, variance = tf.nn.moments(groups, [1, 3], keepdims=True)
        normal = (groups - mean) * tf.math.rsqrt(variance + self.epsilon)
        y = tf.ensure_shape(tf.reshape(normal, tf.shape(x)), x.shape)  # (B, ..., C)
        return y * self.gamma + self.beta


class RMSNorm(tf.Module):
    """Divide the last axis of each example by the root of its mean square.

    Args:
        num_features: Size C of the last axis.
        epsilon: Added to the mean square; 1e-6 in Keras, by default that of the dtype
            in PyTorch.
        dtype: Of the weights; `tfcore.default_dtype()` if None.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range.

    Source: Zhang and Sennrich 2019, equation 4, https://arxiv.org/abs/1910.07467
    """

    def __init__(
        self,
        num_features: int,
        *,
        epsilon: float = 1e-6,
        dtype: tf.DType | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_features=num_features)
        _checks.number("RMSNorm", "epsilon", epsilon)
        self.gamma = tf.Variable(tf.ones(num_features, floating("RMSNorm", dtype)))
        self.epsilon = epsilon

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Normalize (..., C)."""
        square = tf.reduce_mean(tf.square(x), axis=-1, keepdims=True)
        return x * tf.math.rsqrt(square + self.epsilon) * self.gamma
