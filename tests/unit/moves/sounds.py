"""Two networks that listen: CREPE hears pitch, Silero's detector hears speech.

Source: Kim et al. 2018, https://arxiv.org/abs/1802.06182; its small version is that of
    https://github.com/maxrmorrison/torchcrepe. Silero's detector is that of
    https://github.com/snakers4/silero-vad, version 6, at 16 kHz.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import torch
from keras import layers
from torch import nn
from torch.nn import functional as F

from sidebyside import tfcore

CREPE = "torchcrepe/assets/tiny.pth"
EPSILON = 0.0010000000474974513  # 0.001 in float32, as the file's authors have it
CHANNELS = (1, 128, 16, 16, 16, 32, 64)
SILERO = "silero_vad/data/silero_vad.jit"
WINDOW, CONTEXT, BINS = 512, 64, 129
FILTERS, STRIDES = (BINS, 128, 64, 64, 128), (1, 2, 2, 1)


class CrepePt(nn.Module):
    """Called with frames of 1,024 samples, (B, 1, 1024)."""

    def __init__(self) -> None:
        super().__init__()
        sizes = pairwise(CHANNELS)
        self.convs = nn.ModuleList(
            nn.Conv1d(i, o, 64 if k else 512, 1 if k else 4)
            for k, (i, o) in enumerate(sizes)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(o, eps=EPSILON) for o in CHANNELS[1:])
        self.classifier = nn.Linear(256, 360)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for k, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            x = F.relu(conv(F.pad(x, (31, 32) if k else (254, 254))))
            x = F.max_pool1d(norm(x), 2)
        return torch.sigmoid(self.classifier(x.transpose(1, 2).flatten(1)))


def crepe(path: Path) -> CrepePt:
    """Return PyTorch's model with the weights of the file, whose kernels are 2-D."""
    file, model = torch.load(path, weights_only=True), CrepePt()
    for k, (conv, norm) in enumerate(zip(model.convs, model.norms, strict=True), 1):
        kernel = file[f"conv{k}.weight"].squeeze(-1)
        conv.load_state_dict({"weight": kernel, "bias": file[f"conv{k}.bias"]})
        at = f"conv{k}_BN."
        named = {n.removeprefix(at): t for n, t in file.items() if n.startswith(at)}
        norm.load_state_dict(named)
    names = ("weight", "bias")
    model.classifier.load_state_dict({n: file[f"classifier.{n}"] for n in names})
    return model.eval()


def crepe_ks() -> keras.Model:
    made: list[Any] = [keras.Input((1024, 1))]
    for k, channels in enumerate(CHANNELS[1:]):
        size, stride = (64, 1) if k else (512, 4)
        made += [
            layers.Conv1D(channels, size, stride, "same", activation="relu"),
            layers.BatchNormalization(epsilon=EPSILON),
            layers.MaxPooling1D(2),
        ]
    made += [layers.Flatten(), layers.Dense(360, activation="sigmoid")]
    return keras.Sequential(made)


