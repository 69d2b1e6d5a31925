"""Parity: show by numbers that the three lanes are one model.

| name | does |
|---|---|
| `ladder` | compares one model in all lanes, rung by rung, from shapes to evaluation |
| `rehearsal` | compares whole runs of the chapter's own functions |
| `check` | compares any results, row by row |
| `chance` | compares whatever draws random numbers, in distribution |
| `assert_same` | compares two models of different names, layer by layer, in a test |
| `record` | compares what each lane did in its real run, exactly |
| `float64` | lets everything built inside compute in float64, in every lane |
| `yardstick` | measures how far one lane parts from itself, rounding alone |

Proofs run in float64: there rounding is far below anything that matters, and no
processor, number of threads or seed turns the result. float32, which readers run, is
shown beside it with its yardstick. Each tensor is compared by its own scale, and of
weights what training has added to them.
"""

from sidebyside.parity._compare import (
    DOUBLE,
    ParityError,
    Rung,
    Rungs,
    Value,
    rounding,
    to_arrays,
)
from sidebyside.parity.chance import chance
from sidebyside.parity.check import check
from sidebyside.parity.ladder import Lane, ladder
from sidebyside.parity.precision import doubled, float64, nudge
from sidebyside.parity.record import record
from sidebyside.parity.same import assert_same
from sidebyside.parity.yardstick import (
    Yardstick,
    rehearsal,
    updates,
    yardstick,
)

__all__ = [
    "DOUBLE",
    "Lane",
    "ParityError",
    "Rung",
    "Rungs",
    "Value",
    "Yardstick",
    "assert_same",
    "chance",
    "check",
    "doubled",
    "float64",
    "ladder",
    "nudge",
    "record",
    "rehearsal",
    "rounding",
    "to_arrays",
    "updates",
    "yardstick",
]
