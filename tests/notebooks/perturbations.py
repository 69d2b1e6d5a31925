"""The faults that are put into the chapters, one at a time; each must be noticed.

They stand in `faults/NN_topic.yaml`, a file a chapter. A row has

| field | what it is |
|---|---|
| `cell` | the id of the cell that is changed |
| `old` | a piece of its source that stands there exactly once |
| `new` | what stands there instead |
| `notices` | the id of the parity cell that must fail; all before it must pass |
| `lane` | the lane that the message must name |
| `row` | the rung or row that the message must name; left out: any |

Every chapter has at least one fault, and a chapter that trains at least ten in the
program that it shows: another setting, fewer steps, fewer rows, another order, another
distribution.
"""

from pathlib import Path

import yaml
from perturb import Perturbation

FOLDER = Path(__file__).parent / "faults"
FIELDS = {"cell", "old", "new", "notices", "lane", "row"}


def read(path: Path) -> list[Perturbation]:
    """Return the faults of one chapter.

    Raises:
        ValueError: If a row has other fields.
    """
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    for row in rows:
        if not FIELDS - {"row"} <= set(row) <= FIELDS:
            raise ValueError(
                f"faults: {path.name}: expected {sorted(FIELDS)}, received {list(row)}"
            )
    return [
        Perturbation(
            chapter=path.stem,
            cell=row["cell"],
            old=row["old"],
            new=row["new"],
            notices=row["notices"],
            lane=row["lane"],
            rung=row.get("row", ""),
        )
        for row in rows
    ]


PERTURBATIONS = [
    fault for path in sorted(FOLDER.glob("*.yaml")) for fault in read(path)
]
