"""Races of whole programs: each framework in a process of its own, all in turns.

The lab *speed* shows the functions that train, evaluate and answer. Their cells are
written to a file, and the processes import that file: what is shown is what is timed.
Four of the five models stand here, a module a lane; the lab shows the first.

| module | what is in it |
|---|---|
| `tasks` | the five workloads: data, first weights, sizes, the matrix products inside |
| `in_pytorch`, `in_tensorflow`, `in_keras` | the models, and the calls that are timed |
| `worker` | the program of a process: it reads requests as JSON and answers as JSON |
| `fleet` | starts the processes, asks them, ends them |
| `rounds` | measures in rounds, in an order drawn anew for each |
| `verdicts` | who is faster, by intervals |
"""

from sidebyside.speed.fleet import LANES, WAYS, Fleet, Way, Worker, environment, page
from sidebyside.speed.rounds import Samples, Turn, cold, measure, plain, steps
from sidebyside.speed.tasks import TASKS, Task, arrays, products, write, write_rows
from sidebyside.speed.verdicts import (
    CLEARLY,
    anywhere,
    compared,
    everywhere,
    faster,
    fastest,
    lane,
    leads,
    slower,
    trails,
)

__all__ = [
    "CLEARLY",
    "LANES",
    "TASKS",
    "WAYS",
    "Fleet",
    "Samples",
    "Task",
    "Turn",
    "Way",
    "Worker",
    "anywhere",
    "arrays",
    "cold",
    "compared",
    "environment",
    "everywhere",
    "faster",
    "fastest",
    "lane",
    "leads",
    "measure",
    "page",
    "plain",
    "products",
    "slower",
    "steps",
    "trails",
    "write",
    "write_rows",
]
