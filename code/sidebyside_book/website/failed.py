"""Makes the page of a chapter that failed: its cells up to there, and nothing after.

`sidebyside execute` keeps what a failed chapter had put out. Outside CI, MyST-NB is
handed that, and does not execute the chapter once more. The box at the top of the page
is put in by `sidebyside_book.website.pages.missing`.
"""

import re
from pathlib import Path, PurePosixPath

import nbformat
from myst_parser.mdit_to_docutils.base import default_slugify
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from sidebyside_book import box
from sidebyside_book.execution import failures
from sidebyside_book.execution.chapters import find_chapters
from sidebyside_book.execution.failures import Failed
from sidebyside_book.execution.pages import cache_of
from sidebyside_book.website.records import MIME
from sidebyside_book.website.stopped import Stopped, StoppedPages

HIDING = re.compile(r"(hide|remove)[-_](cell|input|output)")
"""Tags with which a cell is not seen; a cell that failed is."""
FOLD = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(exercise|solution)-start\}.*?^(?P=fence)[ \t]*$",
    re.M | re.S,
)
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\(#(?P<section>[^)]+)\)")
HEADING = re.compile(r"^#{1,2} (.+)$", re.M)
FOLD_END = re.compile(r"^(`{3,}|:{3,})\{(exercise|solution)-end\}", re.M)


def connect(app: Sphinx) -> None:
    """Let the build use what is kept of failed chapters."""
    app.add_env_collector(StoppedPages)
    app.connect("config-inited", _look)  # after the cache has been chosen
    app.connect("env-get-outdated", _changed)
    app.connect("source-read", _read)


def of_book(app: Sphinx) -> dict[str, Failed]:
    """Return the chapters that failed when they last ran, name -> what is kept."""
    cache = cache_of(app)
    if cache is None or not failures.forgiven():
        return {}
    if not (cache.path / failures.FOLDER).is_dir():
        return {}
    try:
        return failures.of_chapters(cache, find_chapters(Path(app.srcdir)))
    finally:
        cache.close()


def of_build(app: Sphinx) -> dict[str, Failed]:
    """Return the chapters that have failed for this build, name -> what is kept."""
    failed: dict[str, Failed] = app.sidebyside_failed  # type: ignore[attr-defined]
    return failed


def page_of(kept: Failed, name: str, source: str) -> tuple[NotebookNode, Stopped]:
    """Return the notebook that the page is made of, and where it stops.

    Args:
        kept: What is kept of the failed chapter.
        name: The chapter's name.
        source: The file as it stands now: the same code, perhaps another text.
    """
    if kept.notebook is None:
        return new_notebook(cells=[new_markdown_cell(f"# {name}")]), _stopped(kept, 0)
    page = nbformat.reads(source, as_version=4)
    page.cells = cells = _until(page.cells, kept.begun)
    for cell, executed in zip(_code(cells), _code(kept.notebook.cells), strict=False):
        cell.outputs = executed.outputs
        cell.execution_count = executed.execution_count
    if kept.begun:
        _show(cells[-1])
    _unfold(cells)
    refer_to_what_is_there(cells)
    page.metadata.update(kept.notebook.metadata)  # the language, for the colours
    return page, _stopped(kept, len(cells))


def _until(cells: list[NotebookNode], begun: int) -> list[NotebookNode]:
    """Return the cells up to the code cell that was the last to begin."""
    code = [place for place, cell in enumerate(cells) if cell.cell_type == "code"]
    stop = code[begun - 1] + 1 if begun else (code or [len(cells)])[0]
    return cells[:stop]


def _show(cell: NotebookNode) -> None:
    """Let the failing cell be seen, and let nothing that it measured count."""
    tags = cell.metadata.get("tags", [])
    cell.metadata["tags"] = [tag for tag in tags if not HIDING.fullmatch(tag)]
    for output in cell.outputs:
        output.get("data", {}).pop(MIME, None)


def _unfold(cells: list[NotebookNode]) -> None:
    """Take away a fold that begins on the page and ends in the part that is cut off."""
    for cell in reversed([cell for cell in cells if cell.cell_type == "markdown"]):
        if FOLD_END.search(cell.source):
            return
        if FOLD.search(cell.source):
            cell.source = FOLD.sub("", cell.source)
            return


def refer_to_what_is_there(cells: list[NotebookNode]) -> None:
    """Take away quotes of results, and links to sections, that are cut off."""
    outputs = [output for cell in _code(cells) for output in cell.get("outputs", [])]
    names = box.quotes(outputs)
    text = [cell for cell in cells if cell.cell_type == "markdown"]
    titles = [title for cell in text for title in HEADING.findall(cell.source)]
    sections = {default_slugify(title) for title in titles}
    for cell in text:
        source = box.QUOTE.sub(
            lambda match: match[0] if match["name"] in names else "(not computed)",
            cell.source,
        )
        cell.source = LINK.sub(
            lambda match: match[0] if match["section"] in sections else match["text"],
            source,
        )


def _code(cells: list[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code"]


def _stopped(kept: Failed, cells: int) -> Stopped:
    return Stopped(
        failure=kept.failure,
        cells=cells,
        failing=cells - 1 if kept.begun else None,
        readable=kept.notebook is not None,
        seconds=kept.seconds,
        ended=kept.ended,
    )


def _look(app: Sphinx, config: Config) -> None:
    """Find what has failed (event `config-inited`)."""
    app.sidebyside_failed = of_book(app)  # type: ignore[attr-defined]


def _changed(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Return the pages that failed, failed again, or have been mended."""
    now, before = of_build(app), StoppedPages.of(env)
    return [
        docname
        for docname in env.found_docs
        if _is_notebook(env, docname)
        and _when(now.get(_chapter(docname))) != _when(before.get(docname))
    ]


def _when(failed: Failed | Stopped | None) -> float | None:
    return failed.ended if failed else None


def _read(app: Sphinx, docname: str, content: list[str]) -> None:
    """Hand MyST-NB what a failed chapter had put out (event `source-read`)."""
    kept = of_build(app).get(_chapter(docname))
    if kept is None or not _is_notebook(app.env, docname):
        return
    page, stopped = page_of(kept, _chapter(docname), content[0])
    page.metadata["mystnb"] = {
        **page.metadata.get("mystnb", {}),
        "execution_mode": "off",
    }
    StoppedPages.of(app.env)[docname] = stopped
    content[0] = nbformat.writes(page)


def _chapter(docname: str) -> str:
    return PurePosixPath(docname).name


def _is_notebook(env: BuildEnvironment, docname: str) -> bool:
    return Path(env.doc2path(docname)).suffix == ".ipynb"
