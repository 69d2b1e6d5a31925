"""Which pages stopped before their end, because their chapter failed, and where.

Whatever asks a page for evidence finds here the difference between a chapter that
failed on this machine and one that has no evidence.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from sidebyside_book.website.per_page import PerPage

if TYPE_CHECKING:
    from sidebyside_book.execution.outcome import Failure


@dataclass(frozen=True)
class Stopped:
    """Where and why the chapter of a page failed."""

    failure: "Failure"
    cells: int
    """How many cells of the notebook the page has, from the first one on."""
    failing: int | None
    """The position of the failing cell; None if no cell of code had begun."""
    readable: bool
    """Whether the file was a notebook at all."""
    seconds: float
    """How long the chapter ran."""
    ended: float
    """When it failed, in seconds since 1970."""


class StoppedPages(PerPage):
    """The pages that stopped; they are noted when their source is read."""

    attribute = "sidebyside_stopped"

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Let the table of execution times have the failure."""
        if stopped := of_page(app.env, app.env.docname):
            failure = stopped.failure
            executed = {
                "mtime": stopped.ended,
                "runtime": stopped.seconds,
                "method": "cache",
                "succeeded": False,
                "error": f"{failure.error}, {failure.where}",
                "traceback": None,
            }
            NbMetadataCollector.set_exec_data(app.env, app.env.docname, executed)


def of_page(env: BuildEnvironment, docname: str) -> Stopped | None:
    """Return where the chapter of a page failed; None if it ran to its end."""
    return StoppedPages.of(env).get(docname)


def pages(env: BuildEnvironment) -> dict[str, Stopped]:
    """Return all pages whose chapters failed, page name -> where, in reading order."""
    return dict(sorted(StoppedPages.of(env).items()))
