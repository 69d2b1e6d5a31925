"""EfficientNet-Lite0 with its real weights: the cat stays a cat in every framework."""

from pathlib import Path

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


def test_from_pytorch_to_tensorflow_core_and_keras_and_back(weights: Path) -> None:
    source = from_file(weights / FILE)
    X = np.ascontiguousarray(np.moveaxis(cat(weights), -1, 1))
    targets = {"tensorflow": Lite0Tf(), "keras": lite0_ks(SIZE)}
    with torch.no_grad():
        logits = {"pytorch": source(torch.from_numpy(X)).numpy()}
    for lane, target in targets.items():
        apart = moved(source, target, X)
        print(f"{lane}: {apart:.1e} of the largest logit")
        assert apart < 1e-5
        logits[lane] = np.asarray(target(cat(weights)))
    for lane, scores in logits.items():
        assert set(np.argsort(scores[0])[-3:].tolist()) == CATS, lane
