"""What a chapter says about itself: its title, minutes and prerequisites."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:
    from sidebyside_book.execution.chapters import Chapter

_MINUTES = re.compile(r"takes about (\d+) minutes")
_ROW = re.compile(r"^\|\s*(.+?)\s*\|\s*(necessary|helpful|not needed)\s*\|", re.M)
_LINK = re.compile(r"\[([^\]]*)\]\((\d\d)_\w*\)")


def find(book: Path, wanted: str) -> "Chapter":
    """Return the chapter that a command names.

    Args:
        book: The book's folder.
        wanted: A number (`4`, `04`), a name, or the path of any notebook, seen from
            here or from the book.

    Raises:
        FileNotFoundError: If it is a path where no file is, or there is no book.
        ValueError: If the book has no such chapter, or could mean several.
    """
    from sidebyside_book.execution.chapters import Chapter, find_chapters

    if wanted.endswith(".ipynb"):
        for path in (Path(wanted), book / wanted):
            if path.is_file():
                return Chapter(path.stem, path.resolve())
        raise FileNotFoundError(f"run: expected a notebook, received no file {wanted}")
    return find_chapters(book, [wanted])[0]


@dataclass(frozen=True)
class About:
    """What `sidebyside list` shows of a chapter."""

    name: str
    title: str
    minutes: int
    """To read it."""
    necessary: tuple[str, ...]
    helpful: tuple[str, ...]


def about(notebook: Path) -> About:
    """Read a chapter's title and its cell `aims`.

    Raises:
        ValueError: If it has no such cells.
    """
    cells = {c.id: c.source for c in nbformat.read(notebook, as_version=4).cells}
    minutes = _MINUTES.search(cells.get("aims", ""))
    if "title" not in cells or not minutes:
        raise ValueError(
            f"list: expected cells `title` and `aims` with the minutes of reading in "
            f"{notebook.name}, received {list(cells)[:3]}"
        )
    rows = _ROW.findall(cells["aims"])
    return About(
        name=notebook.stem,
        title=cells["title"].splitlines()[0].lstrip("# "),
        minutes=int(minutes[1]),
        necessary=tuple(_plain(what) for what, how in rows if how == "necessary"),
        helpful=tuple(_plain(what) for what, how in rows if how == "helpful"),
    )


def _plain(text: str) -> str:
    """Return a link to a chapter as its number and title."""
    return _LINK.sub(lambda match: f"{match[2]} {match[1]}", text)
