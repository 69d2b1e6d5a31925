"""A digest of everything besides a notebook's own cells that can change its results.

Parameters stand in a cell, and so in the notebook's own hash. What remains:

| input | what it holds |
|---|---|
| package | every file of the package `sidebyside`, as a kernel would import it |
| data | the files of the book's `data/` that the chapter reads; see `READERS` |
| beside | files beside the chapters that are no pages: a chapter can read them |
| installed | the distributions that its kernel reaches; see `reach` |
| environment | backend, threads and the like; see `environment.deciding` |
| machine | system, Python, processor, compilers, GPUs; see `machine.described` |
| programs | for a chapter that cuts programs: all chapters' code, and what cuts it |

What is not known to be without effect counts: a new file in `data/` does for all.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from nbformat import NotebookNode

from sidebyside_book.execution import machine, reach
from sidebyside_book.execution.environment import (
    OWN,
    deciding,
    kernel_environment,
)

PAGES = (".ipynb", ".md")
"""What a page of the book ends with."""

_REFERENCE = (
    r"\bsidebyside\.reference\b|\bfrom\s+sidebyside\s+import\b[^)]*\breference\b"
)
READERS = {
    "claims": (r"\b(settle|ledger)\b",),
    "chelsea": (r"\bdatasets\b", r"\bchelsea\b"),
    "cutouts": (r"\b(load_cutouts|cutouts)\b",),
    "datasets": (r"\b(datasets|pretrained)\b",),
    "defaults": (_REFERENCE, r"\bdefaults\b"),
    "fashion_mnist_part": (r"\bdatasets\b", r"\bfashion-part\b"),
    "mistakes": (r"\bmistakes\b",),
    "records": (r"\blabs\b",),
    "rosetta": (_REFERENCE, r"\brosetta\b"),
}
"""Table of `data/` -> what all stands in the code of every chapter that reads it. Of
the claims, a chapter reads those of its own number: `claims/40.yaml`."""

UNREAD = ("README", "chapters", "choosing", "paths")
"""What of `data/` no chapter reads; only the site does, or people do."""


CUTS = re.compile(r"\bsidebyside_book\b")
"""What stands in the code of a chapter that has other chapters cut into programs."""
CUTTING = ("chapter/*.py", "editions/names.py", "editions/owners.py")
CUTTING += ("editions/lanes/*.py",)
"""What of `sidebyside_book` decides the code of these programs; not their prose."""


@dataclass(frozen=True)
class Table:
    """A file of `data/`."""

    digest: str
    words: frozenset[str]
    """What in it may name a package: there are tables that hold code."""


@dataclass(frozen=True)
class Around:
    """What surrounds the chapters of a book, as `look` has found it."""

    shared: Mapping[str, str]
    """The inputs that are the same for all chapters, each as a hash."""
    words: frozenset[str]
    """What in the package `sidebyside` may name another one."""
    data: Mapping[str, Table]
    """The files of `data/`, by their names there."""
    installed: reach.Installed
    programs: str
    """A hash of all code that can be in a program of one lane, and of what cuts it."""

    def key(self, chapter: str, notebook: NotebookNode) -> str:
        """Return 32 hexadecimal digits that differ when a result may differ.

        Args:
            chapter: The chapter's name.
            notebook: Its notebook, of which the key holds no more than what it reads.
        """
        return combine(self.inputs(chapter, notebook))

    def inputs(self, chapter: str, notebook: NotebookNode) -> dict[str, str]:
        """Return one hash for each input, so that one can say which one changed."""
        code = _code(notebook)
        read = self._read(chapter, code)
        inputs = {
            **self.shared,
            "data": _hash_json({name: table.digest for name, table in read.items()}),
            "installed": _hash_json(self.reached(chapter, notebook)),
        }
        return inputs | ({"programs": self.programs} if CUTS.search(code) else {})

    def reached(self, chapter: str, notebook: NotebookNode) -> list[str]:
        """Return `name==version` of the distributions that a chapter's kernel reaches.

        By its own code, that of the package, and that of the tables which it reads.
        """
        code = _code(notebook)
        tables = (table.words for table in self._read(chapter, code).values())
        return reach.reached(
            self.words.union(reach.named(code), *tables), self.installed
        )

    def _read(self, chapter: str, code: str) -> dict[str, Table]:
        return {n: t for n, t in self.data.items() if is_read(n, chapter, code)}


def look(book: Path) -> Around:
    """Look at everything that surrounds the chapters of a book.

    Args:
        book: The book's folder, where `_config.yml` stands.
    """
    seen = _seen_by_kernels()
    package = [file for folder in seen["package"] for file in files_of(Path(folder))]
    code = (path.read_bytes() for _, path in package if path.suffix == ".py")
    return Around(
        shared={
            "package": hash_files(package),
            "beside": hash_files(_beside(book / "chapters")),
            "environment": _hash_json(deciding()),
            "machine": _hash_json(machine.described()),
        },
        words=frozenset().union(*map(_words, code)),
        data={name: _table(path) for name, path in files_of(book / "data")},
        installed=reach.installed(seen["distributions"], seen["modules"]),
        programs=_hash_json([_cells(book), hash_files(_cutting())]),
    )


def combine(hashes: Mapping[str, str]) -> str:
    """Return one digest for the hashes of all inputs."""
    return _hash_json(dict(hashes))


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names of the inputs whose hashes differ."""
    return [name for name in now if before.get(name) != now[name]]


