"""Makes `data/fashion_mnist_part.npz` from Debian's package of Fashion-MNIST.

    apt-get download dataset-fashion-mnist
    dpkg-deb -x dataset-fashion-mnist_*.deb unpacked
    .venv/bin/python .ci/make_fashion_part.py unpacked

It takes the first 600 training images and the first 200 test images of each class, and
keeps them in the order of the original. Debian has packed the files anew without their
names, so their digests are not the published ones: this script puts names and times
back into the heads of the files and compares the digests of the originals.
"""

import hashlib
import struct
import sys
from pathlib import Path

import bundle
import numpy as np

from sidebyside.datasets import _catalogue, _download

TRAIN, TEST = 600, 200
"""Images of each class."""
TIMES = {"train": 1504176606, "t10k": 1504176627}
"""When the originals were packed [s since 1970]; it stands in each file's head."""


def original(path: Path) -> bytes:
    """Return a file as its authors have packed it: with its name and time in the head.

    Source: RFC 1952, section 2.3: 4 bytes, the time, 2 bytes, then the name.
    """
    packed, name = path.read_bytes(), path.name.removesuffix(".gz")
    time = struct.pack("<I", TIMES[name.split("-")[0]])
    return (
        b"\x1f\x8b\x08\x08" + time + packed[8:10] + f"{name}\0".encode() + packed[10:]
    )


def check(path: Path, expected: str) -> None:
    """Compare a file of Debian's with the digest that the authors have published.

    Raises:
        ValueError: If the content is another one.
    """
    kind, digest = expected.split(":")
    received = hashlib.new(kind, original(path)).hexdigest()
    if received != digest:
        raise ValueError(f"{path}: expected {expected}, received {kind}:{received}")


def first(y: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the first `count` labels of each class, in their order."""
    rows = [np.flatnonzero(y == label)[:count] for label in np.unique(y)]
    return np.sort(np.concatenate(rows))


def main(folder: Path) -> None:
    """Write the part, and print what the catalogue has to say of it."""
    known = _catalogue.entry("fashion-mnist")
    files = [folder / local.path.lstrip("/") for local in known.installed]
    for path, file in zip(files, known.files, strict=True):
        check(path, file.hash)
    X_train, y_train, X_test, y_test = _download.read("fashion-mnist", files)
    rows, test_rows = first(y_train, TRAIN), first(y_test, TEST)
    arrays = {"x_train": X_train[rows], "y_train": y_train[rows]}
    arrays |= {"x_test": X_test[test_rows], "y_test": y_test[test_rows]}
    bundle.keep("fashion_mnist_part", **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
