"""What a chapter has that a note can speak of: sections, cells, exercises."""

import re
from dataclasses import dataclass
from pathlib import Path

from docutils.nodes import make_id

from sidebyside_book.website import notebook
from sidebyside_book.website.records import anchor, triple_anchor
from sidebyside_book.website.tabs import LANES

_HEADING = re.compile(r"^##+ (.+)$", re.M)
_FENCED = re.compile(r"^(```+|~~~+).*?^\1", re.M | re.S)
_LABEL = re.compile(r"^```\{exercise\} (.+)\n:label: (\S+)$", re.M)
TOP = "title"
"""The cell that stands for all that comes before the first section."""


@dataclass(frozen=True)
class Outline:
    """The places of a chapter.

    Attributes:
        sections: Id of the cell with the heading -> the heading's text.
        cells: Id of a code cell, or stem of a lane triple -> the anchor in the page.
        exercises: Label -> title.
    """

    sections: dict[str, str]
    cells: dict[str, str]
    exercises: dict[str, str]

    def section_anchor(self, name: str) -> str:
        """Return the id in the page of a section; nothing for the top of the page."""
        return "" if name == TOP else make_id(self.sections[name])


def read(path: Path) -> Outline:
    """Return the outline of a notebook's file."""
    sections, cells, exercises = {TOP: "Opening"}, {}, {}
    for cell in notebook.cells_of_file(path):
        if cell.turn is None:
            if title := _HEADING.search(_FENCED.sub("", cell.source)):
                sections[cell.name] = title[1].replace("`", "").strip()
            exercises |= {label: title for title, label in _LABEL.findall(cell.source)}
        elif lane := next((one for one in LANES if f"lane-{one}" in cell.tags), None):
            stem = cell.name.removesuffix(f"-{lane}")
            cells[f"{stem}-*"] = triple_anchor(stem)
        else:
            cells[cell.name] = anchor(cell.name)
    return Outline(sections, cells, exercises)
