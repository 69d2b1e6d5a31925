"""EfficientNet-Lite0 in TensorFlow core, up to its last feature maps."""

import tensorflow as tf

from sidebyside import lite0, tfcore
from sidebyside.lanes import tensorflow as lane

__all__ = ["Block", "Body", "Unit", "body"]


class Unit(tf.Module):
    """A convolution, a batch norm, and ReLU6.

    Args:
        num_in: Channels in.
        num_out: Channels out; None for a depthwise convolution.
        kernel: Height and width of the kernel.
        stride: Step in both directions.
        act: Whether ReLU6 follows.
    """

    def __init__(
        self,
        num_in: int,
        num_out: int | None,
        kernel: int = 1,
        stride: int = 1,
        act: bool = True,
    ) -> None:
        super().__init__()
        options = {"strides": stride, "use_bias": False}
        if num_out is None:
            self.conv = tfcore.DepthwiseConv2D(num_in, kernel, **options)
        else:
            self.conv = tfcore.Conv2D(num_in, num_out, kernel, **options)
        self.norm = tfcore.BatchNorm(
            num_out or num_in, epsilon=lite0.EPSILON, momentum=0.99
        )
        self.act = act

    def __call__(self, X: tf.Tensor, training: bool) -> tf.Tensor:
        """Map (B, H, W, num_in) to (B, H / stride, W / stride, num_out)."""
        X = self.norm(self.conv(X), training)
        return tf.nn.relu6(X) if self.act else X


class Block(tf.Module):
    """Widen the channels, convolve each by itself, narrow them again.

    Args:
        kernel: Of the depthwise convolution.
        stride: Of the depthwise convolution.
        expansion: By how much the channels are widened.
        num_in: Channels in.
        num_out: Channels out; where they are as many, and nothing shrinks, what came in
            is added.
    """

    def __init__(
        self, kernel: int, stride: int, expansion: int, num_in: int, num_out: int
    ) -> None:
        super().__init__()
        wide, self.skip = num_in * expansion, stride == 1 and num_in == num_out
        self.expand = Unit(num_in, wide) if expansion > 1 else None
        self.depthwise = Unit(wide, None, kernel, stride)
        self.project = Unit(wide, num_out, act=False)

    def __call__(self, X: tf.Tensor, training: bool) -> tf.Tensor:
        """Map (B, H, W, num_in) to (B, H / stride, W / stride, num_out)."""
        Y = X if self.expand is None else self.expand(X, training)
        Y = self.project(self.depthwise(Y, training), training)
        return X + Y if self.skip else Y


class Body(tf.Module):
    """All but the last layer of the network, in `tfcore.default_dtype()`.

    Args:
        blocks: How many of `lite0.BLOCKS` there are, from the first on.
    """

    def __init__(self, blocks: int = len(lite0.BLOCKS)) -> None:
        super().__init__()
        rows = lite0.BLOCKS[:blocks]
        self.stem = Unit(3, 32, 3, 2)
        self.blocks = [Block(*row) for row in rows]
        self.head = Unit(rows[-1][-1], 1280)

    def __call__(self, X: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Map (B, H, W, 3) to (B, H / 32, W / 32, 1280), sizes rounded up."""
        X = self.stem(X, training)
        for block in self.blocks:
            X = block(X, training)
        return self.head(X, training)


def body(pretrained: bool = True, blocks: int = len(lite0.BLOCKS)) -> Body:
    """Return the network in `tfcore.default_dtype()`.

    Args:
        pretrained: Whether it has the weights learned on ImageNet, or random ones.
        blocks: How many blocks it has; there are weights for all sixteen only.

    Raises:
        ModuleNotFoundError: If the package with the weights is not installed.
        ValueError: If a shorter network shall have the weights.
    """
    model = Body(blocks)
    if pretrained:
        lane.set_weights(model, lite0.weights())
    return model
