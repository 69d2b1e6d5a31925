"""The rules of the book's notebooks, as one list.

Each rule is a function of a notebook that yields what is wrong with it. The modules
beside this one hold them by theme; this one puts them together.
"""

from collections.abc import Iterable

from sidebyside_book.authoring.rules import anatomy, exercises, hygiene, lanes, pattern
from sidebyside_book.authoring.rules.source import Rule
from sidebyside_book.chapter import Notebook

RULES: tuple[Rule, ...] = (
    *hygiene.RULES,
    *anatomy.RULES,
    *exercises.RULES,
    *lanes.RULES,
    *pattern.RULES,
)


def problems(notebook: Notebook, rules: Iterable[Rule] = RULES) -> list[str]:
    """Return what is wrong with a notebook.

    Args:
        notebook: The notebook as it is stored.
        rules: The rules to hold against it.

    Returns:
        For each problem `chapter: cell-id: what was expected, what came`.
    """
    wrong = (problem for rule in rules for problem in rule(notebook))
    return [f"{notebook.name}: {cell}: {message}" for cell, message in wrong]


def setup_problems(notebooks: Iterable[Notebook]) -> list[str]:
    """Return the chapters whose setup cell is not that of the first chapter."""
    cells = {notebook.name: notebook.get("setup") for notebook in notebooks}
    texts = {name: (c.source, c.tags) for name, c in cells.items() if c is not None}
    first = next(iter(texts), "")
    return [
        f"{name}: setup: expected the same text and tags as in {first}, received others"
        for name, text in texts.items()
        if text != texts[first]
    ]
