"""What a chapter has that a note can speak of: sections, cells, exercises."""

from dataclasses import dataclass

from docutils.nodes import make_id

from sidebyside_book.chapter import Notebook
from sidebyside_book.website.records import anchor, triple_anchor

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


def outline_of(notebook: Notebook) -> Outline:
    """Return the outline of a notebook."""
    sections, cells, exercises = {TOP: "Opening"}, {}, {}
    for cell in notebook.cells:
        titles = [h.text for h in cell.headings if h.level > 1]
        if titles:
            sections[cell.id] = titles[0].replace("`", "").strip()
        if cell.task:
            exercises[cell.task.label] = cell.task.title
        if cell.lane:
            cells[f"{cell.stem}-*"] = triple_anchor(cell.stem)
        elif cell.turn is not None:
            cells[cell.id] = anchor(cell.id)
    return Outline(sections, cells, exercises)
