"""EfficientNet-Lite0 with its real weights: the cat stays a cat in every framework."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lite0 import Lite0Tf, lite0_ks, prepared, trained
from moved import moved

from sidebyside import datasets, pretrained

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


def test_the_authors_own_code_answers_so(weights: Path) -> None:
    from efficientnet_lite_pytorch import EfficientNet

    path = str(pretrained._checked("efficientnet-lite0"))
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path)
    with torch.no_grad():  # in float32 the pixels are exact
        X = torch.from_numpy(cat()).double().permute(0, 3, 1, 2)
        logits = model.eval().double()(X)[0].numpy()
    expected = pretrained.answers("efficientnet-lite0")
    assert logits.argsort()[:-11:-1].tolist() == list(expected)
    np.testing.assert_allclose(logits[list(expected)], list(expected.values()), 1e-12)
