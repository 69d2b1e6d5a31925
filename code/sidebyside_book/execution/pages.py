"""What the Sphinx build needs to know about execution, so that no page is stale."""

import os
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from sidebyside_book.execution.cache import cache_root, open_cache
from sidebyside_book.execution.digest import digest, hash_folder
from sidebyside_book.execution.environment import kernel_environment

MARKER = "read-all-pages-again"
EXTENSION = Path(__file__).parents[1]
_EARLY = 100


def connect(app: Sphinx) -> None:
    """Let the build use the cache of the present digest, and notice cut-off builds."""
    if sys.flags.optimize:
        from sidebyside.versions import NO_ASSERTS

        raise ExtensionError(f"build: {NO_ASSERTS}")
    environment = _KernelEnvironment()
    app.add_config_value("sidebyside_source", "", "env", str)
    app.connect("config-inited", _choose_cache, priority=_EARLY)
    app.connect("env-get-outdated", _after_a_cut)
    app.connect("env-get-outdated", _remove_pages)
    app.connect("env-before-read-docs", environment.set)
    app.connect("env-updated", environment.restore)
    app.connect("build-finished", environment.restore)
    app.connect("build-finished", _finish)


def mark_stale(doctrees: Path) -> None:
    """Make the next build read every page again, whatever Sphinx remembers."""
    if doctrees.is_dir():
        (doctrees / MARKER).touch()


def _choose_cache(app: Sphinx, config: Config) -> None:
    """Set the cache's path, and a hash of the extension that makes the pages.

    Both are `env` values: when one changes, Sphinx reads every page again.
    """
    config.sidebyside_source = hash_folder(EXTENSION)
    if config.nb_execution_mode != "cache":
        return
    root = cache_root(Path(app.srcdir), config.nb_execution_cache_path or None)
    folder = root / digest(Path(app.srcdir))
    open_cache(folder).db.dispose()
    config.nb_execution_cache_path = str(folder)


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


class _KernelEnvironment:
    """Gives kernels that this build starts the environment the digest speaks of."""

    def __init__(self) -> None:
        self._saved: dict[str, str] | None = None

    def set(self, *_: object) -> None:
        """Leave what kernels get, and nothing else, while pages are being read."""
        self._saved = dict(os.environ)
        _replace(kernel_environment())

    def restore(self, *_: object) -> None:
        """Put everything back as it was; once is enough, twice does no harm."""
        if self._saved is not None:
            _replace(self._saved)
        self._saved = None


def _replace(variables: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
