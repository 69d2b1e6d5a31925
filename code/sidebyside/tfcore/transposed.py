"""Transposed convolutions as `tf.Module`s, in one to three dimensions.

All weights have the neutral names and axis orders of `sidebyside.layout`. Batches come
first, channels last.

With a kernel of size k and strides s, `"VALID"` is PyTorch's `padding=0`, and `"SAME"`
is its `padding=(k-s)//2` where k - s is even; where it is odd, PyTorch can't cut off
more at the end than at the start. Where k < s, both are `output_padding=s-k`.
"""

import tensorflow as tf

from sidebyside.tfcore.convolutions import Kernel, check_convolution


class _Transposed(Kernel):
    """What the transposed convolutions share."""

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        kernel_size: int,
        *,
        strides: int = 1,
        padding: str = "SAME",
        groups: int = 1,
        use_bias: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        sizes = {"num_inputs": num_inputs, "num_outputs": num_outputs}
        steps = {"strides": strides, "groups": groups, "kernel_size": kernel_size}
        check_convolution(self, padding, **sizes, **steps)
        self.strides, self.padding, self.groups = strides, padding, groups
        last = (num_outputs // groups, num_inputs)  # (..., out / groups, in)
        given = {"use_bias": use_bias, "dtype": dtype, "seed": seed}
        self.make(kernel_size, last, last, num_outputs, **given)

    def _transposed(self, x: tf.Tensor) -> tf.Tensor:
        parts = (tf.split(tensor, self.groups, -1) for tensor in (x, self.kernel))
        pairs = zip(*parts, strict=True)
        return self.biased(tf.concat([self._spread(*pair) for pair in pairs], -1))

    def _spread(self, x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        """Map the inputs of one group to its outputs."""
        more = max(kernel.shape[0] - self.strides, 0) if self.padding == "VALID" else 0
        known = zip(x.shape, tf.unstack(tf.shape(x)), strict=True)
        batch, *sizes, _ = (size or unknown for size, unknown in known)
        sizes = [size * self.strides + more for size in sizes]
        shape = tf.stack([batch, *sizes, kernel.shape[-2]])
        return tf.nn.conv_transpose(x, kernel, shape, self.strides, self.padding)


class Conv1DTranspose(_Transposed):
    """Spread sequences out: the gradient of a convolution, as a layer.

    Args:
        num_inputs: Channels in.
        num_outputs: Channels out.
        kernel_size: Width of the kernel.
        strides: Step along the output.
        padding: `"SAME"`: T' is T * strides; `"VALID"`: it is larger by
            kernel_size - strides, if that is above 0.
        groups: Into how many parts the channels are divided; each part of the outputs
            sees its part of the inputs.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernel; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range, or does not go with another.
    """

    rank = 1

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Map (B, T, num_inputs) to (B, T', num_outputs)."""
        return self._transposed(x)


class Conv2DTranspose(_Transposed):
    """Spread images out: the gradient of a convolution, as a layer.

    Args:
        num_inputs: Channels in.
        num_outputs: Channels out.
        kernel_size: Height and width of the kernel.
        strides: Step in both directions of the output.
        padding: `"SAME"` or `"VALID"`; see `Conv1DTranspose`.
        groups: Into how many parts the channels are divided; each part of the outputs
            sees its part of the inputs.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernel; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range, or does not go with another.
    """

    rank = 2

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Map (B, H, W, num_inputs) to (B, H', W', num_outputs)."""
        return self._transposed(x)


class Conv3DTranspose(_Transposed):
    """Spread volumes out: the gradient of a convolution, as a layer.

    Args:
        num_inputs: Channels in.
        num_outputs: Channels out.
        kernel_size: Depth, height and width of the kernel.
        strides: Step in all directions of the output.
        padding: `"SAME"` or `"VALID"`; see `Conv1DTranspose`.
        groups: Into how many parts the channels are divided; each part of the outputs
            sees its part of the inputs.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernel; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range, or does not go with another.
    """

    rank = 3

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Map (B, D, H, W, num_inputs) to (B, D', H', W', num_outputs)."""
        return self._transposed(x)
