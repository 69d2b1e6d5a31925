"""Dense layers, convolutions and normalization."""

from sidebyside.counterparts._row import AFFINE, Counterpart, each, in_1_2_3

NORM = ("gamma", "beta")
_MOVING = ("moving_mean", "moving_variance")

DENSE = (
    Counterpart(
        "dense",
        ("nn.Linear", "nn.LazyLinear"),
        ("tfcore.Dense",),
        ("layers.Dense",),
        AFFINE,
    ),
    Counterpart(
        "dense, several axes",
        ("nn.Linear",),
        ("tfcore.Dense",),
        ("layers.EinsumDense",),
        AFFINE,
        "The axes that are summed over come first, in the order of the input, then "
        "those that come out; each group is flattened. With one matrix for each index "
        "of an axis, the kernel stays as it is and has no counterpart.",
    ),
    Counterpart(
        "of two inputs",
        ("nn.Bilinear",),
        ("tfcore.Bilinear",),
        (),
        AFFINE,
        "Keras has none: write a layer of your own with "
        '`ops.einsum("...i,ijk,...j->...k", x1, kernel, x2) + bias`.',
    ),
    Counterpart(
        "adaptive softmax",
        ("nn.AdaptiveLogSoftmaxWithLoss",),
        (),
        (),
        ("head/kernel", "tail/0/0/kernel", "tail/0/1/kernel"),
        "Made of dense layers: build it of layers of these names.",
    ),
    Counterpart(
        "dense layer in a loss",
        ("nn.LinearCrossEntropyLoss",),
        ("tfcore.Dense",),
        ("layers.Dense",),
        ("linear/kernel", "linear/bias"),
        "The other losses have no weights that learn, and are left out.",
    ),
)
CONVOLUTIONS = (
    Counterpart(
        "convolution",
        in_1_2_3("nn.Conv", "nn.LazyConv"),
        each("tfcore.Conv", "1D", "2D", "3D"),
        each("layers.Conv", "1D", "2D", "3D"),
        AFFINE,
        "Groups and dilation, too. Keras' `same` is PyTorch's `padding=k//2` for odd k "
        "and a stride of 1, and else pads more at the end.",
    ),
    Counterpart(
        "depthwise convolution",
        ("nn.Conv1d", "nn.Conv2d"),
        ("tfcore.DepthwiseConv1D", "tfcore.DepthwiseConv2D"),
        ("layers.DepthwiseConv1D", "layers.DepthwiseConv2D"),
        AFFINE,
        "In PyTorch a convolution with `groups=in_channels`.",
    ),
    Counterpart(
        "separable convolution",
        ("nn.Conv1d", "nn.Conv2d"),
        ("tfcore.DepthwiseConv2D", "tfcore.Conv2D"),
        ("layers.SeparableConv1D", "layers.SeparableConv2D"),
        ("depthwise/kernel", "pointwise/kernel", "pointwise/bias"),
        "Elsewhere two layers, `depthwise` without a bias and `pointwise`.",
    ),
    Counterpart(
        "transposed convolution",
        in_1_2_3("nn.ConvTranspose", "nn.LazyConvTranspose"),
        each("tfcore.Conv", "1DTranspose", "2DTranspose", "3DTranspose"),
        each("layers.Conv", "1DTranspose", "2DTranspose", "3DTranspose"),
        AFFINE,
        "With kernel k and stride s, Keras' `valid` is PyTorch's `padding=0`, and "
        "`same` its `padding=(k-s)//2` where k-s is even; where k < s, both are "
        "`padding=0, output_padding=s-k`. Keras has no groups here.",
    ),
    Counterpart(
        "convolution in an LSTM",
        keras=each("layers.ConvLSTM", "1D", "2D", "3D"),
        instead="PyTorch has no such layer; in each lane, write the cell as a layer of "
        "your own that holds two convolutions, of the input and of the state",
    ),
)
NORMS = (
    Counterpart(
        "batch norm",
        (*in_1_2_3("nn.BatchNorm", "nn.LazyBatchNorm"), "nn.SyncBatchNorm"),
        ("tfcore.BatchNorm",),
        ("layers.BatchNormalization",),
        (*NORM, *_MOVING),
        "PyTorch's `momentum=0.1` is Keras' 0.9.",
    ),
    Counterpart(
        "batch norm with renorm",
        keras=("layers.BatchNormalization(renorm=True)",),
        instead="PyTorch and TensorFlow core have no `renorm`; use "
        "BatchNormalization(renorm=False)",
    ),
    Counterpart(
        "layer norm",
        ("nn.LayerNorm",),
        ("tfcore.LayerNorm",),
        ("layers.LayerNormalization",),
        NORM,
    ),
    Counterpart(
        "group norm",
        ("nn.GroupNorm",),
        ("tfcore.GroupNorm",),
        ("layers.GroupNormalization",),
        NORM,
    ),
    Counterpart(
        "instance norm",
        in_1_2_3("nn.InstanceNorm", "nn.LazyInstanceNorm"),
        ("tfcore.GroupNorm",),
        ("layers.GroupNormalization",),
        (*NORM, *_MOVING),
        "Keras: `groups=-1`. PyTorch has `gamma` and `beta` with `affine=True` only, "
        "and moving averages with `track_running_stats=True`, which only it has.",
    ),
    Counterpart(
        "RMS norm",
        ("nn.RMSNorm",),
        ("tfcore.RMSNorm",),
        ("layers.RMSNormalization",),
        ("gamma",),
        "Epsilon is 1e-6 in Keras; PyTorch takes that of the dtype if it is not told.",
    ),
    Counterpart(
        "spectral norm",
        keras=("layers.SpectralNormalization",),
        instead="use the layer inside, `wrapper.layer`: training writes the normalized "
        "kernel into it",
    ),
    Counterpart(
        "normalization by the data",
        keras=("layers.Normalization",),
        instead="its mean and variance are numbers of the data, not weights; normalize "
        "the data before the model, in all lanes alike",
    ),
)
