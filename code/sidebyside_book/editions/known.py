"""Which files of the book's folders are the book's: what may be packed.

The table of contents names the pages, the commands make the rest, and the tables of
`data/` stand on the lists of `digest`. All else in those folders is somebody's own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sidebyside_book.editions import deck, made, student
from sidebyside_book.execution.chapters import contents, find_chapters
from sidebyside_book.execution.digest import READERS, UNREAD

SITE = "_build/html"
NOISE = (".buildinfo", ".doctrees", ".nojekyll", "__pycache__", ".ipynb_checkpoints")
NOISE += (made.LIST,)
"""What Sphinx, Jupyter and the commands leave behind: nobody needs it, nobody asks."""
SPHINX = ("_downloads", "_images", "_sphinx_design_static", "_static")
SPHINX += ("genindex.html", "index.html", "objects.inv", "search.html")
SPHINX += ("searchindex.js",)
"""What Sphinx makes beside the pages."""


@dataclass(frozen=True)
class Pages:
    """The pages of the table of contents."""

    all: frozenset[str]
    """As it names them: `index`, `chapters/01_tensors`."""
    chapters: frozenset[str]
    """The names of the notebooks among them: `01_tensors`."""


@dataclass(frozen=True)
class Source:
    """What is packed of a folder, and what of it must be there first."""

    folder: str
    """In the bundle."""
    path: str
    """In the book."""
    made_by: str
    """The command that makes it; empty for what is stored."""
    knows: Callable[[PurePosixPath, Pages], bool]
    """Whether a file is the book's, by its name in the folder."""

    def files(self, book: Path) -> Iterator[str]:
        """Yield the names of the files in the folder, in order, without noise."""
        root = book / self.path
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root)
            if path.is_file() and not set(name.parts) & set(NOISE):
                yield name.as_posix()

    def known(self, book: Path, pages: Pages) -> list[str]:
        """Return the names of those that are the book's."""
        return [name for name in self.files(book) if self._is_known(name, pages)]

    def others(self, book: Path, pages: Pages) -> list[str]:
        """Return the places in the book of those that are not."""
        names = [name for name in self.files(book) if not self._is_known(name, pages)]
        return [f"{self.path}/{name}" for name in names]

    def _is_known(self, text: str, pages: Pages) -> bool:
        name = PurePosixPath(text)
        hidden = any(part.startswith(".") for part in name.parts)
        return not hidden and self.knows(name, pages)


def pages_of(book: Path) -> Pages:
    """Return the pages of a book.

    Raises:
        FileNotFoundError: If it has no table of contents.
        ValueError: If that isn't one.
    """
    chapters = frozenset(chapter.name for chapter in find_chapters(book))
    return Pages(frozenset(contents(book)), chapters)


def _of_site(name: PurePosixPath, pages: Pages) -> bool:
    if name.parts[0] == "_sources":
        return name.relative_to("_sources").with_suffix("").as_posix() in pages.all
    page = name.suffix == ".html" and name.with_suffix("").as_posix() in pages.all
    return page or name.parts[0] in SPHINX


def _of_sources(name: PurePosixPath, pages: Pages) -> bool:
    page = f"chapters/{name.with_suffix('')}"
    return name.suffix in (".ipynb", ".md") and page in pages.all


def _edition(suffix: str) -> Callable[[PurePosixPath, Pages], bool]:
    return lambda name, pages: (
        name.suffix == suffix and str(name.with_suffix("")) in pages.chapters
    )


def _of_data(name: PurePosixPath, pages: Pages) -> bool:
    """Say whether a file is a table, or belongs to a chapter or to the teachers."""
    table = PurePosixPath(name.parts[0]).stem
    if table == "records":
        return name.suffix == ".json" and name.stem in pages.chapters
    if name.suffix not in (".yaml", ".md", ".npz", ".txt") or table not in {
        *READERS,
        *UNREAD,
    }:
        return False
    return table != "chapters" or name.stem in {*pages.chapters, "agendas"}


SOURCES = (
    Source("site", SITE, "make book", _of_site),
    Source("notebooks", "chapters", "", _of_sources),
    Source("student", student.FOLDER, "make student", _edition(".ipynb")),
    Source("slides", deck.FOLDER, "make slides", _edition(".html")),
    Source("data", "data", "", _of_data),
)
