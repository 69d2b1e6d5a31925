"""The whole book in one file, for rooms with a bad network.

The same book gives the same bytes: names in order, one date for all files, no path of
the machine that made it. The file is whole or it is not there. What is not the book's
is not packed: see `known`.
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
from pathlib import Path, PurePosixPath

from sidebyside_book.chapter import read_notebook
from sidebyside_book.editions.known import SOURCES, Pages, Source, pages_of
from sidebyside_book.editions.templates import environment

SUMS = "SHA256SUMS"
START = "START-HERE.html"
ROOT_FILES = (
    "LICENSE",
    "CITATION.cff",
    "requirements.txt",
    "requirements-lab.txt",
    "constraints.txt",
)
EPOCH = 1_577_836_800
"""Date of all files [s since 1970] if `SOURCE_DATE_EPOCH` says nothing: 2020."""
FIRST = 315_532_800
"""The first date of a zip file [s since 1970]: 1980."""

_TEMPLATES = environment("offline")


def write(book: Path, out: Path | None = None, *, wheels: bool = False) -> Path:
    """Pack the book, and return the file.

    Args:
        book: The book's folder; site, student edition and slides have been made.
        out: The file to write; `_build/side-by-side-offline-VERSION.zip` if None.
        wheels: Whether to download everything that the book needs, for this platform.

    Raises:
        FileNotFoundError: If `book` is no book, or something has not been made.
        ValueError: If a package cannot be had, or `out` is a file of somebody's own.
    """
    version, pages = _version(book), pages_of(book)
    for source in SOURCES:
        _check_made(source, book, pages)
    name = f"side-by-side-offline-{version}"
    out = out or book / "_build" / f"{name}.zip"
    _check_out(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".offline-") as place:
        folder = Path(place) / name
        _gather(book, pages, folder)
        _build_wheel(book, pages, folder / "wheels")
        if wheels:
            _download(book, folder / "wheels")
        _write_own(folder, version, wheels=wheels)
        packed = Path(place) / "bundle.zip"
        _pack(folder, packed)
        packed.replace(out)
    return out


def left_out(book: Path) -> list[str]:
    """Return the files in the folders that are packed which are not the book's."""
    pages = pages_of(book)
    return [name for source in SOURCES for name in source.others(book, pages)]


def _check_made(source: Source, book: Path, pages: Pages) -> None:
    """Check that what a command makes is there: of the site, every page."""
    known = source.known(book, pages)
    wanted = [f"{page}.html" for page in pages.all] if source.folder == "site" else []
    missing = sorted(set(wanted) - set(known))
    if missing or not known:
        path = "/".join([source.path, *missing[:1]]) if known else source.path
        made = f", which `{source.made_by}` makes" if source.made_by else ""
        raise FileNotFoundError(f"offline: expected {path}{made}, received none")


def _check_out(out: Path) -> None:
    """Check that nothing is lost if the file is written: at most an older bundle is."""
    if not (out.exists() or out.is_symlink()):
        return
    if out.is_file() and zipfile.is_zipfile(out):
        with zipfile.ZipFile(out) as old:
            if {SUMS, START} <= {PurePosixPath(name).name for name in old.namelist()}:
                return
    raise ValueError(
        f"offline: expected no file of yours in the way, received {out}, which is no "
        "bundle of the book: name another file with --out"
    )


def _version(book: Path) -> str:
    path = book / "pyproject.toml"
    if not path.is_file():
        raise FileNotFoundError(
            f"offline: expected the book's folder, with pyproject.toml, received {book}"
        )
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"])


def _gather(book: Path, pages: Pages, folder: Path) -> None:
    """Copy the book's files into a folder."""
    for source in SOURCES:
        for name in source.known(book, pages):
            _copy(book / source.path / name, folder / source.folder / name)
    for name in ROOT_FILES:
        if (book / name).is_file():
            _copy(book / name, folder / name)


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _write_own(folder: Path, version: str, *, wheels: bool) -> None:
    """Write what stands in the bundle alone: where to start, and the sums."""
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
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    sums = "".join(_sums(folder))
    (folder / SUMS).write_text(sums, encoding="utf-8", newline="\n")


def _build_wheel(book: Path, pages: Pages, folder: Path) -> None:
    """Build the book's own package, of a copy that has the book's files alone."""
    with tempfile.TemporaryDirectory(dir=folder.parent.parent) as place:
        copy = Path(place)
        _copy_package(book, pages, copy)
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
        _run([*command, "-d", folder], copy)


def _copy_package(book: Path, pages: Pages, copy: Path) -> None:
    """Copy what the package is made of: without hidden files, and of data the known."""
    project = tomllib.loads((book / "pyproject.toml").read_text(encoding="utf-8"))
    for name in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        unwanted = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(book / name, copy / name, ignore=unwanted)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (book / name).is_file():
            _copy(book / name, copy / name)
    (data,) = (source for source in SOURCES if source.folder == "data")
    for name in data.known(book, pages):
        _copy(book / data.path / name, copy / data.path / name)


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
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise ValueError(
            f"offline: expected {' '.join(map(str, command[1:4]))} to work, "
            f"received status {done.returncode}:\n{done.stdout.strip()}"
        )


def _epoch() -> int:
    """Return the date of all files [s since 1970]; no zip file has an earlier one."""
    text = os.environ.get("SOURCE_DATE_EPOCH") or str(EPOCH)
    if not text.isdecimal():
        raise ValueError(
            "offline: expected SOURCE_DATE_EPOCH as seconds since 1970, received "
            f"{text!r}"
        )
    return max(int(text), FIRST)


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
