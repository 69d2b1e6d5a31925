"""How measurements become scores, and scores a result.

Every formula treats the lanes alike: none of them is named here, and whoever exchanges
the measurements of two lanes exchanges their scores. `choosing.js` computes the same in
the browser; a test holds the two against each other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST = 5
THRESHOLD = 0.05
"""Totals that differ by less are level: a twentieth of the scale."""

SINGLE = 0.15
"""What a single timing is taken to spread, as a share: other work moves it, too."""

SHOWN = 0.005
"""What is left out of a sentence: it would be written as 0.00."""

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
    found = [order[:1]]
    for before, lane in pairwise(order):
        if values[before].overlaps(values[lane]):
            found[-1].append(lane)
        else:
            found.append([lane])
    return found


def ratios(values: Mapping[str, Value]) -> Scores:
    """Return the share of the best: its value divided by the lane's own.

    Equal lanes get one value, their geometric mean. All values are above zero.
    """
    level = {
        lane: math.exp(sum(math.log(values[one].value) for one in group) / len(group))
        for group in levels(values)
        for lane in group
    }
    best = min(level.values())
    return {lane: best / level[lane] for lane in values}


def ranks(values: Mapping[str, Value]) -> Scores:
    """Return the share of the other lanes that are worse; an equal one counts half."""
    found, better = {}, 0
    for group in levels(values):
        worse = len(values) - better - len(group)
        for lane in group:
            found[lane] = (worse + 0.5 * (len(group) - 1)) / (len(values) - 1)
        better += len(group)
    return {lane: found[lane] for lane in values}


def mean(scores: Sequence[Scores]) -> Scores:
    """Return the mean of scores of the same lanes."""
    return {lane: sum(one[lane] for one in scores) / len(scores) for lane in scores[0]}


def totals(weights: Mapping[str, int], scores: Mapping[str, Scores]) -> Scores:
    """Return the weighted mean of the questions' scores; nothing if all weigh 0.

    Args:
        weights: Question -> weight; what is left out weighs nothing.
        scores: Question -> scores; a question without scores is not in it.
    """
    told = {name: weights.get(name, 0) for name in scores}
    weight = sum(told.values())
    if not weight:
        return {}
    lanes = next(iter(scores.values()))
    return {
        lane: sum(told[name] * one[lane] for name, one in scores.items()) / weight
        for lane in lanes
    }


def leaders(found: Scores, threshold: float = THRESHOLD) -> list[str]:
    """Return the lanes that are level with the best, in the order of the lanes."""
    best = max(found.values())
    return [lane for lane in found if best - found[lane] < threshold]


def result(found: Scores, names: Mapping[str, str], threshold: float) -> str:
    """Return a sentence: who leads, or who is level, and the totals."""
    first = leaders(found, threshold)
    told = {lane: f"{names[lane]} {found[lane]:.2f}" for lane in found}
    ahead = _list([told[lane] for lane in first])
    behind = [told[lane] for lane in found if lane not in first]
    if len(first) == 1:
        return f"{names[first[0]]} leads: {ahead}, {_list(behind)}."
    if behind:
        return f"{_who(first, names)}: {ahead}; {_list(behind)}."
    return f"All are level: {ahead}."


def reasons(
    weights: Mapping[str, int],
    scores: Mapping[str, Scores],
    names: Mapping[str, str],
    shorts: Mapping[str, str],
) -> str:
    """Return what makes the difference between the first and the second."""
    found = totals(weights, scores)
    first, second = sorted(found, key=lambda lane: -found[lane])[:2]
    weight = sum(weights.get(name, 0) for name in scores)
    gains = {
        name: weights.get(name, 0) * (one[first] - one[second]) / weight
        for name, one in scores.items()
    }
    order = sorted(gains, key=lambda name: -gains[name])
    plus = [f"{shorts[n]} (+{gains[n]:.2f})" for n in order if gains[n] > SHOWN]
    minus = [f"{shorts[n]} (−{-gains[n]:.2f})" for n in order if gains[n] < -SHOWN]
    said = f"Between {names[first]} and {names[second]}, {names[first]} gains by "
    said += _list(plus) or "nothing"
    return said + (f", and loses by {_list(minus)}." if minus else ".")


def firmness(
    weights: Mapping[str, int],
    scores: Mapping[str, Scores],
    names: Mapping[str, str],
    shorts: Mapping[str, str],
    threshold: float,
) -> list[str]:
    """Return what another weight of a single question would change, nearest first."""
    now = leaders(totals(weights, scores), threshold)
    changes, firm = [], 0
    for name in scores:
        change = _change(name, weights, scores, threshold)
        if change is None:
            firm += 1
        else:
            changes.append((abs(change[0] - weights.get(name, 0)), name, *change))
    changes.sort(key=lambda one: one[0])
    said = [
        f"{shorts[name]}: with {weight} instead of {weights.get(name, 0)}, "
        f"{_who(lanes, names)}."
        for _, name, weight, lanes in changes
    ]
    of = f"{firm} of the {len(scores)} questions" if changes else "any question"
    if firm:
        said.append(
            f"Whatever weight you give to {of}, one at a time: {_who(now, names)}."
        )
    return said


def _change(
    name: str,
    weights: Mapping[str, int],
    scores: Mapping[str, Scores],
    threshold: float,
) -> tuple[int, list[str]] | None:
    """Return the nearest weight of a question that changes who leads, and who then."""
    now = leaders(totals(weights, scores), threshold)
    own = weights.get(name, 0)
    for weight in sorted(range(MOST + 1), key=lambda one: (abs(one - own), one)):
        found = totals({**weights, name: weight}, scores)
        if found and (then := leaders(found, threshold)) != now:
            return weight, then
    return None


def _who(lanes: Sequence[str], names: Mapping[str, str]) -> str:
    told = _list([names[lane] for lane in lanes])
    return f"{told} leads" if len(lanes) == 1 else f"{told} are level"


def _list(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
