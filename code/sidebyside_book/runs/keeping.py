"""What a run hands over, kept in the book: a file of `data/records`."""

import json
from pathlib import Path
from typing import Any

from sidebyside import labs
from sidebyside_book.authoring.writing import write_all
from sidebyside_book.gather import from_notebook, of_kind


def keep(executed: Path, book: Path) -> Path:
    """Write the record of an executed notebook into `data/records`, or nothing.

    Raises:
        ValueError: If the run has handed over none.
    """
    published = of_kind(from_notebook(executed), labs.KIND)
    if not published:
        raise ValueError(f"keep: expected a record in {executed}, received none")
    record: dict[str, Any] = published[-1].record
    path = book / "data" / labs.FOLDER / f"{record['lab']}.json"
    path.parent.mkdir(exist_ok=True)
    write_all({path: json.dumps(record, indent=1) + "\n"})
    return path
