"""Which notebooks the book has, and how long a cell of it may run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

CONFIG, TOC = "_config.yml", "_toc.yml"
JUPYTER_BOOK_TIMEOUT_S = 30
"""What Jupyter Book 1 takes where `_config.yml` says nothing."""


@dataclass(frozen=True)
class Chapter:
    """A page of the book that is a notebook."""

    name: str
    """Its file's name without folder and suffix: `01_tensors`."""
    path: Path


@dataclass(frozen=True)
class Settings:
    """What `execute:` in `_config.yml` says, as far as it matters here."""

    timeout_s: int
    """Seconds that one cell may run."""
    cache: str | None
    """Folder of the caches, if it isn't the usual one."""


def read_settings(book: Path) -> Settings:
    """Read the book's own settings, so that they stand in one place.

    Raises:
        FileNotFoundError: If `book` isn't the folder of a book.
    """
    path = book / CONFIG
    if not path.is_file():
        raise FileNotFoundError(
            f"execute: expected the book's folder, with {CONFIG} in it, received {book}"
        )
    execute = yaml.safe_load(path.read_text(encoding="utf-8")).get("execute", {})
    return Settings(
        timeout_s=int(execute.get("timeout", JUPYTER_BOOK_TIMEOUT_S)),
        cache=execute.get("cache") or None,
    )


def find_chapters(book: Path, wanted: Sequence[str] = ()) -> list[Chapter]:
    """Return the notebooks of the table of contents, in reading order.

    Args:
        book: The book's folder.
        wanted: Names, numbers or paths (`01_tensors`, `01`, `1`,
            `chapters/01_tensors.ipynb`) of the chapters to return; all if empty.

    Raises:
        FileNotFoundError: If the book has no table of contents.
        ValueError: If that isn't one, or a wanted chapter isn't there, or could be
            several.
    """
    pages = [book / f"{name}.ipynb" for name in contents(book)]
    chapters = [Chapter(path.stem, path) for path in pages if path.is_file()]
    if not wanted:
        return chapters
    chosen = {_choose(chapters, name).name for name in wanted}
    return [chapter for chapter in chapters if chapter.name in chosen]


def find_notebook(book: Path, wanted: str) -> Chapter:
    """Return the one chapter that a command names, which may be any notebook.

    Args:
        book: The book's folder.
        wanted: A number (`4`, `04`), a name, or the path of any notebook, seen from
            here or from the book.

    Raises:
        FileNotFoundError: If it is a path where no file is, or there is no book.
        ValueError: If the book has no such chapter, or could mean several.
    """
    if not wanted.endswith(".ipynb"):
        return find_chapters(book, [wanted])[0]
    for path in (Path(wanted), book / wanted):
        if path.is_file():
            return Chapter(path.stem, path.resolve())
    raise FileNotFoundError(f"run: expected a notebook, received no file {wanted}")


def contents(book: Path) -> list[str]:
    """Return the names of all pages, in reading order: `index`, `chapters/01_tensors`.

    Raises:
        FileNotFoundError: If the book has no table of contents.
        ValueError: If that isn't one.
    """
    path = book / TOC
    if not path.is_file():
        raise FileNotFoundError(
            f"execute: expected the book's folder, with {TOC} in it, received "
            f"{path.parent}"
        )
    try:
        return list(parse_toc_yaml(path))
    except MalformedError as error:
        raise ValueError(
            f"execute: expected a table of contents in {path}, received: {error}"
        ) from error


def _choose(chapters: list[Chapter], wanted: str) -> Chapter:
    """Return the chapter of that name, else the only one whose name begins so."""
    name = Path(wanted).name.removesuffix(".ipynb")
    exact = [chapter for chapter in chapters if chapter.name == name]
    begin = f"{name:0>2}_" if name.isdigit() else name  # 4 is 04, and not 41
    matches = exact or [c for c in chapters if c.name.startswith(begin)]
    if len(matches) != 1:
        known = ", ".join(chapter.name for chapter in chapters)
        raise ValueError(f"execute: expected one of {known}, received {wanted!r}")
    return matches[0]
