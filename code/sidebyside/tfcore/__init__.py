"""Layers and optimizers for the TensorFlow lane, as short `tf.Module`s.

TensorFlow core has variables, operations, gradients and graphs, and leaves layers and
optimizers to Keras and others. What the TensorFlow lane needs again and again stands
here, shown in the chapter that introduces it and imported afterwards. Every formula
that exists in two forms can be written in either, so that the lane can match PyTorch or
Keras number by number.
"""

from sidebyside.tfcore._dtype import default_dtype, set_default_dtype
from sidebyside.tfcore.attention import MultiHeadAttention
from sidebyside.tfcore.bidirectional import Bidirectional
from sidebyside.tfcore.convolutions import (
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv1D,
    DepthwiseConv2D,
)
from sidebyside.tfcore.layers import Bilinear, Dense, Dropout, Embedding, PReLU
from sidebyside.tfcore.norms import BatchNorm, GroupNorm, LayerNorm, RMSNorm
from sidebyside.tfcore.optimizers import SGD, Adam, AdamW, Optimizer, on_step
from sidebyside.tfcore.recurrent import GRU, LSTM, SimpleRNN
from sidebyside.tfcore.transposed import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
)

__all__ = [
    "GRU",
    "LSTM",
    "SGD",
    "Adam",
    "AdamW",
    "BatchNorm",
    "Bidirectional",
    "Bilinear",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "GroupNorm",
    "LayerNorm",
    "MultiHeadAttention",
    "Optimizer",
    "PReLU",
    "RMSNorm",
    "SimpleRNN",
    "default_dtype",
    "on_step",
    "set_default_dtype",
]
