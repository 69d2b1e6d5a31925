"""Markdown of the chapters as HTML, whole or in short, with formulas as MathML."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from sidebyside_book.box import QUOTE
from sidebyside_book.website.mathml import to_mathml

FEW = 90
"""Characters; a first sentence that is shorter takes the next one along."""

_WHOLE = re.compile(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|\*{1,2}[^*]+\*{1,2}")
"""What no sentence ends in."""
_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?=\s|$)")


@cache
def _parser() -> MarkdownIt:
    def formula(content: str, options: dict) -> str:
        return to_mathml(content.strip(), options["display_mode"])

    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    return made.use(dollarmath_plugin, renderer=formula, allow_labels=False)


def named(source: str) -> str:
    """Return Markdown with the names of results, in brackets, in place of results."""
    return QUOTE.sub(r"[\g<name>]", source)


def to_html(source: str) -> str:
    """Return Markdown as HTML."""
    return _parser().render(source)


def inline_html(source: str) -> str:
    """Return a line of Markdown as HTML, without a paragraph around it."""
    return _parser().renderInline(source)


def code_block(source: str) -> str:
    """Return text as it is, each line a block that wraps under its own indent."""
    return f"<pre>{lines(html.escape(source))}</pre>"


def lines(escaped: str) -> str:
    """Return lines of HTML as blocks that know how far they are indented."""
    made = []
    for line in escaped.rstrip("\n").split("\n"):
        text = re.sub(r"<[^>]*>", "", line)
        indent = len(text) - len(text.lstrip(" "))
        made.append(f'<span class="l" style="--i:{indent}">{line or "&#8203;"}</span>')
    return "".join(made)


@dataclass(frozen=True)
class Block:
    """A piece of Markdown between blank lines."""

    kind: str
    """`heading`, `paragraph`, `list`, `table`, `formula`, `code`."""
    source: str


def blocks(source: str) -> Iterator[Block]:
    """Yield the blocks of a piece of Markdown."""
    kinds = {
        "heading_open": "heading",
        "paragraph_open": "paragraph",
        "bullet_list_open": "list",
        "ordered_list_open": "list",
        "table_open": "table",
        "math_block": "formula",
        "code_block": "code",
        "fence": "code",
    }
    text = source.splitlines()
    for token in _parser().parse(source):
        if token.level or not token.map:
            continue
        kind = kinds.get(token.type, "paragraph")
        yield Block(kind, "\n".join(text[slice(*token.map)]).rstrip())


def shorten(paragraph: str) -> str:
    """Return the first sentence of a paragraph, or two if the first is short."""
    masked = _WHOLE.sub(lambda match: "x" * len(match[0]), paragraph)
    ends = [match.end() for match in _END.finditer(masked)]
    if not ends:
        return paragraph
    end = ends[0] if ends[0] >= FEW or len(ends) == 1 else ends[1]
    return paragraph[:end] if end <= 2 * FEW else paragraph[: ends[0]]


def shorten_items(source: str) -> str:
    """Return a list of Markdown with the first sentences of its items."""
    items = re.split(r"(?m)^(?=(?:[-*]|\d+\.) )", source)
    short = []
    for item in filter(None, items):
        mark, rest = item.split(" ", 1)
        short.append(f"{mark} {shorten(' '.join(rest.split()))}")
    return "\n".join(short)
