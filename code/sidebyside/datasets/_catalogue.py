"""The catalogue of data sets, read from `data/datasets.yaml`."""

import hashlib
from typing import Annotated

import numpy as np
from IPython.display import HTML

from sidebyside import _tables as tables
from sidebyside import records
from sidebyside._files import data_file
from sidebyside._tables import Count, Text

Digest = Annotated[
    str,
    tables.like(
        "sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", "a digest: sha256:... or md5:..."
    ),
]


@tables.row
class File:
    """A file of a public data set, and its digest."""

    url: Text
    hash: Digest


@tables.row
class Local:
    """The same file where a package of Debian's has put it, and its digest there."""

    path: Text
    hash: Digest


@tables.row
class Shipped:
    """A file of `data/`, its digest, and its address in the book's repository."""

    name: Text
    url: Text
    hash: Digest


@tables.row
class Package:
    """A package that brings trained weights.

    Attributes:
        name: What pip calls it.
        version: The one that has this file.
        module: The folder that it installs.
        file: The weights, a path in that folder.
        hash: The digest of the file.
        logits: Class -> what the authors' own code answers for the photo `chelsea`, in
            float64: the ten largest, largest first.
    """

    name: Text
    version: Text
    module: Text
    file: Text
    hash: Digest
    logits: dict[int, float]


@tables.row
class DataSet:
    """What a reader must know of data or weights, and what they are checked by.

    Attributes:
        title: Its name.
        source: Who made it, and where it is.
        licence: On which conditions it may be used.
        units: What its numbers mean.
        sha256: The digest of the arrays of a bundled set.
        shipped: The file of `data/` that holds a bundled set, if the book ships it.
        shape: Height, width and channels of an image.
        classes: The name of each label.
        files: What is fetched of a public set.
        installed: The same files, in this order, where Debian's package is installed.
        package: The package that brings trained weights.
    """

    title: Text
    source: Text
    licence: Text
    units: Text
    sha256: Annotated[str, tables.like("[0-9a-f]{64}", "64 digits")] | None = None
    shipped: Shipped | None = None
    shape: tuple[Count, Count, Count] | None = None
    classes: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    installed: tuple[Local, ...] = ()
    package: Package | None = None


def entry(name: str) -> DataSet:
    """Return what the catalogue says about the data set `name`.

    Raises:
        ValueError: If the catalogue has no such data set, or its entry is incomplete.
    """
    catalogue = tables.read(data_file("datasets.yaml"))
    if not isinstance(name, str) or name not in catalogue:
        raise ValueError(
            f"datasets: expected one of {sorted(catalogue)}, received {name!r}"
        )
    return tables.make(DataSet, catalogue[name], f"datasets.yaml: {name}")


def describe(name: str, **arrays: np.ndarray) -> HTML:
    """Return a table of source, licence, units, and each array's shape and dtype.

    Args:
        name: A data set of the catalogue.
        arrays: What you made of it, by the name that the table shall show.

    Raises:
        TypeError: If one of them is no array.
        ValueError: If the catalogue has no such data set.
    """
    known = entry(name)
    for key, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"describe: expected {key} to be an array, "
                f"received {type(array).__name__}"
            )
    rows = [[key, getattr(known, key)] for key in ("source", "licence", "units")]
    rows += [[key, f"{a.shape}, {a.dtype}"] for key, a in arrays.items()]
    return HTML(records.html_table(known.title, ["", "what"], rows))


def check_sha256(name: str, *arrays: np.ndarray) -> None:
    """Check that bundled arrays are byte for byte those that the book was made with.

    Raises:
        ValueError: If the digest differs from the catalogue's.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    expected = entry(name).sha256
    if digest.hexdigest() != expected:
        raise ValueError(
            f"datasets: expected {name} with sha256 {expected}, "
            f"received {digest.hexdigest()}"
        )
