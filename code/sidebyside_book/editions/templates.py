"""How the templates of the editions are read."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def environment(folder: str) -> Environment:
    """Return the templates of a folder; HTML is escaped, plain text is not.

    Args:
        folder: Below `files/`.
    """
    return Environment(
        loader=PackageLoader("sidebyside_book.editions", f"files/{folder}"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
