"""Fair races: the same work, in turns, with warm-up apart and the spread shown."""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sidebyside import intervals, records, report

Contestant = Callable[[], object]


@dataclass(frozen=True)
class Result:
    """The times of one contestant, all in seconds a call.

    Attributes:
        name: Its name, usually the lane.
        first: The very first call: tracing and compiling included.
        samples: One value a round, shape (rounds,).
        ratio: Its median over the fastest contestant's.
    """

    name: str
    first: float
    samples: np.ndarray
    ratio: float

    @property
    def median(self) -> float:
        """The median time of a call [s]."""
        return float(np.median(self.samples))

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and third quartile of the time of a call [s]."""
        q1, q3 = np.percentile(self.samples, [25, 75])
        return float(q1), float(q3)

    def overlaps(self, other: "Result") -> bool:
        """Tell whether the quartile ranges of the two overlap: neither won."""
        (a1, a3), (b1, b3) = self.quartiles, other.quartiles
        return a1 <= b3 and b1 <= a3


class Results(dict[str, Result]):
    """Results by name; a notebook has shown them and does not echo them."""

    def _ipython_display_(self) -> None:
        """Show nothing: the table stands above already."""


def race(
    name: str,
    contestants: Mapping[str, Contestant],
    *,
    rounds: int = 15,
    warmup: int = 3,
    min_seconds: float = 0.01,
    seed: int = 0,
) -> Results:
    """Race functions that do the same work, show the table and return the results.

    In every round each contestant has one turn, in an order drawn anew, so that a
    machine that slows down slows down for all. A turn repeats the call until
    `min_seconds` are filled. The garbage collector rests during a turn.

    Args:
        name: The title of the table.
        contestants: Name -> function without arguments. It must not return before the
            work is done: on a GPU, wait for the device inside it.
        rounds: Turns a contestant.
        warmup: Calls between the very first one, which is timed apart, and the first
            round.
        min_seconds: The shortest turn [s].
        seed: Seeds the order of the turns.

    Returns:
        Name -> `Result`, in the order of `contestants`.

    Raises:
        ValueError: If there is no contestant, or `rounds` or `warmup` is below 1.
    """
    if not contestants or rounds < 1 or warmup < 1:
        raise ValueError(
            "race: expected contestants, rounds >= 1 and warmup >= 1, received "
            f"{len(contestants)} contestants, rounds={rounds}, warmup={warmup}"
        )
    first = {who: turn(call, 1) for who, call in contestants.items()}
    repeats = {
        who: _repeats(call, warmup, min_seconds) for who, call in contestants.items()
    }
    times: dict[str, list[float]] = {who: [] for who in contestants}
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        for who in rng.permutation(list(contestants)):
            times[who].append(turn(contestants[who], repeats[who]))
    fastest = min(float(np.median(t)) for t in times.values())
    results = Results(
        (who, Result(who, first[who], np.array(t), float(np.median(t)) / fastest))
        for who, t in times.items()
    )
    _show(name, results)
    return results


def pays(compiled: Result, eager: Result) -> str:
    """Say after how many calls a slow first call has paid.

    Args:
        compiled: The way whose first call took long, from a race.
        eager: The way it is compared with, from the same race.

    Returns:
        "after 40 to 90 calls", from the largest to the smallest gain of a round;
        "never: slower in every round"; or "undecided: ..." where the rounds disagree.

    Raises:
        ValueError: If there are fewer rounds than `intervals.FEWEST`.
    """
    gain = intervals.difference(eager.samples, compiled.samples)  # [s a call]
    if gain.above(0) is None:
        return "undecided: the rounds disagree which is faster"
    if not gain.above(0):
        return "never: slower in every round"
    first = compiled.first - eager.median
    least, most = (max(first / part, 1) for part in (gain.high, gain.low))
    return f"after {least:,.0f} to {most:,.0f} calls"


def turn(call: Contestant, repeats: int) -> float:
    """Return the seconds a call takes, averaged over `repeats` calls in a row."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        return (time.perf_counter() - start) / repeats
    finally:
        if was_on:
            gc.enable()


def _repeats(call: Contestant, warmup: int, min_seconds: float) -> int:
    """Warm up, and return how many calls fill `min_seconds`."""
    fastest = min(turn(call, 1) for _ in range(warmup))
    return max(1, int(np.ceil(min_seconds / max(fastest, 1e-9))))


def _show(name: str, results: Mapping[str, Result]) -> None:
    header = ["", "median", "quartiles", "ratio", "first call"]
    table, rows = [], []
    for who, result in results.items():
        q1, q3 = result.quartiles
        spread = f"{records.seconds(q1)} to {records.seconds(q3)}"
        table.append(
            [
                who,
                records.seconds(result.median),
                spread,
                f"{result.ratio:.2f}",
                records.seconds(result.first),
            ]
        )
        rows.append(
            {
                "lane": who,
                "median": result.median,
                "q1": q1,
                "q3": q3,
                "ratio": result.ratio,
                "first": result.first,
            }
        )
    threads = report.threads()
    caption = f"Race: {name} ({threads} thread{'s' if threads > 1 else ''})"
    records.emit(
        "race",
        {
            "name": name,
            "unit": "s",
            "rows": rows,
            "threads": threads,
            "versions": report.versions(),
        },
        as_html=records.html_table(caption, header, table),
        as_text=records.text_table(caption, header, table),
    )
