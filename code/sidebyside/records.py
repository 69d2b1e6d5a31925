"""Records: how an executed notebook carries what it measured.

A record is a small JSON object that stands in a cell's own output, beside the table
that the reader sees. The site gathers the records of all notebooks when it is built;
nothing is written to a file on the side.
"""

import html
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from IPython import get_ipython
from IPython.display import display

MIME = "application/vnd.sidebyside.record+json"
SCHEMA = 1


def emit(kind: str, fields: dict[str, Any], *, as_html: str, as_text: str) -> None:
    """Show a result in the notebook and attach it as a record to the output.

    Args:
        kind: What the record is: `"report"`, `"parity"`, `"race"`.
        fields: The record's content; JSON types only, every float finite.
        as_html: What a notebook or the site shows.
        as_text: The same for a terminal.

    Raises:
        ValueError: If `fields` holds NaN, an infinity, or something JSON cannot carry.
    """
    record = {"schema": SCHEMA, "kind": kind, **fields}
    try:
        json.dumps(record, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"emit: expected finite numbers and JSON types in record {kind!r}: {error}"
        ) from error
    if get_ipython() is None:  # plain Python, where `display` prints the raw bundle
        print(as_text)
        return
    bundle = {"text/html": as_html, "text/plain": as_text, MIME: record}
    display(bundle, raw=True)


def prose(text: str) -> str:
    """Return a line of text as HTML: escaped, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def number(value: float, digits: int = 3) -> str:
    """Return `value` in short form: `0`, `0.00123`, `2.4e-07`, `123`."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    small = abs(value) < 1e-3 or abs(value) >= 1e5
    return f"{value:.{digits - 1}e}" if small else f"{value:.{digits}g}"


def seconds(value: float) -> str:
    """Return a duration [s] with a unit that suits its size: `1.23 ms`."""
    if abs(value) >= 999.5:  # .3g would write 1e+03
        return f"{value:.0f} s"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(value) >= 0.9995 * size:  # 0.9996 ms is 1 ms, not 1e+03 µs
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def html_table(
    caption: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    show: Callable[[str], str] = html.escape,
) -> str:
    """Return an accessible HTML table; the first cell of a row is its header.

    Args:
        caption: What it is about.
        header: One heading for each column.
        rows: The cells, row by row.
        show: Makes HTML of a cell's text; escapes it, if nothing else is asked for.
    """
    head = "".join(f'<th scope="col">{html.escape(str(cell))}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{show(str(row[0]))}</th>'
        + "".join(f"<td>{show(str(cell))}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        '<div class="sidebyside-table" tabindex="0" role="region" '
        f'aria-label="{html.escape(caption, quote=True)}"><table class="dataframe">'
        f"<caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def text_table(
    caption: str, header: Sequence[str], rows: Sequence[Sequence[Any]]
) -> str:
    """Return the same table for a terminal, columns aligned."""
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]
    return "\n".join([caption, *(line.rstrip() for line in lines)])


@dataclass(frozen=True)
class Table:
    """A table that a notebook shows as HTML and a terminal as text.

    Attributes:
        caption: What it is about.
        header: One heading for each column.
        rows: The cells, row by row.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def __str__(self) -> str:
        return text_table(self.caption, self.header, self.rows)

    def _repr_html_(self) -> str:
        return html_table(self.caption, self.header, self.rows, prose)
