"""What the Sphinx build needs to know about execution, so that no page is stale."""

import os
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from sidebyside_book.execution.alone import alone
from sidebyside_book.execution.cache import KEY, Cache, cache_root
from sidebyside_book.execution.digest import files_of, hash_files, look
from sidebyside_book.execution.environment import kernel_environment
from sidebyside_book.website.per_page import PerPage

MARKER = "read-all-pages-again"
PACKAGE = Path(__file__).parents[1]
READING = (
    "box.py",
    "chapter/cells.py",
    "chapter/facts.py",
    "chapter/notebook.py",
    "chapter_data.py",
    "execution/outcome.py",
    "execution/pages.py",
    "website/failed.py",
    "website/guard.py",
    "website/notebook.py",
    "website/pages/failed.html",
    "website/pages/guide",
    "website/pages/missing.py",
    "website/pages/parts.py",
    "website/per_page.py",
    "website/records.py",
    "website/stopped.py",
    "website/tabs.py",
)
"""What of this package runs while a page is read. The rest of the site runs when pages
are written; what makes slides or measures sweeps does neither."""
WRITING = ("website",)
"""What makes the pages, once they have been read."""
_EARLY = 100


def connect(app: Sphinx) -> None:
    """Let the build find the results of the present keys, and notice cut-off builds."""
    if sys.flags.optimize:
        from sidebyside.versions import NO_ASSERTS

        raise ExtensionError(f"build: {NO_ASSERTS}")
    reading = _Reading()
    app.add_config_value("sidebyside_reading", "", "env", str)
    app.add_config_value("sidebyside_writing", "", "html", str)
    app.add_env_collector(Keys)
    app.connect("config-inited", _choose_cache, priority=_EARLY)
    app.connect("env-get-outdated", _after_a_cut)
    app.connect("env-get-outdated", _of_other_keys)
    app.connect("env-get-outdated", _remove_pages)
    app.connect("source-read", _add_key)
    app.connect("env-before-read-docs", reading.begin)
    app.connect("env-updated", reading.end)
    app.connect("build-finished", reading.end)
    app.connect("build-finished", _finish)


class Keys(PerPage):
    """The key of the result that each page shows."""

    attribute = "sidebyside_keys"


def mark_stale(doctrees: Path) -> None:
    """Make the next build read every page again, whatever Sphinx remembers."""
    if doctrees.is_dir():
        (doctrees / MARKER).touch()


def _choose_cache(app: Sphinx, config: Config) -> None:
    """Set the cache's path, and hashes of what reads and what writes the pages.

    When the first hash changes, Sphinx reads every page again; when the second one
    does, it writes every page again.
    """
    config.sidebyside_reading = _hash(READING)
    config.sidebyside_writing = _hash(WRITING)
    app.sidebyside_cache = None  # type: ignore[attr-defined]
    if config.nb_execution_mode != "cache":
        return
    book = Path(app.srcdir)
    root = cache_root(book, config.nb_execution_cache_path or None)
    cache = Cache(root, look(book))
    cache.close()
    app.sidebyside_cache = cache  # type: ignore[attr-defined]
    config.nb_execution_cache_path = str(root)


def _hash(names: Iterable[str]) -> str:
    """Return a hash of files and folders of this package."""
    files = {name: PACKAGE / name for name in names if (PACKAGE / name).is_file()}
    for name in names:
        files |= {f"{name}/{inner}": path for inner, path in files_of(PACKAGE / name)}
    return hash_files(files.items())


def cache_of(app: Sphinx) -> Cache | None:
    """Return the cache that the build uses; None if it uses none."""
    cache: Cache | None = app.sidebyside_cache  # type: ignore[attr-defined]
    return cache


def _of_other_keys(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Return the pages whose results have another key than when they were read."""
    cache = cache_of(app)
    if cache is None:
        return []
    return [
        name for name, key in Keys.of(env).items() if _present_key(app, name) != key
    ]


def _present_key(app: Sphinx, docname: str) -> str | None:
    """Return the key of a page's chapter as it stands; None if there is none."""
    path = Path(app.env.doc2path(docname))
    source = path.read_text(encoding="utf-8") if path.is_file() else ""
    notebook = _keyed(app, docname, source)
    return notebook.metadata.kernelspec[KEY] if notebook else None


def _add_key(app: Sphinx, docname: str, content: list[str]) -> None:
    """Hand MyST-NB the notebook with its key, by which it finds the result."""
    notebook = _keyed(app, docname, content[0])
    if notebook is not None:
        Keys.of(app.env)[docname] = notebook.metadata.kernelspec[KEY]
        content[0] = nbformat.writes(notebook)


def _keyed(app: Sphinx, docname: str, source: str) -> NotebookNode | None:
    """Return a page's notebook with its key; None if it is none, or can't be read."""
    cache = cache_of(app)
    if cache is None or Path(app.env.doc2path(docname)).suffix != ".ipynb":
        return None
    try:
        notebook = nbformat.reads(source, as_version=4)
    except Exception:  # whatever it is, MyST-NB says so
        return None
    return cache.keyed(PurePosixPath(docname).name, notebook)


def _remove_pages(app: Sphinx, _: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Remove the pages of chapters that are gone; Sphinx would leave them."""
    _, _, removed = changes
    if app.builder.format == "html":
        for name in removed:
            Path(app.builder.get_outfilename(name)).unlink(missing_ok=True)
    return []


def _after_a_cut(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> set[str]:
    """Return all pages if the last build was killed, failed or had warnings.

    Sphinx stores what it has read before it writes pages: a build that is killed in
    between would leave old pages that look up to date. And a page that isn't read
    again doesn't warn again: a second `-W` build would pass.
    """
    marker = Path(app.doctreedir) / MARKER
    if marker.exists():
        return set(env.found_docs)
    marker.touch()
    return set()


def _finish(app: Sphinx, error: Exception | None) -> None:
    if error is None and not app._warncount:
        (Path(app.doctreedir) / MARKER).unlink(missing_ok=True)


class _Reading:
    """What holds while pages are being read, which executes those without a result.

    Kernels get the environment that the keys speak of, and no other process executes.
    """

    def __init__(self) -> None:
        self._undo = ExitStack()

    def begin(self, app: Sphinx, *_: object) -> None:
        """Wait for other processes, and leave what kernels get, and nothing else."""
        if cache := cache_of(app):
            self._undo.enter_context(alone(cache.path, "build"))
        self._undo.callback(_replace, dict(os.environ))
        _replace(kernel_environment())

    def end(self, *_: object) -> None:
        """Put everything back as it was; once is enough, twice does no harm."""
        self._undo.close()


def _replace(variables: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
