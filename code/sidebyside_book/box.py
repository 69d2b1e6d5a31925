"""The box below a chapter's title: what stands in it, and which results it quotes."""

import ast
import re
from collections.abc import Iterable

from nbformat import NotebookNode

BEGIN = ":::{admonition} In short"
"""How the cell `short` begins."""
COMING = "If you come from ..."
"""What stands below the box, above a table of the lanes."""
QUOTE = re.compile(r"\{glue:text\}`(?P<name>[^`]+)`")
"""A result that the text quotes: see `sidebyside.report.quote`."""


def split(source: str) -> tuple[str, str]:
    """Return what stands in the box of a cell `short`, and what stands below it."""
    box, _, below = source.partition("\n:::\n")
    return box.partition("\n")[2], below


def plain(source: str, why: str) -> str:
    """Return a cell `short` in Markdown that every viewer of notebooks shows.

    Args:
        source: The cell, with names in place of results: see `markup.named`.
        why: What is said of the names in brackets, which stand for results.
    """
    inside, below = split(source)
    return "\n\n".join(["**In short**", inside, why, below.strip()])


def quotes(outputs: Iterable[NotebookNode]) -> dict[str, str]:
    """Return what text may quote from outputs, name -> text.

    An output that was kept without its text has the name in its place.
    """
    glued = [out for out in outputs if "scrapbook" in out.get("metadata", {})]
    return {out.metadata["scrapbook"]["name"]: _text(out) for out in glued}


def _text(out: NotebookNode) -> str:
    kinds = [kind for kind in out.data if kind.endswith("text/plain")]
    if not kinds:
        return str(out.metadata["scrapbook"]["name"])
    return str(ast.literal_eval(out.data[kinds[0]]))
