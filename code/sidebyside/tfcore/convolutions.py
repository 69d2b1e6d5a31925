"""Convolutions as `tf.Module`s: in one to three dimensions, in groups, depthwise.

All weights have the neutral names and axis orders of `sidebyside.layout`. Batches come
first, channels last. The layers that go the other way are in `transposed`.
"""

from typing import Any

import tensorflow as tf

from sidebyside import _checks
from sidebyside.tfcore._dtype import floating
from sidebyside.tfcore.layers import _glorot_uniform, check_seed, check_sizes


def check_convolution(layer: tf.Module, padding: Any, **sizes: Any) -> None:
    """Refuse sizes that are no whole numbers above 0, and that don't go together."""
    who = type(layer).__name__
    check_sizes(layer, **sizes)
    _checks.word(who, "padding", padding, ("SAME", "VALID"))
    strides, dilation = sizes.get("strides", 1), sizes.get("dilation", 1)
    if strides > 1 and dilation > 1:
        raise ValueError(
            f"{who}: expected strides=1 or dilation=1, "
            f"received strides={strides} and dilation={dilation}"
        )
    groups = sizes.get("groups", 1)
    for name in ("num_inputs", "num_outputs"):
        if sizes.get(name, 0) % groups:
            raise ValueError(
                f"{who}: expected {name} to be a multiple of groups={groups}, "
                f"received {name}={sizes[name]}"
            )


_AXES = {1: "NWC", 2: "NHWC", 3: "NDHWC"}
"""TensorFlow's names of the axes; the gradient in 3-D has no default."""


class Kernel(tf.Module):
    """What all convolutions share: a kernel, and perhaps a bias."""

    rank: int

    def make(
        self,
        kernel_size: int,
        last: tuple[int, int],
        fans: tuple[int, int],
        num_outputs: int,
        *,
        use_bias: bool,
        dtype: tf.DType | None,
        seed: int | None,
    ) -> None:
        """Draw the kernel Glorot uniform; the bias starts at 0.

        Args:
            kernel_size: In each direction.
            last: The last two axes of the kernel.
            fans: Channels in and out that one place of the kernel connects.
            num_outputs: Size of the bias.
            use_bias: Whether there is one.
            dtype: Of the weights; `tfcore.default_dtype()` if None.
            seed: Operation seed.
        """
        who = type(self).__name__
        check_seed(self, seed)
        _checks.flag(who, "use_bias", use_bias)
        dtype = floating(who, dtype)
        area = kernel_size**self.rank
        shape = (*(kernel_size,) * self.rank, *last)
        fan_in, fan_out = (area * fan for fan in fans)
        self.kernel = tf.Variable(_glorot_uniform(shape, fan_in, fan_out, dtype, seed))
        self.bias = tf.Variable(tf.zeros(num_outputs, dtype)) if use_bias else None

    def biased(self, y: tf.Tensor) -> tf.Tensor:
        """Add the bias, if there is one."""
        return y if self.bias is None else tf.nn.bias_add(y, self.bias)


