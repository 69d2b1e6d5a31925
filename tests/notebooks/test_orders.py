"""Chapter 51 allows a file `8` yardsticks: what sums in other orders need of that.

A runtime computes what the network computes, and adds up in its own order. Here the
chapter's own network is trained in several ways, and its answers are summed product
after product in random orders, batch norm folded into the kernels or not.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from sidebyside import datasets, parity
from sidebyside.lanes import pytorch as lane
from sidebyside.layout import Weights

CHAPTER = Path(__file__).resolve().parents[2] / "chapters/51_exchange.ipynb"
CELLS = {cell.id: cell.source for cell in nbformat.read(CHAPTER, 4).cells}
WAYS = ((6, 0.05), (6, 0.05), (1, 0.05), (32, 0.05), (6, 0.2), (2, 0.01))
"""Epochs and learning rates, from the chapter's own to the ends of what it allows."""
ORDERS = 200 // len(WAYS) + 1
"""For each way to train, so that there are two hundred."""


def program() -> dict[str, Any]:
    """Return the classes and functions of the chapter's PyTorch lane, nothing run."""
    names: dict[str, Any] = {"np": np, "torch": torch, "nn": nn, "F": F}
    names |= {"DataLoader": DataLoader, "TensorDataset": TensorDataset}
    exec(CELLS["parameters"], names)
    for cell in ("model-pytorch", "train-pytorch", "service-pytorch"):
        exec(re.split(r"\n\n\n(?![@cd])", CELLS[cell])[0], names)
    return names


def raw(split: str) -> tuple[np.ndarray, np.ndarray]:
    images, labels = datasets.load_digits(split)
    return (images[..., 0] * 16).round().astype(np.uint8), labels


def total(x: np.ndarray, kernel: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add product after product, in a random order."""
    y = np.zeros((len(x), kernel.shape[1]), np.float32)
    for k in rng.permutation(len(kernel)):
        y += x[:, k, None] * kernel[k]
    return y


def patches(x: np.ndarray) -> np.ndarray:
    """Lay out what a 3 x 3 kernel sees: (B, H, W, C) -> (B * H * W, 9 * C)."""
    high, wide = x.shape[1:3]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    parts = [padded[:, i : i + high, j : j + wide] for i in range(3) for j in range(3)]
    return np.concatenate(parts, axis=3).reshape(-1, 9 * x.shape[3])


def answers(
    weights: Weights, pixels: np.ndarray, epsilon: float, rng: np.random.Generator
) -> np.ndarray:
    x, folded = (pixels[..., None] / 16).astype(np.float32), rng.random() < 0.5
    for layer in (1, 2, 3):
        kernel = weights[f"conv{layer}/kernel"]  # (3, 3, C, D)
        kernel = kernel.reshape(-1, kernel.shape[-1])
        names = ("moving_mean", "moving_variance", "gamma", "beta")
        mean, variance, gamma, beta = (weights[f"norm{layer}/{name}"] for name in names)
        factor = gamma / np.sqrt(variance + np.float32(epsilon))
        if folded:
            y = total(patches(x), kernel * factor, rng) + (beta - mean * factor)
        else:
            y = (total(patches(x), kernel, rng) - mean) * factor + beta
        x = np.maximum(y, 0).reshape(*x.shape[:3], -1)
        if layer == 2:
            x = x.reshape(len(x), 4, 2, 4, 2, -1).max(axis=(2, 4))
    x = x.reshape(len(x), 16, -1)
    mean = sum((x[:, k] for k in rng.permutation(16)), np.zeros_like(x[:, 0])) / 16
    y = total(mean, weights["output/kernel"], rng) + weights["output/bias"]
    e = np.exp(y - y.max(axis=1, keepdims=True))
    scores: np.ndarray = e / e.sum(axis=1, keepdims=True)
    return scores


@pytest.mark.slow
def test_two_hundred_orders_move_no_answer_further_than_the_yardstick() -> None:
    assert "allowed = 8 * moved" in CELLS["doors-run"]
    names = program()
    (X, y), (new, _) = raw("train"), raw("test")

    def asked(weights: Weights) -> dict[str, np.ndarray]:
        net = names["CNN_pt"]()
        lane.set_weights(net, weights)
        return {"scores": names["predict_pt"](net, new)}

    factors = []
    for seed, (epochs, rate) in enumerate(WAYS):
        names["LEARNING_RATE"], rng = rate, np.random.default_rng(seed)
        lane.seed(seed)
        net = names["CNN_pt"]()
        names["train_pt"](net, X, y, epochs)
        weights = lane.get_weights(net)
        moved = np.max(parity.yardstick(asked, weights).spread["scores"]["scores"])
        own, eps = asked(weights)["scores"][::18], names["BN_EPSILON"]
        for _ in range(ORDERS):
            scores = answers(weights, new[::18], eps, rng)
            assert scores.dtype == np.float32
            factors.append(np.abs(scores - own).max() / moved)
    assert len(factors) >= 200
    print(f"the largest of {len(factors)}: {max(factors):.2f} yardsticks")
    assert 0.05 < max(factors) <= 1
