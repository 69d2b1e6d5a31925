"""Code and outputs of executed cells as HTML that needs nothing else."""

import html
import re
from itertools import chain

from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from sidebyside_book.editions import markup

PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
HEIGHT = 18
"""Lines of outputs that stand on one slide together."""
ROWS = 11
"""Rows of a table that stand on a slide; a longer table goes on on the next."""
FIGURE, DIAGRAM = 12, 18
"""Lines that pictures take: figures become smaller, diagrams keep their size."""
MANY, WIDE = 22, 64
"""More lines than this, all of them shorter than that, stand in two columns."""
MESSAGE = 220
"""Characters of a message that stand on a slide, from its two ends."""
_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)
_SCROLLS = re.compile(r"<pre [^>]*max-height[^>]*>(?P<text>.*?)</pre>", re.DOTALL)
_LEXER = get_lexer_by_name("ipython3")


def code(source: str) -> str:
    """Return Python, highlighted, each line a block that wraps under its indent."""
    marked = highlight(source, _LEXER, HtmlFormatter(nowrap=True))
    long = len(source.splitlines()) > MANY and max(map(len, source.splitlines())) < WIDE
    return f'<pre class="code{" long" * long}">{markup.lines(marked)}</pre>'


def draws(cell: NotebookNode) -> bool:
    """Say whether a cell puts out a figure."""
    return any(_picture(out) for out in cell.get("outputs", []))


def shown(cell: NotebookNode) -> list[str]:
    """Return the outputs of a cell as HTML; what it wrote to stderr is left out."""
    return [made for out in cell.get("outputs", []) if (made := _html_of(out, cell))]


def packed(cell: NotebookNode) -> list[str]:
    """Return the outputs of a cell in as many parts as fit on a slide each."""
    parts: list[str] = []
    filled = 0.0
    for part in chain.from_iterable(map(_pieces, shown(cell))):
        size = height(part)
        if parts and filled + size <= HEIGHT:
            parts[-1] += part
            filled += size
        else:
            parts.append(part)
            filled = size
    return parts


def _pieces(part: str) -> list[str]:
    """Return a table as tables of few rows, each with the head; all else as it is."""
    head, begin, rest = part.partition("<tbody>")
    rows, end, below = rest.partition("</tbody>")
    lines = [f"<tr{row}" for row in rows.split("<tr")[1:]]
    if len(lines) <= ROWS or "<tbody>" in below:
        return [part]
    return [
        f"{head}{begin}{''.join(lines[k : k + ROWS])}{end}{below}"
        for k in range(0, len(lines), ROWS)
    ]


def height(part: str) -> float:
    """Return how high a part is, in lines of code: rows of tables are higher."""
    figures, drawings = part.count("<figure"), part.count("<svg")
    diagrams = drawings - part.count('<figure role="img"')  # these hold a drawing each
    lines = part.count('<span class="l"') + 1.5 * _rows(part)
    return lines + FIGURE * figures + DIAGRAM * diagrams


def _rows(part: str) -> int:
    return sum(part.count(tag) for tag in ("<tr", "<dt", "<li"))


def _picture(out: NotebookNode) -> str:
    return next((kind for kind in PICTURES if kind in out.get("data", {})), "")


def _html_of(out: NotebookNode, cell: NotebookNode) -> str:
    """Return one output as HTML."""
    if out.output_type == "stream":
        text = out.text if out.name == "stdout" else ""
        return _printed(text) if text.strip() else ""
    if out.output_type == "error":
        return _printed(f"{out.ename}: {out.evalue}")
    if kind := _picture(out):
        return _figure(kind, out.data[kind], cell)
    if "text/html" in out.data:
        return f'<div class="output">{_still(out.data["text/html"])}</div>'
    return _printed(out.data.get("text/plain", ""))


def _still(page: str) -> str:
    """Return HTML as it fits on a slide, where no box scrolls: long ones are cut."""
    return _SCROLLS.sub(_cut, _STYLE.sub("", page))


def _cut(box: re.Match[str]) -> str:
    text = " ".join(html.unescape(box["text"]).split())
    if len(text) > MESSAGE:
        text = f"{text[: MESSAGE * 2 // 3]} [...] {text[-MESSAGE // 3 :]}"
    return f"<pre>{html.escape(text)}</pre>"


def _printed(text: str) -> str:
    return f'<div class="output">{markup.code_block(text)}</div>'


def _figure(kind: str, data: str, cell: NotebookNode) -> str:
    """Return a picture within the page, with the words that the chapter gives it."""
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    if kind == "image/svg+xml":
        return f'<figure role="img" aria-label="{html.escape(alt)}">{data}</figure>'
    source = f"data:{kind};base64,{''.join(data.split())}"
    return f'<figure><img src="{source}" alt="{html.escape(alt)}"></figure>'


def styles(name: str) -> str:
    """Return the colours of highlighted code as CSS for `.code`."""
    return str(HtmlFormatter(style=name).get_style_defs(".code"))
