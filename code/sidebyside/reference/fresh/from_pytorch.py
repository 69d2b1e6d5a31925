"""A small network in PyTorch, from nothing."""

import time

started = time.perf_counter()
import torch  # noqa: E402
from torch import nn  # noqa: E402

imported = time.perf_counter()
from sidebyside.reference.fresh import _work as work  # noqa: E402


def main() -> None:
    """Train, and print what it cost."""
    X, y = map(torch.from_numpy, work.batch())
    y = y.long()
    model = nn.Sequential(
        nn.Linear(work.NUM_INPUTS, work.NUM_HIDDENS),
        nn.ReLU(),
        nn.Linear(work.NUM_HIDDENS, work.NUM_CLASSES),
    )
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=work.LR)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    step()
    stepped = time.perf_counter()
    for _ in range(work.NUM_STEPS):
        step()
    work.tell(started, imported, stepped)


if __name__ == "__main__":
    main()
