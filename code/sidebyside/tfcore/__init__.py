"""Layers and optimizers for the TensorFlow lane, as short `tf.Module`s.

TensorFlow core has variables, operations, gradients and graphs, and leaves layers and
optimizers to Keras and others. What the TensorFlow lane needs again and again stands
here, shown in the chapter that introduces it and imported afterwards. Every formula
that exists in two forms can be written in either, so that the lane can match PyTorch or
Keras number by number.
"""

from sidebyside.tfcore._dtype import default_dtype, set_default_dtype
from sidebyside.tfcore.layers import Conv1D, Conv2D, Dense, Dropout, Embedding
from sidebyside.tfcore.norms import BatchNorm, LayerNorm
from sidebyside.tfcore.optimizers import SGD, Adam, AdamW, Optimizer, on_step
from sidebyside.tfcore.recurrent import GRU, LSTM, Bidirectional

__all__ = [
    "GRU",
    "LSTM",
    "SGD",
    "Adam",
    "AdamW",
    "BatchNorm",
    "Bidirectional",
    "Conv1D",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "LayerNorm",
    "Optimizer",
    "default_dtype",
    "on_step",
    "set_default_dtype",
]
