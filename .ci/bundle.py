"""Writes the data sets that the book ships, for the scripts here that make them."""

import hashlib
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[1] / "data"


def keep(name: str, **arrays: np.ndarray) -> None:
    """Write arrays into `data/NAME.npz`, and print what the catalogue says of them.

    Args:
        name: The file's name, without its ending.
        arrays: Its arrays, in their order.
    """
    path = DATA / f"{name}.npz"
    np.savez_compressed(path, **arrays)
    content = b"".join(array.tobytes() for array in arrays.values())
    print(f"sha256: {hashlib.sha256(content).hexdigest()}")
    print(f"hash: sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}")
