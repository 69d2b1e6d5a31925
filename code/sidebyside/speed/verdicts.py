"""Who is faster: by the interval over rounds, with a margin, or nobody."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sidebyside import intervals

Truth = bool | None
CLEARLY = 1.25
"""Clearly faster: the other one takes so many times as long, in every round."""


def faster(first: np.ndarray, second: np.ndarray) -> Truth:
    """Say whether the first is clearly faster.

    Args:
        first: Seconds, a round each, shape (n,).
        second: The same rounds of the other one.

    Returns:
        True if the second takes `CLEARLY` times as long in every round; False if the
        first is not faster at all in any round; None in between, and for fewer rounds
        than `intervals.FEWEST`.
    """
    if len(first) < intervals.FEWEST:
        return None
    ratio = intervals.ratio(second, first)
    if ratio.above(CLEARLY):
        return True
    return False if ratio.below(1.0) else None


def slower(first: np.ndarray, second: np.ndarray) -> Truth:
    """Say whether the first is clearly slower; see `faster`."""
    return faster(second, first)


def fastest(ways: Mapping[str, np.ndarray]) -> str:
    """Return the way with the least median."""
    return min(ways, key=lambda way: float(np.median(ways[way])))


def everywhere(truths: Iterable[Truth], *, of: int | None = None) -> Truth:
    """Say whether all hold.

    Args:
        truths: What was found.
        of: How many there are to be found; None if there are more than anybody can
            measure, such as workloads: then all can be refuted, and never shown.

    Returns:
        False if one does not hold; True if `of` were found to hold; else None.
    """
    answers: Sequence[Truth] = list(truths)
    if False in answers:
        return False
    return True if answers.count(True) == of else None


def anywhere(truths: Iterable[Truth], *, of: int | None = None) -> Truth:
    """Say whether one holds: if `of` is None that can be shown, and never refuted."""
    opposite = everywhere((None if t is None else not t for t in truths), of=of)
    return None if opposite is None else not opposite


def lane(way: str) -> str:
    """Return whose way it is: `Keras` of `Keras on JAX, 10 steps`."""
    return way.split(",")[0].split(" on ")[0]


def compared(
    times: Mapping[str, np.ndarray], complete: Iterable[str]
) -> dict[tuple[str, str], Truth]:
    """Compare the fastest way of each lane with that of each other one.

    Args:
        times: Way -> seconds, shape (rounds,).
        complete: Lanes of which all ways were measured. Another way of a lane could be
            faster: so a lane that lacks one is not said to lose.

    Returns:
        (lane, other) -> whether the lane is clearly faster.
    """
    by_lane: dict[str, dict[str, np.ndarray]] = {}
    for way, samples in times.items():
        by_lane.setdefault(lane(way), {})[way] = samples
    best = {name: ways[fastest(ways)] for name, ways in by_lane.items()}
    whole, pairs = set(complete), {}
    for a, first in best.items():
        for b, second in best.items():
            if a != b:
                truth = faster(first, second)
                loser = b if truth else a
                pairs[a, b] = truth if truth is None or loser in whole else None
    return pairs


def leads(pairs: Mapping[tuple[str, str], Truth], who: str) -> Truth:
    """Say whether a lane is clearly faster than all others, by `compared`."""
    own = [truth for (first, _), truth in pairs.items() if first == who]
    return everywhere(own, of=len(own))


def trails(pairs: Mapping[tuple[str, str], Truth], who: str) -> Truth:
    """Say whether all others are clearly faster than a lane, by `compared`."""
    others = [truth for (_, second), truth in pairs.items() if second == who]
    return everywhere(others, of=len(others))
