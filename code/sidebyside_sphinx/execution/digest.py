"""A digest of everything besides a notebook's own cells that can change its results.

Parameters stand in a cell, and so in the notebook's own hash. What remains:

| input | what it holds |
|---|---|
| package | every file of the package `sidebyside`, as a kernel would import it |
| data | every file of the book's `data/`, but for the teachers' `data/guide/` |
| modules | Python files beside the chapters: a kernel can import them, too |
| installed | name and version of *every* installed distribution |
| environment | Keras backend, threads and the like; see `environment.MATTERS` |
| keras | float type, epsilon and image layout of the user's `keras.json` |
| machine | operating system, architecture, Python |

All installed distributions count, not a chosen list: a list would have to know what
the frameworks pull in, and would be wrong silently. The price is that installing
anything executes the book once more.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from sidebyside_sphinx.execution.environment import deciding

PACKAGE = "sidebyside"
KERAS_DEFAULTS = {
    "floatx": "float32",
    "epsilon": 1e-07,
    "image_data_format": "channels_last",
}


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
    return {
        "package": _hash_files(_package_files()),
        "data": _hash_files(_data_files(book / "data")),
        "modules": _hash_files(_modules(book)),
        "installed": _hash_json(_installed()),
        "environment": _hash_json(deciding()),
        "keras": _hash_json(_keras_settings()),
        "machine": _hash_json(_machine()),
    }


def changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return the names of the inputs whose hashes differ."""
    return [name for name in now if before.get(name) != now[name]]


def hash_folder(folder: Path) -> str:
    """Return a hash of the names and contents of all files below `folder`."""
    return _hash_files(_files(folder))


def _package_files() -> Iterable[tuple[str, Path]]:
    """Find the package without importing it; nothing if there is none."""
    spec = find_spec(PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        yield from _files(Path(place))


def _files(folder: Path) -> list[tuple[str, Path]]:
    """Return the files below `folder` with their names in it, but for bytecode."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        (path.relative_to(folder).as_posix(), path)
        for path in found
        if "__pycache__" not in path.parts
    ]


def _data_files(folder: Path) -> Iterable[tuple[str, Path]]:
    """Return the data that a chapter may read: all but the instructor's guide."""
    return [(name, p) for name, p in _files(folder) if not name.startswith("guide/")]


def _modules(book: Path) -> list[tuple[str, Path]]:
    return [(p.name, p) for p in sorted((book / "chapters").glob("*.py"))]


def _installed() -> list[str]:
    """Return every `name==version`; a later entry of the path hides no earlier one."""
    found = metadata.distributions()
    return sorted({f"{d.metadata['Name']}=={d.version}" for d in found})


def _keras_settings() -> dict[str, object]:
    """Return what the user's `keras.json` decides, with Keras' own defaults."""
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    try:
        stored = json.loads((home / "keras.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        stored = {}  # Keras itself then takes its defaults
    return {name: stored.get(name, value) for name, value in KERAS_DEFAULTS.items()}


def _machine() -> list[str]:
    return [
        platform.system(),
        platform.machine(),
        platform.python_implementation(),
        platform.python_version(),
    ]


def _hash_files(files: Iterable[tuple[str, Path]]) -> str:
    return _hash_json([(name, _hash(path.read_bytes())) for name, path in files])


def _hash_json(value: object) -> str:
    return _hash(json.dumps(value, sort_keys=True).encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
