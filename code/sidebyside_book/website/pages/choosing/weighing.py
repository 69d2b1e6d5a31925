"""How measurements become scores, and scores a result.

The formulas treat the lanes alike: none of them is named here, and whoever exchanges
the measurements of two lanes exchanges their scores. In the browser, `choosing.js`
takes the weighted mean anew when a reader moves a slider.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST = 5
SINGLE = 0.15
"""What a single timing is taken to spread, as a share: other work moves it, too."""

Scores = dict[str, float]
"""Lane -> a score between 0 and 1."""


@dataclass(frozen=True)
class Value:
    """A measurement of a lane, with the quartiles between which it lies."""

    value: float
    low: float
    high: float

    def overlaps(self, other: "Value") -> bool:
        """Say whether the two can't be told apart."""
        return self.low <= other.high and other.low <= self.high


def levels(values: Mapping[str, Value]) -> list[list[str]]:
    """Return the lanes from the smallest value to the largest, equal ones together.

    Two neighbours whose quartiles overlap are equal.
    """
    order = sorted(values, key=lambda lane: (values[lane].value, values[lane].low))
    groups = [order[:1]]
    for before, lane in pairwise(order):
        if values[before].overlaps(values[lane]):
            groups[-1].append(lane)
        else:
            groups.append([lane])
    return groups


def ratios(values: Mapping[str, Value]) -> Scores:
    """Return the share of the best: its value divided by the lane's own.

    Equal lanes get one value, their geometric mean. All values are above zero.
    """
    level = {
        lane: math.exp(
            sum(math.log(values[equal].value) for equal in group) / len(group)
        )
        for group in levels(values)
        for lane in group
    }
    best = min(level.values())
    return {lane: best / level[lane] for lane in values}


def mean(scores: Sequence[Scores]) -> Scores:
    """Return the mean of scores of the same lanes."""
    return {
        lane: sum(score[lane] for score in scores) / len(scores) for lane in scores[0]
    }


def totals(weights: Mapping[str, int], scores: Mapping[str, Scores]) -> Scores:
    """Return the weighted mean of the questions' scores; nothing if all weigh 0.

    Args:
        weights: Question -> weight; what is left out weighs nothing.
        scores: Question -> scores; a question without scores is not in it.
    """
    own = {name: weights.get(name, 0) for name in scores}
    weight = sum(own.values())
    if not weight:
        return {}
    lanes = next(iter(scores.values()))
    return {
        lane: sum(own[name] * of_lane[lane] for name, of_lane in scores.items())
        / weight
        for lane in lanes
    }