def is_read(name: str, chapter: str, code: str) -> bool:
    """Say whether a chapter with this code may read a file of `data/`.

    Args:
        name: The file's name in `data/`.
        chapter: The chapter's name.
        code: All its code.
    """
    first, *rest = PurePosixPath(name).parts
    table = PurePosixPath(first).stem
    if table in UNREAD:
        return False
    if not all(re.search(word, code) for word in READERS.get(table, ())):
        return False
    return not (table == "claims" and rest) or chapter.startswith(
        f"{PurePosixPath(rest[-1]).stem}_"
    )


def hash_files(files: Iterable[tuple[str, Path]]) -> str:
    """Return a hash of names and contents."""
    return _hash_json([(name, _hash(path.read_bytes())) for name, path in files])


def files_of(folder: Path) -> list[tuple[str, Path]]:
    """Return the files below a folder with their names in it, but for bytecode.

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


def _code(notebook: NotebookNode) -> str:
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "code")


def _seen_by_kernels() -> dict[str, Any]:
    """Return what a kernel can import: this process may have another path."""
    command = [sys.executable, str(OWN / "look.py")]
    return json.loads(subprocess.check_output(command, env=kernel_environment()))


def _table(path: Path) -> Table:
    content = path.read_bytes()
    code = content if path.suffix in (".yaml", ".md") else b""
    return Table(_hash(content), frozenset(_words(code)))


def _words(content: bytes) -> set[str]:
    return reach.named(content.decode(errors="replace"))


def _cells(book: Path) -> dict[str, object]:
    """Return the cells of code of each chapter, with ids and tags, and the contents."""
    contents: dict[str, object] = {}
    for path in [*sorted(book.glob("_toc.yml")), *_numbered(book)]:
        content = path.read_bytes()
        try:
            cells = json.loads(content)["cells"]
        except (ValueError, KeyError, TypeError):  # no notebook: all of it counts
            contents[path.name] = _hash(content)
            continue
        contents[path.name] = [
            (cell.get("id"), cell["metadata"].get("tags"), cell["source"])
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    return contents


def _numbered(book: Path) -> list[Path]:
    return sorted((book / "chapters").glob("[0-9]*.ipynb"))


def _cutting() -> list[tuple[str, Path]]:
    """Return the files that cut chapters into programs."""
    package = Path(__file__).parents[1]
    paths = (path for pattern in CUTTING for path in package.glob(pattern))
    return sorted((path.relative_to(package).as_posix(), path) for path in paths)


def _beside(chapters: Path) -> list[tuple[str, Path]]:
    """Return the files beside the chapters but for pages, and what editors leave."""
    return [
        (name, path)
        for name, path in files_of(chapters)
        if path.suffix not in PAGES and not any(p[0] == "." for p in name.split("/"))
    ]


def _hash_json(value: object) -> str:
    return _hash(json.dumps(value, sort_keys=True).encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
