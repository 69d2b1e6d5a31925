"""Gather what the executed notebooks measured.

A notebook attaches records (small JSON objects) to its cells' outputs. MyST-NB hands
every output to `RecordRenderer`, which files the record under its page in Sphinx's
environment and renders nothing: the reader sees the table beside it.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from docutils import nodes
from myst_nb.core.nb_to_tokens import nb_node_to_dict
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from sidebyside_book.website import notebook
from sidebyside_book.website.per_page import PerPage

if TYPE_CHECKING:
    from sidebyside_book.gather import PageRecord

MIME = "application/vnd.sidebyside.record+json"
SCHEMA = 1

Record = dict[str, Any]
logger = logging.getLogger(__name__)


class RecordRenderer(MimeRenderPlugin):
    """MyST-NB's way to our mime type; registered as an entry point."""

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        """File a record; leave every other mime type to MyST-NB."""
        if data.mime_type != MIME:
            return None
        env = renderer.renderer.sphinx_env
        record = nb_node_to_dict(data.content)
        if problem := invalid(record):
            place = (env.docname, data.line)
            logger.warning(
                problem, type="sidebyside", subtype="records", location=place
            )
        else:
            store(env).setdefault(env.docname, []).append((data.cell_index, record))
        return []


def invalid(record: object) -> str | None:
    """Return what is wrong with a record's frame, or None."""
    if not isinstance(record, dict):
        return f"record: expected a JSON object, received {type(record).__name__}"
    if record.get("schema") != SCHEMA:
        return f"record: expected schema {SCHEMA}, received {record.get('schema')!r}"
    if not isinstance(record.get("kind"), str):
        return f"record: expected a kind, received {record.get('kind')!r}"
    return None


def store(env: BuildEnvironment) -> dict[str, list[tuple[int, Record]]]:
    """Return all records, page name -> (index of the cell, record), in their order."""
    return RecordCollector.of(env)


def of_page(env: BuildEnvironment, docname: str, kind: str) -> list[Record]:
    """Return a page's records of one kind."""
    return [r for _, r in store(env).get(docname, []) if r["kind"] == kind]


def of_kind(env: BuildEnvironment, kind: str) -> Iterator[tuple[str, Record]]:
    """Yield `(page name, record)` over the whole book, sorted by page name."""
    for docname in sorted(store(env)):
        for record in of_page(env, docname, kind):
            yield docname, record


def all_records(env: BuildEnvironment) -> "list[PageRecord]":
    """Return all records with page and cell, as `sidebyside evidence` sees them.

    They are gathered once a build: ask when all pages have been read.
    """
    gathered: list[PageRecord] = env.app.sidebyside_found  # type: ignore[attr-defined]
    return gathered


def gather(app: Sphinx, env: BuildEnvironment) -> None:
    """Gather the records of all pages (event `env-updated`)."""
    # Here, since MyST-NB loads this module in every book, also without our package.
    from sidebyside_book.gather import PageRecord

    gathered: list[PageRecord] = []
    for docname in sorted(store(env)):
        cells = notebook.source_cells(env, docname)
        page = PurePosixPath(docname).name
        gathered += [PageRecord(page, cells[i].id, r) for i, r in store(env)[docname]]
    app.sidebyside_found = gathered  # type: ignore[attr-defined]


def anchor(cell: str) -> str:
    """Return the id in the page of a code cell."""
    return f"cell-{cell}"


def triple_anchor(stem: str) -> str:
    """Return the id in the page of a lane triple, whose cells share the stem."""
    return f"lanes-{stem}"


class AddAnchors(SphinxTransform):
    """Let links reach each code cell."""

    default_priority = 7  # before cells are moved into tabs (8)

    def apply(self, **kwargs: object) -> None:
        """Give each code cell of the page an id."""
        cells = notebook.source_cells(self.env, self.env.docname)
        for node in self.document.findall(notebook.is_code_cell):
            if node["cell_index"] < len(cells):
                node["ids"].append(anchor(cells[node["cell_index"]].id))


class RecordCollector(PerPage):
    """The records of each page: (index of the cell, record), in their order."""

    attribute = "sidebyside_records"
