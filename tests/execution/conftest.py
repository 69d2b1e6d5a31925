"""A tiny book in a temporary folder, executed and built by processes of their own."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from tiny_book import MIME, REPORT

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
TRACE = (
    "import os, pathlib\n"
    "trace = pathlib.Path(os.environ['SIDEBYSIDE_TRACE'])\n"
    "with (trace / '{name}.runs').open('a') as runs:\n"
    "    runs.write('x')"
)
CONF = """
project = "tiny"
extensions = ["myst_nb"{ours}]
source_suffix = {{".md": "myst-nb", ".ipynb": "myst-nb"}}
exclude_patterns = ["_build", "trace"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
"""
WHOLE = """
project = "tiny"
extensions = ["myst_nb", "sphinx_design", "sphinx_togglebutton", "sphinx_exercise",
              "sidebyside_book.website"]
html_theme = "sphinx_book_theme"
html_math_renderer = "sidebyside"
html_theme_options = {"repository_url": "https://github.com/tests/tiny"}
exclude_patterns = ["_build", "trace"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
"""
SHOW_REPORT = f"display({{'text/html': 'ran', {MIME!r}: {REPORT!r}}}, raw=True)"
OURS = "from sidebyside_book.execution import connect as setup\n"


class TinyBook:
    """A book whose chapters count how often they run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.trace = folder, folder / "trace"
        for name in ("chapters", "code/sidebyside", "data", "trace"):
            (folder / name).mkdir(parents=True)
        self.python = _new_python(folder.with_name("venv"), folder / "code")
        self.write("_config.yml", "execute: {execute_notebooks: cache, timeout: 60}\n")
        self.write("code/sidebyside/__init__.py", "VALUE = 1\n")
        self.write("code/only_execution.py", OURS)
        self.write("data/numbers.csv", "1\n")
        self.write("conf.py", CONF.format(ours=', "only_execution"'))
        self.names: list[str] = []

    def write(self, name: str, text: str) -> Path:
        """Write a file of the book."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def add(self, name: str, *sources: str, tags: dict[int, list[str]] | None = None):
        """Add a chapter that counts its runs and then runs `sources`."""
        cells = [new_markdown_cell(f"# {name}", id="title")]
        cells.append(new_code_cell(TRACE.format(name=name), id="trace"))
        for index, source in enumerate(sources):
            cell = new_code_cell(source, id=f"cell-{'abcdef'[index]}")
            cell.metadata.tags = (tags or {}).get(index, [])
            cells.append(cell)
        notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})
        nbformat.write(notebook, self.folder / f"chapters/{name}.ipynb")
        if name not in self.names:
            self.names.append(name)
        self._write_contents()

    def remove(self, name: str) -> None:
        """Take a chapter out of the table of contents."""
        self.names.remove(name)
        self._write_contents()

    def _write_contents(self) -> None:
        pages = [f"chapters/{name}" for name in self.names]
        entries = "".join(f"  - file: {page}\n" for page in pages)
        self.write("_toc.yml", f"format: jb-book\nroot: index\nchapters:\n{entries}")
        listed = "\n".join(pages)
        self.write("index.md", f"# Tiny\n\n```{{toctree}}\n{listed}\n```\n")

    def environment(self, **more: str) -> dict[str, str]:
        """Return an environment in which chapters can count how often they run."""
        return {**os.environ, "SIDEBYSIDE_TRACE": str(self.trace), **more}

    def command(self, *arguments: str) -> list[str]:
        """Return the command that executes the book."""
        module = [str(self.python), "-m", "sidebyside_book.execution"]
        return [*module, "--book", str(self.folder), *arguments]

    def execute(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        """Execute the book, and wait."""
        return _run(self.command(*arguments), self.environment(**variables))

    def build(self, **variables: str) -> subprocess.CompletedProcess:
        """Build the site with Sphinx alone, as `jupyter-book build .` does."""
        folders = [self.folder, self.folder / "_build/html"]
        doctrees = ["-d", self.folder / "_build/.doctrees"]
        options = ["-b", "html", "-W", "--keep-going", "--no-color"]
        command = [self.python, "-m", "sphinx", *options, *doctrees, *folders]
        return _run(list(map(str, command)), self.environment(**variables))

    def runs(self, name: str) -> int:
        """Return how often the chapter's first cell ran."""
        path = self.trace / f"{name}.runs"
        return len(path.read_text()) if path.exists() else 0

    def page(self, name: str) -> str:
        """Return a page of the site."""
        path = self.folder / f"_build/html/chapters/{name}.html"
        return path.read_text(encoding="utf-8")

    @property
    def cache(self) -> Path:
        """The folder of the cache."""
        return self.folder / "_build/.jupyter_cache"

    def cached_notebooks(self) -> list[Path]:
        """Return the notebooks in the cache, the newest one at the end."""
        found = self.cache.glob("executed/*/base.ipynb")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def _new_python(folder: Path, first: Path, *, alone: bool = False) -> Path:
    """Make an environment with a folder of packages, and what ours has behind it.

    Args:
        folder: Where to make it.
        first: The folder of packages.
        alone: Whether it has nothing but these.

    Returns:
        Its Python.
    """
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    lines = "\n".join([str(first), *([] if alone else _packages())])
    (site / "packages.pth").write_text(lines, encoding="utf-8")
    return folder / "bin/python"


@cache
def _packages() -> list[str]:
    """Return the folders in which this Python looks for packages, but for its own."""
    code = "import json, sys; print(json.dumps(sys.path))"
    found = json.loads(subprocess.check_output([sys.executable, "-I", "-c", code]))
    return [path for path in found if not Path(path).is_relative_to(sys.base_prefix)]


class WholeBook(TinyBook):
    """The same, built by the whole extension; each chapter ends with a report."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.python = Path(sys.executable)  # with the real package
        self.write("conf.py", WHOLE)

    def add(self, name: str, *sources: str, tags: dict[int, list[str]] | None = None):
        """Add a chapter that counts its runs, runs `sources`, and reports."""
        super().add(name, *sources, SHOW_REPORT, tags=tags)

    def edit(self, name: str, change: Callable[[NotebookNode], object]) -> None:
        """Change a chapter's notebook."""
        path = self.folder / f"chapters/{name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        change(notebook)
        nbformat.write(notebook, path)

    def environment(self, **more: str) -> dict[str, str]:
        """Return an environment that is not that of CI."""
        return super().environment(**{"CI": "", **more})

    def article(self, name: str) -> BeautifulSoup:
        """Return what a page says, without what stands around it."""
        return BeautifulSoup(self.page(name), "html.parser").select_one("article")


def _run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def book(tmp_path: Path) -> Iterator[TinyBook]:
    """An empty tiny book."""
    return TinyBook(tmp_path / "book")


@pytest.fixture
def new_python() -> Callable[..., Path]:
    """A function that makes an environment with packages, and returns its Python."""
    return _new_python


@pytest.fixture(scope="session")
def make_whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], WholeBook]:
    """Return a function that makes an empty tiny book that is built as the book is."""
    return lambda: WholeBook(tmp_path_factory.mktemp("whole") / "book")


@pytest.fixture
def whole(make_whole: Callable[[], WholeBook]) -> WholeBook:
    """An empty tiny book that is built as the book is."""
    return make_whole()
