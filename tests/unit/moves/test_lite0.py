"""EfficientNet-Lite0 with its real weights: the cat stays a cat in every framework."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lite0 import FILE, Lite0Tf, from_file, lite0_ks, prepared
from moved import moved
from PIL import Image

pytestmark = pytest.mark.moves
SIZE = 224
CATS = {281, 282, 285}
"""Of ImageNet's 1,000 classes: tabby, tiger cat, Egyptian cat."""


def cat(weights: Path) -> np.ndarray:
    image = Image.open(weights / "skimage/data/chelsea.png")
    side = min(image.size)
    left, top = ((n - side) // 2 for n in image.size)
    square = image.crop((left, top, left + side, top + side))
    return prepared(np.asarray(square.resize((SIZE, SIZE), Image.Resampling.BICUBIC)))


@pytest.mark.parametrize("make", [Lite0Tf, lambda: lite0_ks(SIZE)])
def test_from_pytorch_and_back(make: Callable[[], Any], weights: Path) -> None:
    source, target = from_file(weights / FILE), make()
    X = np.ascontiguousarray(np.moveaxis(cat(weights), -1, 1))
    apart = moved(source, target, X)
    print(f"{type(target).__name__}: {apart:.1e} of the largest logit")
    assert apart < 1e-5
    with torch.no_grad():
        logits = [source(torch.from_numpy(X)).numpy()]
    for scores in (*logits, np.asarray(target(cat(weights)))):
        assert set(np.argsort(scores[0])[-3:].tolist()) == CATS
