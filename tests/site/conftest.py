"""Builds tiny books with Sphinx from notebooks that are made in memory."""

import io
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode, v4
from sphinx.application import Sphinx
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace
from tiny_book import KERNEL, Built, text

CONF = """
extensions = ["myst_nb", "sphinx_design", "sphinx_togglebutton", "sphinx_exercise",
              "sidebyside_book.website"]
html_theme = "sphinx_book_theme"
html_math_renderer = "sidebyside"
html_theme_options = {"article_footer_items": ["last-verified.html"],
                      "article_header_end": ["lane-switches.html"]}
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "off"
show_warning_types = True
master_doc = "index"
exclude_patterns = ["_build"]
templates_path = []  # or all builds of this process share one default list
html_static_path = []
"""


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Built]:
    """Return a function that builds one chapter from cells (again, if called again)."""
    source = tmp_path / "book"
    source.mkdir()
    (source / "conf.py").write_text(CONF)
    (source / "index.md").write_text("# Book\n\n```{toctree}\nchapter\n```\n")

    def build(*cells: NotebookNode, counts: list[int] | None = None) -> Built:
        cells = (text("title", "# Chapter"), *cells)
        run = [cell for cell in cells if cell.cell_type == "code"]
        for cell, count in zip(run, counts or range(1, len(run) + 1), strict=True):
            cell.execution_count = count
        notebook = v4.new_notebook(cells=list(cells), metadata=KERNEL)
        nbformat.write(notebook, source / "chapter.ipynb")
        warnings = io.StringIO()
        nocolor()
        with docutils_namespace():
            app = Sphinx(
                str(source),
                str(source),
                str(tmp_path / "html"),
                str(tmp_path / "doctrees"),
                "html",
                status=None,
                warning=warnings,
            )
            app.build()
        html = (tmp_path / "html" / "chapter.html").read_text(encoding="utf-8")
        return Built(BeautifulSoup(html, "html.parser"), warnings.getvalue(), app)

    return build
