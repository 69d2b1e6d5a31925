"""The front door: one small task in three lanes, and the number that proves them equal.

Everything on it comes from the executed page `one_task`: the code from its lane triple
`program`, what the programs print from the outputs of these cells, and the number from
the record of its parity check. So no code is copied, and none is shown that did not
run.
"""

from sphinx.application import Sphinx

from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.pages.front import task


def setup(app: Sphinx) -> None:
    """Connect its part, and what checks it."""
    parts.register("one-task", task.render)
    missing.register("one-task", task.lacks)
    app.connect("env-updated", task.check)
