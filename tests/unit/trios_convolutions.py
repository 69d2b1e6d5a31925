"""Convolutions of all kinds in three lanes; see also `trios`.

PyTorch's `padding` that equals Keras' `same`: for a convolution k // 2 (odd k, stride
1; with a dilation d, d * (k // 2)); for a transposed one (k - s) // 2, where k - s is
even and not below 0.
"""

from typing import Any

import keras
import tensorflow as tf
from torch import nn
from trios import Case, Sizes, Trio, one

from sidebyside import tfcore

CONV_PT = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
CONV_TF = {1: tfcore.Conv1D, 2: tfcore.Conv2D, 3: tfcore.Conv3D}
CONV_KS = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D, 3: keras.layers.Conv3D}
BACK_PT = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
BACK_TF = {
    1: tfcore.Conv1DTranspose,
    2: tfcore.Conv2DTranspose,
    3: tfcore.Conv3DTranspose,
}
BACK_KS = {
    1: keras.layers.Conv1DTranspose,
    2: keras.layers.Conv2DTranspose,
    3: keras.layers.Conv3DTranspose,
}
DEPTH_TF = {1: tfcore.DepthwiseConv1D, 2: tfcore.DepthwiseConv2D}
DEPTH_KS = {1: keras.layers.DepthwiseConv1D, 2: keras.layers.DepthwiseConv2D}


def extent(s: Sizes, rank: int, channels: int) -> tuple[int, ...]:
    return (s.B, *(4, s.H, s.W)[3 - rank :], channels)


def images(s: Sizes, rank: int, in_pt: Any, in_tf: Any, in_ks: Any, C: int) -> Trio:
    return one(in_pt, in_tf, in_ks, extent(s, rank, C), channels_first=True)


def conv3d(s: Sizes, dtype: str) -> Trio:
    return images(
        s,
        3,
        nn.Conv3d(s.C, s.K, s.k, s.stride),
        tfcore.Conv3D(s.C, s.K, s.k, strides=s.stride, padding="VALID", dtype=dtype),
        keras.layers.Conv3D(s.K, s.k, s.stride, name="layer", dtype=dtype),
        s.C,
    )


def in_groups(s: Sizes, dtype: str, rank: int) -> Trio:
    C, K, groups = 2 * s.C, 2 * s.K, 2
    options = {"strides": s.stride, "groups": groups, "dtype": dtype}
    return images(
        s,
        rank,
        CONV_PT[rank](C, K, s.k, s.stride, groups=groups),
        CONV_TF[rank](C, K, s.k, padding="VALID", **options),
        CONV_KS[rank](K, s.k, name="layer", **options),
        C,
    )


def conv1d_in_groups(s: Sizes, dtype: str) -> Trio:
    return in_groups(s, dtype, 1)


def conv2d_in_groups(s: Sizes, dtype: str) -> Trio:
    return in_groups(s, dtype, 2)


def conv3d_in_groups(s: Sizes, dtype: str) -> Trio:
    return in_groups(s, dtype, 3)


