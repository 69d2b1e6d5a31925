"""Pages made of what the chapters measured, a folder for each.

A page names a part with the directive `evidence`; the part is rendered when all pages
have been read, and the page is written again when what it shows has changed.

A folder here holds all of its page: a function `setup(app)` that registers the parts,
what renders them, templates, and, if it needs them, a style sheet and a script. A new
folder is found by itself.
"""

from importlib import import_module
from pkgutil import iter_modules

from sphinx.application import Sphinx

from sidebyside_book.website.pages import missing, parts


def setup(app: Sphinx) -> None:
    """Wire the directive, and every page, to Sphinx."""
    parts.connect(app)
    missing.connect(app)
    for module in iter_modules(__path__):
        if module.ispkg:
            import_module(f"{__name__}.{module.name}").setup(app)
