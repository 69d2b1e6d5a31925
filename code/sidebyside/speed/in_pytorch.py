"""The PyTorch lane of the races: four models, and the calls that are timed."""

import os
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import BatchSampler, DataLoader, Dataset, SequentialSampler

from sidebyside.lanes import pytorch as lane
from sidebyside.speed.tasks import (
    CHARACTERS,
    FIELDS,
    LENGTH,
    ROW,
    ROWS,
    Arrays,
    Product,
    Task,
)


class Cnn(nn.Module):
    """Two convolutions and the mean over the image."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, a, 3, padding=1)
        self.second = nn.Conv2d(a, b, 3, padding=1)
        self.output = nn.Linear(b, 10)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Map (B, 1, 28, 28), channels last in memory, to (B, 10)."""
        H = F.max_pool2d(F.relu(self.first(X)), 2)
        H = F.max_pool2d(F.relu(self.second(H)), 2)
        return self.output(H.mean((2, 3)))


class Lstm(nn.Module):
    """An embedding, an LSTM, and the next character at every place."""

    def __init__(self, E: int, D: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(CHARACTERS, E)
        self.lstm = nn.LSTM(E, D, batch_first=True)
        self.lstm.bias_hh_l0.requires_grad_(False).zero_()  # the others have one bias
        self.output = nn.Linear(D, CHARACTERS)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Map (B, T) to (B, T, characters)."""
        H, _ = self.lstm(self.embedding(X))
        return self.output(H)


class Transformer(nn.Module):
    """One block of a decoder: attention to what stands before, then a wide layer."""

    def __init__(self, D: int, H: int, wide: int) -> None:
        super().__init__()
        self.num_heads = H
        self.embedding = nn.Embedding(CHARACTERS, D)
        self.place_embedding = nn.Embedding(LENGTH, D)
        self.attention_norm, self.wide_norm = nn.LayerNorm(D), nn.LayerNorm(D)
        self.query, self.key = nn.Linear(D, D), nn.Linear(D, D, bias=False)
        self.value, self.joined = nn.Linear(D, D), nn.Linear(D, D)
        self.widen, self.narrow = nn.Linear(D, wide), nn.Linear(wide, D)
        self.last_norm, self.output = nn.LayerNorm(D), nn.Linear(D, CHARACTERS)

    def attend(self, x: torch.Tensor) -> torch.Tensor:
        """Mix (B, T, D) along time."""
        B, T, D = x.shape
        q, k, v = (
            part(x).view(B, T, self.num_heads, -1).transpose(1, 2)  # (B, H, T, D / H)
            for part in (self.query, self.key, self.value)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.joined(mixed.transpose(1, 2).reshape(B, T, D))

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Map (B, T) to (B, T, characters)."""
        x = self.embedding(X) + self.place_embedding.weight
        x = x + self.attend(self.attention_norm(x))
        x = x + self.narrow(F.relu(self.widen(self.wide_norm(x))))
        return self.output(self.last_norm(x))


class Recommender(nn.Module):
    """A vector for each id, then two dense layers."""

    def __init__(self, rows: int, D: int, H: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(rows, D, sparse=True)  # only these rows are moved
        self.hidden, self.output = nn.Linear(FIELDS * D, H), nn.Linear(H, 2)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Map (B, 8) to (B, 2)."""
        return self.output(F.relu(self.hidden(self.embedding(X).flatten(1))))


MODELS = {"cnn": Cnn, "lstm": Lstm, "transformer": Transformer}
MODELS |= {"recommender": Recommender}


class Runner:
    """A model of one task, run in one way."""

    def __init__(
        self, page: ModuleType, task: Task, way: str, data: Arrays, first: Arrays
    ) -> None:
        self.page, self.task = page, task
        make = {**MODELS, "mlp": page.Mlp_pt}[task.name]
        self.model = make(*task.sizes)
        lane.set_weights(self.model, first)
        self.run = torch.compile(self.model) if way == "compiled" else self.model
        self.data = {name: self._own(name, array) for name, array in data.items()}
        self.one = self._own("X", data["X_test"][:1]).numpy()
        X, y = self.data["X"], self.data["y"]
        B = task.batch_size
        self.batches = list(zip(X.split(B), y.split(B), strict=True))
        self.pipeline = page.pipeline_pt(X, y, B)
        X, y = self.data["X_test"], self.data["y_test"]
        self.tests = list(zip(X.split(B), y.split(B), strict=True))

    def _own(self, name: str, array: np.ndarray) -> torch.Tensor:
        """Return an array as PyTorch wants it; the data is made ready before a race."""
        tensor = torch.tensor(array)
        if name.startswith("y"):
            return tensor.long()
        if tensor.ndim == 4:  # (N, H, W, C) -> (N, C, H, W), channels last in memory
            return tensor.permute(0, 3, 1, 2)
        return tensor

    def first(self) -> Any:
        """Take one step."""
        return self.page.train_pt(self.run, self.batches[:1], self.task.rate)

    def ready(self) -> Any:
        """Train on batches that are ready."""
        return self.page.train_pt(self.run, self.batches, self.task.rate)

    def epoch(self) -> Any:
        """Train on what the lane's own pipeline draws."""
        return self.page.train_pt(self.run, self.pipeline, self.task.rate)

    def evaluate(self) -> Any:
        """Return loss and share of hits on batches that are ready."""
        return self.page.evaluate_pt(self.run, self.tests)

    def answer(self) -> np.ndarray:
        """Return the logits of one example."""
        return self.page.answer_pt(self.run, self.one)

    def weights(self) -> Arrays:
        """Return the weights by neutral names."""
        return lane.get_weights(self.model)


class Rows(Dataset):
    """Images in a file, read as they are asked for."""

    def __init__(self, path: str) -> None:
        self.path, self.count = path, os.path.getsize(path) // ROW

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, rows: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return neighbouring rows: X (B, 784), y (B,)."""
        size, begin = len(rows) * ROW, rows[0] * ROW
        block = np.fromfile(self.path, np.uint8, size, offset=begin)
        table = torch.from_numpy(block).view(-1, ROW)
        return table[:, :-1] / 255, table[:, -1].long()


def stream(page: ModuleType, path: str) -> Any:
    """Return a function that trains a small network on a file, batch by batch."""
    model, rows = page.Mlp_pt(16), Rows(path)
    order = BatchSampler(SequentialSampler(rows), ROWS, drop_last=True)
    loader = DataLoader(rows, sampler=order, batch_size=None)
    return lambda: page.train_pt(model, loader, 0.1)


def roof(products: list[Product]) -> Any:
    """Return two functions that do nothing but these products: PyTorch's and NumPy's.

    Operands and results are there before; nothing is allocated while they run.
    """
    rng = np.random.default_rng(0)

    def some(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    made = [(t, some(b, m, k), some(b, k, n)) for t, b, m, k, n in products]
    in_numpy = [(t, x, y, np.matmul(x, y)) for t, x, y in made]
    in_torch = [(t, *map(torch.from_numpy, part)) for t, *part in in_numpy]
    in_torch = [
        (t, *((p[0] for p in part) if len(part[0]) == 1 else part))
        for t, *part in in_torch
    ]

    def with_torch() -> None:
        for times, x, y, z in in_torch:
            for _ in range(times):
                torch.matmul(x, y, out=z)

    def with_numpy() -> None:
        for times, x, y, z in in_numpy:
            for _ in range(times):
                np.matmul(x, y, out=z)

    return with_torch, with_numpy