def dilated(s: Sizes, dtype: str, rank: int) -> Trio:
    k, d = s.k | 1, 1 + s.stride  # k odd, so that `same` pads alike
    return images(
        s,
        rank,
        CONV_PT[rank](s.C, s.K, k, dilation=d, padding=d * (k // 2)),
        CONV_TF[rank](s.C, s.K, k, dilation=d, padding="SAME", dtype=dtype),
        CONV_KS[rank](
            s.K, k, dilation_rate=d, padding="same", name="layer", dtype=dtype
        ),
        s.C,
    )


def conv1d_dilated(s: Sizes, dtype: str) -> Trio:
    return dilated(s, dtype, 1)


def conv2d_dilated(s: Sizes, dtype: str) -> Trio:
    return dilated(s, dtype, 2)


def conv3d_dilated(s: Sizes, dtype: str) -> Trio:
    return dilated(s, dtype, 3)


def depthwise(s: Sizes, dtype: str, rank: int) -> Trio:
    return images(
        s,
        rank,
        CONV_PT[rank](s.C, s.C * s.K, s.k, s.stride, groups=s.C),
        DEPTH_TF[rank](
            s.C,
            s.k,
            multiplier=s.K,
            strides=s.stride,
            padding="VALID",
            dtype=dtype,
        ),
        DEPTH_KS[rank](s.k, s.stride, depth_multiplier=s.K, name="layer", dtype=dtype),
        s.C,
    )


def depthwise1d(s: Sizes, dtype: str) -> Trio:
    return depthwise(s, dtype, 1)


def depthwise2d(s: Sizes, dtype: str) -> Trio:
    return depthwise(s, dtype, 2)


class SeparableTf(tf.Module):
    def __init__(self, depthwise: tf.Module, pointwise: tf.Module) -> None:
        super().__init__()
        self.depthwise, self.pointwise = depthwise, pointwise

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return self.pointwise(self.depthwise(x))


def separable(s: Sizes, dtype: str, rank: int) -> Trio:
    in_pt = nn.Sequential()
    C = s.C * 2
    in_pt.depthwise = CONV_PT[rank](s.C, C, s.k, s.stride, groups=s.C, bias=False)
    in_pt.pointwise = CONV_PT[rank](C, s.K, 1)
    options = {"strides": s.stride, "padding": "VALID", "use_bias": False}
    in_tf = SeparableTf(
        depthwise=DEPTH_TF[rank](s.C, s.k, multiplier=2, dtype=dtype, **options),
        pointwise=CONV_TF[rank](C, s.K, 1, dtype=dtype),
    )
    kind = {1: keras.layers.SeparableConv1D, 2: keras.layers.SeparableConv2D}[rank]
    in_ks = kind(s.K, s.k, s.stride, depth_multiplier=2, name="layer", dtype=dtype)
    return images(s, rank, in_pt, in_tf, in_ks, s.C)


def separable1d(s: Sizes, dtype: str) -> Trio:
    return separable(s, dtype, 1)


def separable2d(s: Sizes, dtype: str) -> Trio:
    return separable(s, dtype, 2)


def transposed(s: Sizes, dtype: str, rank: int, same: bool = False) -> Trio:
    """Where k < s, both paddings are PyTorch's `output_padding=s-k`."""
    k = s.stride + 2 * (s.k // 2) if same else s.k  # k - s is even
    more = {"padding": (k - s.stride) // 2} if same else {}
    more["output_padding"] = max(s.stride - k, 0)
    padding = "same" if same else "valid"
    options = {"strides": s.stride, "dtype": dtype}
    return images(
        s,
        rank,
        BACK_PT[rank](s.C, s.K, k, s.stride, **more),
        BACK_TF[rank](s.C, s.K, k, padding=padding.upper(), **options),
        BACK_KS[rank](s.K, k, padding=padding, name="layer", **options),
        s.C,
    )


def transposed1d(s: Sizes, dtype: str) -> Trio:
    return transposed(s, dtype, 1)


def transposed2d(s: Sizes, dtype: str) -> Trio:
    return transposed(s, dtype, 2)


def transposed3d(s: Sizes, dtype: str) -> Trio:
    return transposed(s, dtype, 3)


def transposed1d_same(s: Sizes, dtype: str) -> Trio:
    return transposed(s, dtype, 1, same=True)


def transposed2d_same(s: Sizes, dtype: str) -> Trio:
    return transposed(s, dtype, 2, same=True)


def transposed3d_same(s: Sizes, dtype: str) -> Trio:
    return transposed(s, dtype, 3, same=True)


CASES: list[Case] = [
    conv3d,
    conv1d_in_groups,
    conv2d_in_groups,
    conv3d_in_groups,
    conv1d_dilated,
    conv2d_dilated,
    conv3d_dilated,
    depthwise1d,
    depthwise2d,
    separable1d,
    separable2d,
    transposed1d,
    transposed2d,
    transposed3d,
    transposed1d_same,
    transposed2d_same,
    transposed3d_same,
]
