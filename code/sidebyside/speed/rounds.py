"""Measures in rounds: in each, every turn comes once, in an order drawn anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sidebyside.speed.fleet import Fleet, Way
from sidebyside.speed.tasks import Task


@dataclass(frozen=True)
class Samples:
    """The times of one call, a round each, shape (rounds,) [s].

    Attributes:
        seconds: By the clock.
        processor: What the process used of processors. With one thread and a machine
            that does nothing else, the two are equal; on a busy one, the clock goes on
            while the process waits for its turn, and this does not.
    """

    seconds: np.ndarray
    processor: np.ndarray

    def __truediv__(self, count: int) -> "Samples":
        """Return the times of one of `count` equal parts."""
        return Samples(self.seconds / count, self.processor / count)


@dataclass(frozen=True)
class Turn:
    """What is timed: a call of a process.

    Attributes:
        worker: The process.
        key: The call: `task/way/stretch`.
        repeats: How often it is called in a row; the time is that of one call.
    """

    worker: str
    key: str
    repeats: int = 1


def measure(
    fleet: Fleet, turns: Mapping[Any, Turn], *, rounds: int, seed: int = 0
) -> dict[Any, Samples]:
    """Time all turns in rounds.

    Args:
        fleet: The processes; one works, the others wait.
        turns: Name -> turn.
        rounds: How many rounds.
        seed: Seeds the orders.

    Returns:
        Name -> its times.
    """
    rng = np.random.default_rng(seed)
    times: dict[Any, list[tuple[float, float]]] = {name: [] for name in turns}
    names = list(turns)
    for _ in range(rounds):
        for place in rng.permutation(len(names)):
            name, turn = names[place], turns[names[place]]
            worker = fleet.workers[turn.worker]
            said = worker.ask("turn", key=turn.key, repeats=turn.repeats)
            times[name].append((said["seconds"], said["processor"]))
    return {name: Samples(*np.array(pairs).T) for name, pairs in times.items()}


def steps(
    fleet: Fleet,
    tasks: Mapping[str, Task],
    ways: Mapping[str, Way],
    *,
    stretch: str = "ready",
    rounds: int,
    seed: int = 0,
) -> dict[tuple[str, str], Samples]:
    """Build tasks in several ways, and time a stretch of each, as times of a step.

    Args:
        fleet: The processes.
        tasks: Key -> task.
        ways: Name -> way.
        stretch: What is timed: `ready` or `epoch`.
        rounds: How many rounds.
        seed: Seeds the orders.
    """
    fleet.add(tasks)
    turns = {}
    for key in tasks:
        for name, way in ways.items():
            fleet.build(way, key, stretch)
            turns[key, name] = Turn(way.worker, f"{key}/{way.way}/{stretch}")
    times = measure(fleet, turns, rounds=rounds, seed=seed)
    return {place: times[place] / tasks[place[0]].steps for place in turns}


def cold(
    cells: Mapping[str, Sequence[Callable[..., Any]]],
    task: Task,
    ways: Mapping[str, Way],
    *,
    rounds: int,
    epochs: int,
    seed: int = 0,
) -> dict[str, Samples]:
    """Time whole programs: a new process, its imports, training, and an evaluation.

    Args:
        cells: Lane -> its functions on the page.
        task: What is trained, in the lane's own pipeline.
        ways: Name -> way.
        rounds: How many processes of each way.
        epochs: How long it is trained.
        seed: Seeds the orders.
    """
    rng, times = np.random.default_rng(seed), {name: [] for name in ways}
    for _ in range(rounds):
        for name in rng.permutation(list(ways)):
            way, alone = ways[name], [ways[name].worker]
            with Fleet(cells, {"it": task}, names=alone) as fleet:
                fleet.build(way, "it", "epoch", "evaluate", warmup=0)
                worker = fleet.workers[way.worker]
                for stretch in [*epochs * ["epoch"], "evaluate"]:
                    worker.ask("turn", key=f"it/{way.way}/{stretch}")
                times[name].append(worker.used())
    return {name: Samples(*np.array(pairs).T) for name, pairs in times.items()}


def plain(times: Mapping[Any, Samples]) -> dict[str, dict[str, list[float]]]:
    """Return times as JSON carries them, with four digits."""
    return {
        " | ".join(key) if isinstance(key, tuple) else key: {
            "seconds": [float(f"{x:.4g}") for x in samples.seconds],
            "processor": [float(f"{x:.4g}") for x in samples.processor],
        }
        for key, samples in times.items()
    }