class _Convolution(Kernel):
    """What the convolutions in one to three dimensions share."""

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        kernel_size: int,
        *,
        strides: int = 1,
        padding: str = "SAME",
        dilation: int = 1,
        groups: int = 1,
        use_bias: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        sizes = {"num_inputs": num_inputs, "num_outputs": num_outputs}
        steps = {"strides": strides, "dilation": dilation, "groups": groups}
        check_convolution(self, padding, kernel_size=kernel_size, **sizes, **steps)
        self.groups = groups
        self.options = {"strides": strides, "padding": padding, "dilations": dilation}
        self.options["data_format"] = _AXES[self.rank]
        last = (num_inputs // groups, num_outputs)  # (..., in / groups, out)
        given = {"use_bias": use_bias, "dtype": dtype, "seed": seed}
        self.make(kernel_size, last, last, num_outputs, **given)

    def _convolve(self, x: tf.Tensor) -> tf.Tensor:
        """Convolve each group by itself: TensorFlow's CPU has no gradient of groups."""
        if self.groups == 1:
            return tf.nn.convolution(x, self.kernel, **self.options)
        parts = (tf.split(tensor, self.groups, -1) for tensor in (x, self.kernel))
        pairs = zip(*parts, strict=True)
        return tf.concat([tf.nn.convolution(*p, **self.options) for p in pairs], -1)


class Conv1D(_Convolution):
    """Convolve sequences (cross-correlate, as all three frameworks do).

    Args:
        num_inputs: Channels in.
        num_outputs: Channels out.
        kernel_size: Width of the kernel.
        strides: Step along the sequence.
        padding: `"SAME"` or `"VALID"`; see `Conv2D`.
        dilation: Step between the entries of the kernel; above 1 only without strides.
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
        return self.biased(self._convolve(x))


class Conv2D(_Convolution):
    """Convolve images (cross-correlate, as all three frameworks do).

    Args:
        num_inputs: Channels in.
        num_outputs: Channels out.
        kernel_size: Height and width of the kernel.
        strides: Step in both directions.
        padding: `"SAME"` or `"VALID"`. With strides above 1, `"SAME"` pads more at
            the bottom right, and PyTorch's `padding=k//2` does not.
        dilation: Step between the entries of the kernel; above 1 only without strides.
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
        return self.biased(self._convolve(x))


class Conv3D(_Convolution):
    """Convolve volumes (cross-correlate, as all three frameworks do).

    Args:
        num_inputs: Channels in.
        num_outputs: Channels out.
        kernel_size: Depth, height and width of the kernel.
        strides: Step in all directions.
        padding: `"SAME"` or `"VALID"`; see `Conv2D`.
        dilation: Step between the entries of the kernel; above 1 only without strides.
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
        return self.biased(self._convolve(x))


class _Depthwise(Kernel):
    """What the depthwise convolutions share."""

    def __init__(
        self,
        num_inputs: int,
        kernel_size: int,
        *,
        multiplier: int = 1,
        strides: int = 1,
        padding: str = "SAME",
        dilation: int = 1,
        use_bias: bool = True,
        dtype: tf.DType | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        sizes = {"num_inputs": num_inputs, "multiplier": multiplier}
        steps = {"strides": strides, "dilation": dilation}
        check_convolution(self, padding, kernel_size=kernel_size, **sizes, **steps)
        self.num_inputs, self.multiplier = num_inputs, multiplier
        self.strides, self.padding, self.dilation = strides, padding, dilation
        last = (1, num_inputs * multiplier)  # (..., 1, in * m)
        given = {"use_bias": use_bias, "dtype": dtype, "seed": seed}
        self.make(kernel_size, last, (num_inputs, multiplier), last[1], **given)

    def _convolve(self, x: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
        """Map (B, H, W, C) by kernels of this height and width."""
        shape = (*size, self.num_inputs, self.multiplier)  # (H, W, in, m)
        y = tf.nn.depthwise_conv2d(
            x,
            tf.reshape(self.kernel, shape),
            [1, self.strides, self.strides, 1],
            self.padding,
            dilations=[self.dilation] * 2,
        )
        return self.biased(y)


class DepthwiseConv1D(_Depthwise):
    """Convolve each channel of sequences by itself, with kernels of its own.

    Args:
        num_inputs: Channels in.
        kernel_size: Width of the kernel.
        strides: Step along the sequence.
        padding: `"SAME"` or `"VALID"`; see `Conv2D`.
        dilation: Step between the entries of the kernel; above 1 only without strides.
        multiplier: Channels out for each channel in.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernel; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range, or does not go with another.
    """

    rank = 1

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Map (B, T, num_inputs) to (B, T', num_inputs * multiplier)."""
        return self._convolve(x[:, None], (1, self.kernel.shape[0]))[:, 0]


class DepthwiseConv2D(_Depthwise):
    """Convolve each channel of images by itself, with kernels of its own.

    Args:
        num_inputs: Channels in.
        kernel_size: Height and width of the kernel.
        strides: Step in both directions.
        padding: `"SAME"` or `"VALID"`; see `Conv2D`.
        dilation: Step between the entries of the kernel; above 1 only without strides.
        multiplier: Channels out for each channel in.
        use_bias: Whether to add a bias.
        dtype: Of the weights; `tfcore.default_dtype()` if None.
        seed: Operation seed of the Glorot-uniform kernel; the bias starts at 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If one is out of range, or does not go with another.
    """

    rank = 2

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Map (B, H, W, num_inputs) to (B, H', W', num_inputs * multiplier)."""
        return self._convolve(x, tuple(self.kernel.shape[:2]))
