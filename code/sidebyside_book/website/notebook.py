"""What the site needs to know about the notebook that a page is made of."""

from pathlib import Path

from docutils import nodes
from sphinx.environment import BuildEnvironment

from sidebyside_book.chapter import Cell, read_notebook
from sidebyside_book.website import stopped


def is_notebook(env: BuildEnvironment, docname: str) -> bool:
    """Say whether the page comes from a Jupyter notebook."""
    return Path(env.doc2path(docname)).suffix == ".ipynb"


def is_readable(env: BuildEnvironment, docname: str) -> bool:
    """Say whether the page comes from a notebook in which cells can be looked up."""
    failed = stopped.of_page(env, docname)
    return is_notebook(env, docname) and (failed is None or failed.readable)


def source_cells(env: BuildEnvironment, docname: str) -> tuple[Cell, ...]:
    """Return the cells of a page's notebook; nothing for a page of another kind.

    MyST-NB numbers the cells of the document tree as they stand in the file, so a
    position here is a `cell_index` there, also where the page stops at a failing cell.
    """
    if not is_readable(env, docname):
        return ()
    return read_notebook(Path(env.doc2path(docname))).cells


def lost_cells(env: BuildEnvironment, docname: str) -> tuple[Cell, ...]:
    """Return the cells that did not run to their end; nothing if the chapter did."""
    failed = stopped.of_page(env, docname)
    if failed is None:
        return ()
    begin = failed.cells if failed.failing is None else failed.failing
    return source_cells(env, docname)[begin:]


def is_code_cell(node: nodes.Node) -> bool:
    """Say whether `node` is the container that MyST-NB makes for a code cell."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"
