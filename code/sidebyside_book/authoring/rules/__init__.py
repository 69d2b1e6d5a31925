"""The rules of the book's notebooks, as one list.

Each rule is a function of a notebook that yields what is wrong with it. The modules
`rules_*` hold them by theme; this one puts them together.
"""

from collections.abc import Iterable, Mapping

import rules_anatomy
import rules_exercises
import rules_hygiene
import rules_lanes
from cells import Rule, by_id, tags
from nbformat import NotebookNode

RULES: tuple[Rule, ...] = (
    *rules_hygiene.RULES,
    *rules_anatomy.RULES,
    *rules_exercises.RULES,
    *rules_lanes.RULES,
)


def problems(
    chapter: str, notebook: NotebookNode, rules: Iterable[Rule] = RULES
) -> list[str]:
    """Return what is wrong with a notebook.

    Args:
        chapter: Its name, for the messages.
        notebook: The notebook as it is stored, with its sources as strings.
        rules: The rules to hold against it.

    Returns:
        For each problem `chapter: cell-id: what was expected, what came`.
    """
    found = (problem for rule in rules for problem in rule(notebook))
    return [f"{chapter}: {cell}: {message}" for cell, message in found]


def setup_problems(notebooks: Mapping[str, NotebookNode]) -> list[str]:
    """Return the chapters whose setup cell is not that of the first chapter."""
    cells = {name: by_id(notebook, "setup") for name, notebook in notebooks.items()}
    texts = {name: (c.source, tags(c)) for name, c in cells.items() if c is not None}
    first = next(iter(texts), "")
    return [
        f"{name}: setup: expected the same text and tags as in {first}, received others"
        for name, text in texts.items()
        if text != texts[first]
    ]
