"""The site's own style sheet, one file for all pages, and the scripts of some pages."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from sidebyside_book.website.pages import parts

HERE = Path(__file__).parent
STYLES = "sidebyside/style.css"
ORDER = ("book", "tabs", "pages")
"""The sheets in `styles/`; those of single pages stand behind them."""


def sheets() -> list[Path]:
    """Return the files of which the style sheet is made, in their order."""
    common = [HERE / "styles" / f"{name}.css" for name in ORDER]
    return [*common, *sorted(HERE.glob("pages/*/*.css"))]


def write(app: Sphinx) -> None:
    """Write the style sheet, and the scripts of pages (event `builder-inited`)."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    _write(static / STYLES, sheets())
    for script in parts.scripts():
        _write(static / _address(script), [script])
    app.add_css_file(STYLES)
    app.add_js_file("sidebyside/tabs.js", loading_method="defer")


def add_scripts(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the scripts that a page's parts need (event `html-page-context`)."""
    for script in parts.scripts_of(app.env, pagename):
        app.add_js_file(_address(script), loading_method="defer")


def _address(script: Path) -> str:
    return f"sidebyside/{script.name}"


def _write(path: Path, sources: Iterable[Path]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    path.write_text(text, encoding="utf-8")
