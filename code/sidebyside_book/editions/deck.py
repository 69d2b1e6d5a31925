"""One chapter's slides as one HTML file that asks for nothing else.

Reveal.js (vendored, MIT) shows them; its style sheet is switched on by the script, so
that without JavaScript the slides stand below each other, with the notes.
"""

import base64
import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

from sidebyside_book import website
from sidebyside_book.chapter import notebook_of
from sidebyside_book.editions import outputs
from sidebyside_book.editions.made import write_all
from sidebyside_book.editions.places import places
from sidebyside_book.editions.slides import Stack, slides
from sidebyside_book.editions.templates import environment
from sidebyside_book.execution.results import executed

FOLDER = "_build/slides"
REVEAL = Path(__file__).parent / "files" / "reveal"
OURS = Path(__file__).parent / "files" / "slides"
MATH = Path(website.__file__).parent / "static" / "sidebyside" / "math"
LIGHT, DARK = "a11y-high-contrast-light", "a11y-high-contrast-dark"
"""Colours of code, as on the site."""

_TEMPLATES = environment("slides")


def write(
    book: Path, wanted: Sequence[str], folder: Path, without: Collection[str] = ()
) -> list[Path]:
    """Write the slides of some chapters, and return the files.

    Args:
        book: The book's folder; the chapters have been executed.
        wanted: Chapters, as in `find_chapters`; all if empty.
        folder: Where the files are written; others in it stay.
        without: Names of chapters to leave out.

    Raises:
        FileNotFoundError: If `book` isn't the folder of a book.
        ValueError: If a wanted chapter isn't there, or wasn't executed, or somebody's
            own file is in the way.
    """
    results = executed(book, wanted, command="slides", without=without)
    results = [result for result in results if result.chapter.name[:2].isdigit()]
    if not results:
        raise ValueError(f"slides: expected chapters, received {list(wanted)}")
    where = places(book, ".html", {result.chapter.name for result in results})
    decks = {
        f"{result.chapter.name}.html": render(
            slides(notebook_of(result.notebook, result.chapter.name), where)
        )
        for result in results
    }
    return write_all("slides", folder, decks)


def render(stacks: Sequence[Stack]) -> str:
    """Return slides as a whole HTML file; the first one gives it its title."""
    text = _TEMPLATES.get_template("deck.html").render(
        title=Markup(stacks[0][0].title).striptags(),
        stacks=stacks,
        reveal_css=_style(REVEAL / "reveal.min.css"),
        css=_style(OURS / "deck.css"),
        code_css=_code_css(),
        math_css=Markup("") if not _has_math(stacks) else _math_css(),
        scripts=[
            _script(REVEAL / "reveal.min.js"),
            _script(REVEAL / "notes.min.js"),
            _script(OURS / "deck.js"),
        ],
    )
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _has_math(stacks: Sequence[Stack]) -> bool:
    return any("<math" in s.body + s.notes + s.title for stack in stacks for s in stack)


@cache
def _style(path: Path) -> Markup:
    return Markup(path.read_text(encoding="utf-8"))


@cache
def _script(path: Path) -> Markup:
    """Return a script that may stand within a page."""
    text = path.read_text(encoding="utf-8")
    return Markup(text.replace("</script", r"<\/script").replace("<!--", r"<\!--"))


@cache
def _math_css() -> Markup:
    """Return the style sheet of formulas with its font in it."""
    css = (MATH / "temml.css").read_text(encoding="utf-8")
    font = base64.b64encode((MATH / "STIXTwoMath.woff2").read_bytes()).decode()
    source = f"url('data:font/woff2;base64,{font}')"
    return Markup(re.sub(r"url\('\./STIXTwoMath\.woff2'\)", lambda _: source, css))


@cache
def _code_css() -> Markup:
    """Return the colours of code: light, and on a screen also dark, chosen or not."""
    light, dark = outputs.styles(LIGHT), outputs.styles(DARK)
    chosen = re.sub(r"(?m)^\.code", '[data-theme="dark"] .code', dark)
    system = re.sub(r"(?m)^\.code", ':root:not([data-theme="light"]) .code', dark)
    return Markup(
        f"{light}\n@media screen {{\n{chosen}\n}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{\n{system}\n}}"
    )
