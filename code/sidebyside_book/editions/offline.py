"""The whole book in one file, for rooms with a bad network.

The same book gives the same bytes: names in order, one date for all files, no path of
the machine that made it. The file is whole or it is not there.
"""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sidebyside_book.chapter import read_notebook
from sidebyside_book.editions import deck, student
from sidebyside_book.editions.templates import environment

SITE = "_build/html"
SUMS = "SHA256SUMS"
START = "START-HERE.html"
LEFT_OUT = (".buildinfo", ".doctrees", ".nojekyll", "__pycache__", ".ipynb_checkpoints")
"""What Sphinx and Jupyter leave behind, and no reader needs."""
ROOT_FILES = (
    "LICENSE",
    "CITATION.cff",
    "requirements.txt",
    "requirements-lab.txt",
    "constraints.txt",
)
EPOCH = 1_577_836_800
"""Date of all files [s since 1970] if `SOURCE_DATE_EPOCH` says nothing: 2020."""

_TEMPLATES = environment("offline")


@dataclass(frozen=True)
class Source:
    """What is packed, and what of it must be there first."""

    folder: str
    """In the bundle."""
    path: str
    """In the book."""
    made_by: str
    """The command that makes it; empty for what is stored."""


SOURCES = (
    Source("site", SITE, "make book"),
    Source("notebooks", "chapters", ""),
    Source("student", student.FOLDER, "make student"),
    Source("slides", deck.FOLDER, "make slides"),
    Source("data", "data", ""),
)


def write(book: Path, out: Path | None = None, *, wheels: bool = False) -> Path:
    """Pack the book, and return the file.

    Args:
        book: The book's folder; site, student edition and slides have been made.
        out: The file to write; `_build/side-by-side-offline-VERSION.zip` if None.
        wheels: Whether to download everything that the book needs, for this platform.

    Raises:
        FileNotFoundError: If `book` is no book, or something has not been made.
        ValueError: If a package cannot be had.
    """
    version = _version(book)
    for source in SOURCES:
        if not any((book / source.path).glob("*")):
            wanted = f"{source.path}, which `{source.made_by}` makes"
            raise FileNotFoundError(f"offline: expected {wanted}, received none")
    name = f"side-by-side-offline-{version}"
    out = out or book / "_build" / f"{name}.zip"
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".offline-") as place:
        folder = Path(place) / name
        _gather(book, folder, version, wheels=wheels)
        packed = Path(place) / "bundle.zip"
        _pack(folder, packed)
        packed.replace(out)
    return out


def _version(book: Path) -> str:
    path = book / "pyproject.toml"
    if not path.is_file():
        raise FileNotFoundError(
            f"offline: expected the book's folder, with pyproject.toml, received {book}"
        )
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"])


def _gather(book: Path, folder: Path, version: str, *, wheels: bool) -> None:
    """Put all files of the bundle into a folder."""
    for source in SOURCES:
        unwanted = shutil.ignore_patterns(*LEFT_OUT)
        shutil.copytree(book / source.path, folder / source.folder, ignore=unwanted)
    for name in ROOT_FILES:
        if (book / name).is_file():
            shutil.copyfile(book / name, folder / name)
    _build_wheel(book, folder / "wheels")
    if wheels:
        _download(book, folder / "wheels")
    facts = {
        "version": version,
        "with_wheels": wheels,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "chapters": {
            path.stem: read_notebook(folder / f"notebooks/{path.stem}.ipynb").title
            for path in sorted((folder / "slides").glob("*.html"))
        },
    }
    for name in (START, "README.txt"):
        text = _TEMPLATES.get_template(name).render(facts)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / SUMS).write_text("".join(_sums(folder)), encoding="utf-8")


def _build_wheel(book: Path, folder: Path) -> None:
    """Build the book's own package."""
    _run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], book
    )


def _download(book: Path, folder: Path) -> None:
    """Fetch or build a wheel of all that the book needs, on this platform."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", folder]
    lists = ["-r", "requirements.txt", "-r", "requirements-lab.txt"]
    _run([*command, *lists, "-c", "constraints.txt"], book)


def _run(command: list[str | Path], book: Path) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(_epoch())}
    done = subprocess.run(
        list(map(str, command)),
        cwd=book,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ValueError(
            f"offline: expected {' '.join(map(str, command[1:4]))} to work, "
            f"received status {done.returncode}:\n{done.stdout.strip()}"
        )


def _epoch() -> int:
    return int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sums(folder: Path) -> Iterator[str]:
    """Yield the lines that `sha256sum --check` reads."""
    for path in _files(folder):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        yield f"{digest}  {path.relative_to(folder).as_posix()}\n"


def _pack(folder: Path, out: Path) -> None:
    """Write a zip file whose bytes depend on names and contents alone."""
    date = time.gmtime(_epoch())[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in _files(folder):
            name = PurePosixPath(folder.name) / path.relative_to(folder).as_posix()
            entry = zipfile.ZipInfo(str(name), date)
            entry.file_size = path.stat().st_size
            entry.compress_type = _compression(path)
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.create_system = 3  # Unix, wherever it was made
            with path.open("rb") as source, packed.open(entry, "w") as target:
                shutil.copyfileobj(source, target)


def _compression(path: Path) -> int:
    """A wheel is compressed already, and may be large."""
    return zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
