"""Measures in rounds: in each, every turn comes once, in an order drawn anew."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sidebyside.speed.fleet import Fleet


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
    fleet: Fleet, turns: Mapping[str, Turn], *, rounds: int, seed: int = 0
) -> dict[str, Samples]:
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
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name in rng.permutation(list(turns)):
            turn = turns[name]
            worker = fleet.workers[turn.worker]
            said = worker.ask("turn", key=turn.key, repeats=turn.repeats)
            times[name].append((said["seconds"], said["processor"]))
    return {name: Samples(*np.array(pairs).T) for name, pairs in times.items()}
