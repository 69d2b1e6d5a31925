"""The table of versions on the page *Run it elsewhere*, read from the pinned files."""

from pathlib import Path

from sphinx.application import Sphinx

from sidebyside_book.website.pages import parts

HERE, COLAB = "requirements.txt", "requirements-colab.txt"


def pins(path: Path) -> dict[str, str]:
    """Return name -> version of a file of `NAME==VERSION` lines.

    Raises:
        ValueError: If a line is something else.
    """
    versions: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, separator, version = line.partition("==")
        if not separator:
            raise ValueError(f"{path.name}: expected NAME==VERSION, received {line!r}")
        versions[name] = version
    return versions


def render(app: Sphinx, here: str) -> str:
    """Return the table: what this site was built with, and what Colab has."""
    book = Path(app.srcdir)
    ours, theirs = pins(book / HERE), pins(book / COLAB)
    return parts.template(
        "elsewhere/elsewhere.html",
        rows=[(name, ours[name], theirs[name]) for name in theirs if name in ours],
    )
