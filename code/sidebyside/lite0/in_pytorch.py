"""EfficientNet-Lite0 in PyTorch, up to its last feature maps."""

import torch
from torch import nn

from sidebyside import lite0
from sidebyside.lanes import pytorch as lane

__all__ = ["Block", "Body", "Unit", "body"]


class Unit(nn.Sequential):
    """A convolution, a batch norm, and ReLU6.

    Args:
        num_in: Channels in.
        num_out: Channels out.
        kernel: Height and width of the kernel.
        stride: Step in both directions, 1 or 2. At 2, height and width must be even:
            then `pad` is what TensorFlow calls `"SAME"`.
        groups: As in `nn.Conv2d`; as many as channels for a depthwise convolution.
        act: Whether ReLU6 follows.
    """

    def __init__(
        self,
        num_in: int,
        num_out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        act: bool = True,
    ) -> None:
        super().__init__()
        start, end = (kernel - stride) // 2, (kernel - 1) // 2
        self.pad = nn.ZeroPad2d((start, end, start, end))
        sizes = (num_in, num_out, kernel, stride)
        self.conv = nn.Conv2d(*sizes, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(num_out, eps=lite0.EPSILON, momentum=0.01)
        self.act = nn.ReLU6() if act else nn.Identity()


class Block(nn.Module):
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
        self.expand = Unit(num_in, wide) if expansion > 1 else nn.Identity()
        self.depthwise = Unit(wide, wide, kernel, stride, wide)
        self.project = Unit(wide, num_out, act=False)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Map (B, num_in, H, W) to (B, num_out, H / stride, W / stride)."""
        Y = self.project(self.depthwise(self.expand(X)))
        return X + Y if self.skip else Y


class Body(nn.Module):
    """All but the last layer of the network.

    Args:
        blocks: How many of `lite0.BLOCKS` there are, from the first on.
    """

    def __init__(self, blocks: int = len(lite0.BLOCKS)) -> None:
        super().__init__()
        rows = lite0.BLOCKS[:blocks]
        self.stem = Unit(3, 32, 3, 2)
        self.blocks = nn.Sequential(*(Block(*row) for row in rows))
        self.head = Unit(rows[-1][-1], 1280)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Map (B, 3, H, W) to (B, 1280, H / 32, W / 32); H and W multiples of 32."""
        return self.head(self.blocks(self.stem(X)))


def body(pretrained: bool = True, blocks: int = len(lite0.BLOCKS)) -> Body:
    """Return the network in training mode, in PyTorch's default dtype.

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