class CrepeTf(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        sizes = pairwise(CHANNELS)
        self.filters = [
            tfcore.Conv1D(i, o, 64 if k else 512, strides=1 if k else 4)
            for k, (i, o) in enumerate(sizes)
        ]
        self.bns = [tfcore.BatchNorm(o, epsilon=EPSILON) for o in CHANNELS[1:]]
        self.out = tfcore.Dense(256, 360)

    def __call__(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        for conv, norm in zip(self.filters, self.bns, strict=True):
            x = norm(tf.nn.relu(conv(x)), training)
            x = tf.nn.max_pool1d(x, 2, 2, "VALID")
        return tf.sigmoid(self.out(tf.reshape(x, [len(x), 256])))


def frames(sound: np.ndarray, hop: int = 160) -> np.ndarray:
    """Cut sound at 16 kHz into frames (B, 1024), each of mean 0 and deviation 1."""
    padded = np.pad(sound, (512, 512))
    starts = range(0, len(padded) - 1024, hop)
    cut = np.stack([padded[k : k + 1024] for k in starts]).astype(np.float32)
    scaled: np.ndarray = cut - cut.mean(1, keepdims=True)
    return scaled / np.maximum(scaled.std(1, keepdims=True), 1e-10)


def pitch(salience: np.ndarray) -> np.ndarray:
    """Return the pitch of each frame [Hz]: bins of 20 cents from 31.7 Hz on."""
    cents = 20 * salience.argmax(1) + 1997.3794084376191
    hertz: np.ndarray = 10 * 2 ** (cents / 1200)
    return hertz


class DetectorPt(nn.Module):
    """Called with windows and the samples around them, (T, 1, 640), of one sound."""

    def __init__(self) -> None:
        super().__init__()
        self.stft = nn.Conv1d(1, 2 * BINS, 256, 128, bias=False)
        sizes = zip(FILTERS, FILTERS[1:], STRIDES, strict=False)
        self.convs = nn.ModuleList(nn.Conv1d(i, o, 3, s, 1) for i, o, s in sizes)
        self.lstm = nn.LSTM(128, 128, batch_first=True)
        self.head = nn.Linear(128, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stft(x)
        x = torch.sqrt(x[:, :BINS] ** 2 + x[:, BINS:] ** 2)
        for conv in self.convs:
            x = F.relu(conv(x))
        x, _ = self.lstm(x.transpose(0, 2).transpose(1, 2))  # (1, T, 128)
        return torch.sigmoid(self.head(F.relu(x)))


def detector(path: Path) -> tuple[DetectorPt, Any]:
    """Return PyTorch's model with the weights of the file, and the file's program.

    `silero_vad_16k.safetensors`, which lies beside it, is another checkpoint.
    """
    program = torch.jit.load(path)
    file, model = program.state_dict(), DetectorPt()
    held = [file["_model.stft.forward_basis_buffer"]]
    for k in range(4):
        at = f"_model.encoder.{k}.reparam_conv"
        held += [file[f"{at}.weight"], file[f"{at}.bias"]]
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    held += [file[f"_model.decoder.rnn.{name}"] for name in parts]
    at = "_model.decoder.decoder.2"
    held += [file[f"{at}.weight"].squeeze(-1), file[f"{at}.bias"]]
    own = dict(zip(model.state_dict(), held, strict=True))
    model.load_state_dict(own)
    return model.eval(), program


class Size(layers.Layer):
    """The size of complex numbers, whose parts follow each other (B, T, 2K)."""

    def call(self, x: Any) -> Any:
        return keras.ops.sqrt(x[..., :BINS] ** 2 + x[..., BINS:] ** 2)


def detector_ks() -> keras.Model:
    inputs = keras.Input((640, 1))
    x = Size()(layers.Conv1D(2 * BINS, 256, 128, use_bias=False)(inputs))
    for channels, stride in zip(FILTERS[1:], STRIDES, strict=True):
        x = layers.ZeroPadding1D(1)(x)
        x = layers.Conv1D(channels, 3, stride, activation="relu")(x)
    x = keras.ops.swapaxes(x, 0, 1)  # (1, T, 128): the windows are steps in time
    x = layers.ReLU()(layers.LSTM(128, return_sequences=True)(x))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


class DetectorTf(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        bare = {"padding": "VALID", "use_bias": False}
        self.basis = tfcore.Conv1D(1, 2 * BINS, 256, strides=128, **bare)
        sizes = zip(FILTERS, FILTERS[1:], STRIDES, strict=False)
        self.filters = [
            tfcore.Conv1D(i, o, 3, strides=s, padding="VALID") for i, o, s in sizes
        ]
        self.rnn = tfcore.LSTM(128, 128)
        self.out = tfcore.Dense(128, 1)

    @tf.function(input_signature=[tf.TensorSpec([None, 640, 1])])
    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        real, imaginary = tf.split(self.basis(x), 2, axis=-1)
        x = tf.sqrt(real**2 + imaginary**2)  # (T, 4, 129)
        for conv in self.filters:  # with a stride of 2, SAME pads only behind
            x = tf.nn.relu(conv(tf.pad(x, [[0, 0], [1, 1], [0, 0]])))
        x, _ = self.rnn(tf.transpose(x, [1, 0, 2]))  # (1, T, 128): windows are steps
        return tf.sigmoid(self.out(tf.nn.relu(x)))


def windows(sound: np.ndarray) -> np.ndarray:
    """Cut sound into windows (T, 640): what came before, 512 samples, mirrored end."""
    count = len(sound) // WINDOW
    padded = np.concatenate([np.zeros(CONTEXT, np.float32), sound])
    cut = [padded[k * WINDOW : (k + 1) * WINDOW + CONTEXT] for k in range(count)]
    return np.pad(np.stack(cut), ((0, 0), (0, 64)), mode="reflect")
