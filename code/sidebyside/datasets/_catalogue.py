"""The catalogue of data sets, read from `data/datasets.yaml`."""

import hashlib
from typing import Any

import numpy as np
import yaml
from IPython.display import HTML

from sidebyside import records
from sidebyside._files import data_file


def entry(name: str) -> dict[str, Any]:
    """Return what the catalogue says about the data set `name`.

    Raises:
        ValueError: If the catalogue has no such data set.
    """
    catalogue = yaml.safe_load(data_file("datasets.yaml").read_text(encoding="utf-8"))
    if name not in catalogue:
        raise ValueError(
            f"datasets: expected one of {sorted(catalogue)}, received {name!r}"
        )
    return dict(catalogue[name])


def describe(name: str, **arrays: np.ndarray) -> HTML:
    """Return a table of source, licence, units, and each array's shape and dtype.

    Args:
        name: A data set of the catalogue.
        arrays: What you made of it, by the name that the table shall show.
    """
    known = entry(name)
    rows = [[key, known[key]] for key in ("source", "licence", "units")]
    rows += [[key, f"{a.shape}, {a.dtype}"] for key, a in arrays.items()]
    return HTML(records.html_table(known["title"], ["", "what"], rows))


def check_sha256(name: str, *arrays: np.ndarray) -> None:
    """Check that bundled arrays are byte for byte those that the book was made with.

    Raises:
        ValueError: If the digest differs from the catalogue's.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    expected = entry(name)["sha256"]
    if digest.hexdigest() != expected:
        raise ValueError(
            f"datasets: expected {name} with sha256 {expected}, "
            f"received {digest.hexdigest()}"
        )
