"""Attention as a `tf.Module`: several heads, and groups of them that share keys.

All weights have the neutral names and axis orders of `sidebyside.layout`. Batches come
first, time second.
"""

import tensorflow as tf

from sidebyside import _checks
from sidebyside.tfcore._dtype import floating
from sidebyside.tfcore.layers import Dense, check_seed, check_sizes


class MultiHeadAttention(tf.Module):
    """Let each step of one sequence look at the steps of another, in several heads.

    There is no dropout of weights.

    Args:
        num_features: Size E of a step of the queries, and of the output.
        num_heads: Heads N of the queries.
        head_size: Size D of a head; E / N if None, as PyTorch has it.
        num_key_value_heads: Heads G of keys and values, each for N / G heads of queries
            that lie side by side; N if None.
        num_keys: Size of a step of the keys; E if None. PyTorch's `kdim`.
        num_values: Size of a step of the values; E if None. PyTorch's `vdim`.
        use_bias: Whether the four projections add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernels; the biases start at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range, or no multiple of another.

    Numerics: a step that may look at nothing gets the mean of all values; in PyTorch it
        gets NaN.

    Source: Vaswani et al. 2017, section 3.2, https://arxiv.org/abs/1706.03762; shared
        keys: Ainslie et al. 2023, https://arxiv.org/abs/2305.13245
    """

    def __init__(
        self,
        num_features: int,
        num_heads: int,
        *,
        head_size: int | None = None,
        num_key_value_heads: int | None = None,
        num_keys: int | None = None,
        num_values: int | None = None,
        use_bias: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        check_sizes(self, num_features=num_features, num_heads=num_heads)
        if head_size is None:
            _check_multiple("num_features", num_features, "num_heads", num_heads)
            head_size = num_features // num_heads
        groups = num_heads if num_key_value_heads is None else num_key_value_heads
        check_sizes(self, head_size=head_size, num_key_value_heads=groups)
        _check_multiple("num_heads", num_heads, "num_key_value_heads", groups)
        num_keys = num_features if num_keys is None else num_keys
        num_values = num_features if num_values is None else num_values
        check_sizes(self, num_keys=num_keys, num_values=num_values)
        _checks.flag("MultiHeadAttention", "use_bias", use_bias)
        check_seed(self, seed)
        dtype = floating("MultiHeadAttention", dtype)
        options = {"use_bias": use_bias, "dtype": dtype, "seed": seed}
        inside, shared = num_heads * head_size, groups * head_size
        self.heads, self.groups, self.head_size = num_heads, groups, head_size
        self.query = Dense(num_features, inside, **options)
        self.key = Dense(num_keys, shared, **options)
        self.value = Dense(num_values, shared, **options)
        self.attention_output = Dense(inside, num_features, **options)

    def __call__(
        self,
        query: tf.Tensor,
        value: tf.Tensor,
        key: tf.Tensor | None = None,
        mask: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Map queries (B, T, E) to outputs (B, T, E).

        Args:
            query: The sequence that looks, (B, T, E).
            value: The sequence that it looks at, (B, S, num_values).
            key: What it looks for there, (B, S, num_keys); `value` if None. The order
                is that of Keras; PyTorch's is query, key, value.
            mask: Shape (T, S) or (B, T, S), bool; True where a step may look, as in
                Keras. PyTorch's boolean masks are True where it may *not*.
        """
        heads = self.heads // self.groups
        q = self._split(self.query(query), heads)  # (B, T, G, N / G, D)
        k = self._split(self.key(value if key is None else key), 1)[:, :, :, 0]
        v = self._split(self.value(value), 1)[:, :, :, 0]  # (B, S, G, D)
        scores = tf.einsum("btgnd,bsgd->bgnts", q, k) * self.head_size**-0.5
        if mask is not None:
            allowed = mask[..., None, None, :, :]  # (B, 1, 1, T, S)
            scores = tf.where(allowed, scores, scores.dtype.min)
        seen = tf.einsum("bgnts,bsgd->btgnd", tf.nn.softmax(scores), v)
        joined = tf.reshape(seen, [*self._steps(query), self.heads * self.head_size])
        return self.attention_output(joined)  # (B, T, N * D) -> (B, T, E)

    def _split(self, x: tf.Tensor, heads: int) -> tf.Tensor:
        """Take the heads of each group apart: (B, T, G, heads, D)."""
        shape = [*self._steps(x), self.groups, heads, self.head_size]
        return tf.reshape(x, shape)

    def _steps(self, x: tf.Tensor) -> list[int | tf.Tensor]:
        """Return B and T, in a graph as tensors where they are not known."""
        return [x.shape[axis] or tf.shape(x)[axis] for axis in (0, 1)]


def _check_multiple(name: str, value: int, of: str, divisor: int) -> None:
    if value % divisor:
        raise ValueError(
            f"MultiHeadAttention: expected {name} to be a multiple of "
            f"{of}={divisor}, received {name}={value}"
        )
