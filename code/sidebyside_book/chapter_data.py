"""What belongs to one chapter beside its notebook: `data/chapters/NN_topic.yaml`.

Notes for teachers, which the site's guide holds against the chapter, and the faults
that its proofs must notice.
"""

from pathlib import Path
from typing import Any

from sidebyside import _tables as tables
from sidebyside._tables import Text

FOLDER = "data/chapters"
"""Where the files are in a book."""


@tables.row
class Fault:
    """A fault that is put into one lane alone; a proof must notice it.

    Attributes:
        cell: The id of the cell that is changed.
        old: A piece of its source that stands there exactly once.
        new: What stands there instead.
        notices: The id of the parity cell that must fail; all before it must pass.
        lane: The lane that the message must name.
        row: The rung or row that the message must name; empty for any.
    """

    cell: Text
    old: Text
    new: str
    notices: Text
    lane: Text
    row: str = ""


@tables.row
class ChapterData:
    """The content of a file.

    Attributes:
        notes: The notes for teachers, not yet checked.
        faults: The faults; a chapter that trains has at least ten.
    """

    notes: dict[str, Any]
    faults: tuple[Fault, ...]


def paths(book: Path) -> list[Path]:
    """Return the files of a book's chapters, in the order of their numbers."""
    return sorted((book / FOLDER).glob("[0-9][0-9]_*.yaml"))


def read(path: Path) -> ChapterData:
    """Return the content of a file.

    Raises:
        ValueError: If a field is missing or unknown, or a fault is incomplete.
    """
    return tables.make(ChapterData, tables.read(path), f"chapters/{path.name}")
