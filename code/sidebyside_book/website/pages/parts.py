"""The directive `evidence`, and how a page that uses it stays up to date."""

import hashlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from sidebyside import figures, records
from sidebyside_book.gather import PageRecord
from sidebyside_book.website import notebook
from sidebyside_book.website.per_page import PerPage

Render = Callable[[Sphinx, str], str]
"""Makes the HTML of a part for the page with this name."""

NOTE = "failures"
"""The part that says which chapters failed, and what the page lacks for that reason.

It stands below the title of each page with parts, unless the page puts it elsewhere."""

_RENDERERS: dict[str, Render] = {}
_SCRIPTS: dict[str, Path] = {}
_HTML = HtmlFormatter(nowrap=True)
_TEMPLATES = Environment(
    loader=PackageLoader("sidebyside_book.website", "pages"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["prose"] = lambda text: Markup(records.prose(text))
_TEMPLATES.filters["figure"] = figures.shown


class part(nodes.General, nodes.Element):
    """Stands for a part until all pages have been read."""


class EvidenceDirective(SphinxDirective):
    """Put a part here: ``{evidence} ledger``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a placeholder: parts are rendered in each build."""
        name = self.arguments[0]
        if name not in _RENDERERS:
            raise self.error(
                f"evidence: expected one of {sorted(_RENDERERS)}, received {name!r}"
            )
        PartCollector.of(self.env).setdefault(self.env.docname, []).append(name)
        return [part(name=name)]


class PartCollector(PerPage):
    """The parts that each page uses."""

    attribute = "sidebyside_parts"


def connect(app: Sphinx) -> None:
    """Add the directive, and render its parts once every page has been read."""
    app.add_node(part)
    app.add_directive("evidence", EvidenceDirective)
    app.add_env_collector(PartCollector)
    app.connect("env-updated", _changed_pages, priority=900)
    app.connect("doctree-resolved", _replace)


def register(name: str, render: Render) -> None:
    """Make a part known under a name."""
    _RENDERERS[name] = render


def add_script(name: str, script: Path) -> None:
    """Load a script on the pages that use a part."""
    _SCRIPTS[name] = script


def scripts() -> list[Path]:
    """Return the scripts of all parts."""
    return list(_SCRIPTS.values())


def scripts_of(env: BuildEnvironment, docname: str) -> list[Path]:
    """Return the scripts of the parts that a page uses."""
    used = PartCollector.of(env).get(docname, [])
    return [_SCRIPTS[name] for name in used if name in _SCRIPTS]


def add_filter(name: str, change: Callable[[str], str]) -> None:
    """Make a filter known to the templates."""
    _TEMPLATES.filters[name] = change


def template(name: str, **context: Any) -> str:
    """Return the HTML of a template below this folder, values escaped."""
    return _TEMPLATES.get_template(name).render(context)


def highlighted(code: str) -> Markup:
    """Return some Python as HTML, in the colours of the site."""
    return Markup(highlight(code, PythonLexer(), _HTML).strip())


def link(app: Sphinx, here: str, docname: str, anchor: str = "") -> str:
    """Return the address of a page, or a place in it, as seen from another page."""
    uri = app.builder.get_relative_uri(here, docname)
    return f"{uri}#{anchor}" if anchor else uri


def users(env: BuildEnvironment, name: str) -> list[str]:
    """Return the pages that use a part."""
    return [page for page, names in PartCollector.of(env).items() if name in names]


def title(env: BuildEnvironment, docname: str) -> str:
    """Return a page's title as text."""
    return env.titles[docname].astext()


def page_named(env: BuildEnvironment, name: str) -> str | None:
    """Return the page of a name without folder; None if there is none."""
    pages = (page for page in env.found_docs if PurePosixPath(page).name == name)
    return next(pages, None)


def page_of(env: BuildEnvironment, placed: PageRecord) -> str:
    """Return the page that carries a record.

    Raises:
        LookupError: If there is no page of that name.
    """
    page = page_named(env, placed.page)
    if page is None:
        raise LookupError(f"expected a page of the book, received {placed.page!r}")
    return page


def chapters(env: BuildEnvironment) -> dict[str, str]:
    """Return the chapters, number -> page name, in reading order."""
    names = sorted(env.found_docs)
    return {
        Path(name).name[:2]: name for name in names if Path(name).name[:2].isdigit()
    }


def notebooks(env: BuildEnvironment) -> dict[str, str]:
    """Return the chapters whose notebooks can be read, number -> page name."""
    pages = chapters(env).items()
    return {number: page for number, page in pages if notebook.is_readable(env, page)}


def put_below_title(document: nodes.document, html: str) -> None:
    """Put some HTML below the title of a page."""
    title = next(iter(document.findall(nodes.title)), None)
    place = title.parent if title else document
    place.insert(1 if title else 0, nodes.raw("", html, format="html"))


def _changed_pages(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Render all parts, and return the pages that no longer show what they should."""
    if app.builder.format != "html":
        return []
    before: dict[str, str] = getattr(env, "sidebyside_rendered", {})
    app.sidebyside_parts = {  # type: ignore[attr-defined]
        page: {name: _RENDERERS[name](app, page) for name in (*names, NOTE)}
        for page, names in PartCollector.of(env).items()
    }
    env.sidebyside_rendered = {
        page: hashlib.sha256("".join(made.values()).encode()).hexdigest()
        for page, made in app.sidebyside_parts.items()  # type: ignore[attr-defined]
    }
    return [
        page
        for page, digest in env.sidebyside_rendered.items()
        if before.get(page) != digest
    ]


def _replace(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the HTML in the place of the placeholders (event `doctree-resolved`)."""
    made = getattr(app, "sidebyside_parts", {}).get(docname, {})
    placed = list(doctree.findall(part))
    for node in placed:
        html = made.get(node["name"]) or _RENDERERS[node["name"]](app, docname)
        node.replace_self(nodes.raw("", html, format="html"))
    if made.get(NOTE) and NOTE not in [node["name"] for node in placed]:
        put_below_title(doctree, made[NOTE])
