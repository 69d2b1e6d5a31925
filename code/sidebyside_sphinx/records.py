"""Gather what the executed notebooks measured.

A notebook attaches records (small JSON objects) to its cells' outputs. MyST-NB hands
every output to `RecordRenderer`, which files the record under its page in Sphinx's
environment and renders nothing: the reader sees the table beside it.
"""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from myst_nb.core.nb_to_tokens import nb_node_to_dict
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.util import logging

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
            store(env).setdefault(env.docname, []).append(record)
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


def store(env: BuildEnvironment) -> dict[str, list[Record]]:
    """Return all records, page name -> records in the order of the page."""
    if not hasattr(env, "sidebyside_records"):
        env.sidebyside_records = {}
    return env.sidebyside_records


def of_page(env: BuildEnvironment, docname: str, kind: str) -> list[Record]:
    """Return a page's records of one kind."""
    return [r for r in store(env).get(docname, []) if r["kind"] == kind]


def of_kind(env: BuildEnvironment, kind: str) -> Iterator[tuple[str, Record]]:
    """Yield `(page name, record)` over the whole book, sorted by page name."""
    for docname in sorted(store(env)):
        for record in of_page(env, docname, kind):
            yield docname, record


class RecordCollector(EnvironmentCollector):
    """Keep the records right when pages are read again or read in parallel."""

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page that is about to be read again, or was removed."""
        store(env).pop(docname, None)

    def merge_other(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        docnames: set[str],
        other: BuildEnvironment,
    ) -> None:
        """Take over what another process gathered for its pages."""
        for docname in docnames & store(other).keys():
            store(env)[docname] = store(other)[docname]

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Do nothing: the records were filed while the page was parsed."""
