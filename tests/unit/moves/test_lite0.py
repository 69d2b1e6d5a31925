"""EfficientNet-Lite0 with its real weights: the cat stays a cat in every framework."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from lite0 import Lite0Tf, lite0_ks, prepared, trained
from moved import moved

from sidebyside import datasets

pytestmark = pytest.mark.moves
SIZE = 224
CATS = {281, 282, 285}
"""Of ImageNet's 1,000 classes: tabby, tiger cat, Egyptian cat."""


def cat() -> np.ndarray:
    return prepared(datasets.load_photo("chelsea"))


@pytest.mark.parametrize("make", [Lite0Tf, lambda: lite0_ks(SIZE)])
def test_from_pytorch_and_back(make: Callable[[], Any]) -> None:
    source, target = trained(), make()
    X = np.ascontiguousarray(np.moveaxis(cat(), -1, 1))
    apart = moved(source, target, X)
    print(f"{type(target).__name__}: {apart:.1e} of the largest logit")
    assert apart < 1e-5
    with torch.no_grad():
        logits = [source(torch.from_numpy(X)).numpy()]
    for scores in (*logits, np.asarray(target(cat()))):
        assert set(np.argsort(scores[0])[-3:].tolist()) == CATS
