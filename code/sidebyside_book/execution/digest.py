"""A digest of everything besides a notebook's own cells that can change its results.

Parameters stand in a cell, and so in the notebook's own hash. What remains:

| input | what it holds |
|---|---|
| package | every file of the package `sidebyside`, as a kernel would import it |
| data | every file of the book's `data/`, but for `data/chapters/` |
| beside | files beside the chapters that are no pages: a chapter can read them |
| installed | name and version of *every* installed distribution |
| environment | backend, threads and the like; see `environment.deciding` |
| machine | system, Python, processor, compilers, GPUs; see `machine.described` |

All installed distributions count, not a chosen list: a list would have to know what
the frameworks pull in, and would be wrong silently. The price is that installing
anything executes the book once more.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sidebyside_book.execution import machine
from sidebyside_book.execution.environment import (
    OWN,
    deciding,
    kernel_environment,
)

PAGES = (".ipynb", ".md")
"""What a page of the book ends with."""


def digest(book: Path) -> str:
    """Return 32 hexadecimal digits that differ when a result may differ.

    Args:
        book: The book's folder, where `_config.yml` stands.
    """
    return combine(inputs(book))


def combine(found: dict[str, str]) -> str:
    """Return one digest for the hashes of all inputs."""
    return _hash_json(found)


def inputs(book: Path) -> dict[str, str]:
    """Return one hash for each input, so that one can say which one changed."""
    seen = _seen_by_kernels()
    return {
        "package": _hash_files(_package_files(seen["package"])),
        "data": _hash_files(_data_files(book / "data")),
        "beside": _hash_files(_beside(book / "chapters")),
        "installed": _hash_json(seen["installed"]),
        "environment": _hash_json(deciding()),
        "machine": _hash_json(machine.described()),
    }


def changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return the names of the inputs whose hashes differ."""
    return [name for name in now if before.get(name) != now[name]]


def hash_folder(folder: Path) -> str:
    """Return a hash of the names and contents of all files below `folder`."""
    return _hash_files(_files(folder))


def _seen_by_kernels() -> dict[str, Any]:
    """Return what a kernel can import: this process may have another path."""
    command = [sys.executable, str(OWN / "look.py")]
    return json.loads(subprocess.check_output(command, env=kernel_environment()))


def _package_files(folders: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for folder in folders:
        yield from _files(Path(folder))


def _files(folder: Path) -> list[tuple[str, Path]]:
    """Return the files below `folder` with their names in it, but for bytecode.

    Links are followed, to folders too.
    """
    return sorted(
        (path.relative_to(folder).as_posix(), path)
        for path in _below(folder, ())
        if "__pycache__" not in path.relative_to(folder).parts
    )


def _below(folder: Path, above: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files below a folder; a folder is not entered again inside itself."""
    real = os.path.realpath(folder)
    if real in above or not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_dir():
            yield from _below(path, (*above, real))
        elif path.is_file():
            yield path


def _data_files(folder: Path) -> Iterable[tuple[str, Path]]:
    """Return the data that a chapter may read: all but `chapters/`."""
    return [(name, p) for name, p in _files(folder) if not name.startswith("chapters/")]


def _beside(chapters: Path) -> list[tuple[str, Path]]:
    """Return the files beside the chapters but for pages, and what editors leave."""
    return [
        (name, path)
        for name, path in _files(chapters)
        if path.suffix not in PAGES and not any(p[0] == "." for p in name.split("/"))
    ]


def _hash_files(files: Iterable[tuple[str, Path]]) -> str:
    return _hash_json([(name, _hash(path.read_bytes())) for name, path in files])


def _hash_json(value: object) -> str:
    return _hash(json.dumps(value, sort_keys=True).encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
