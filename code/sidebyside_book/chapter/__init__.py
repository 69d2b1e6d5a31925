"""The one reader of notebooks: what a notebook's file says, as a chapter of the book.

Everything that looks at a notebook's cells asks here. What executes notebooks reads
files of its own, since it writes into what it has read.
"""

from sidebyside_book.chapter.cells import (
    LANES,
    SUFFIXES,
    Cell,
    Heading,
    Task,
    blocks,
    lane_of,
    text_lines,
)
from sidebyside_book.chapter.exercises import Exercise, exercises
from sidebyside_book.chapter.facts import (
    About,
    Value,
    about,
    defaults,
    minutes,
    parameters,
    question,
)
from sidebyside_book.chapter.notebook import (
    Notebook,
    Section,
    notebook_of,
    read_notebook,
)

__all__ = [
    "LANES",
    "SUFFIXES",
    "About",
    "Cell",
    "Exercise",
    "Heading",
    "Notebook",
    "Section",
    "Task",
    "Value",
    "about",
    "blocks",
    "defaults",
    "exercises",
    "lane_of",
    "minutes",
    "notebook_of",
    "parameters",
    "question",
    "read_notebook",
    "text_lines",
]
