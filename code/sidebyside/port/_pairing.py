"""Which unit of the source belongs to which unit of the target."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import permutations, takewhile
from typing import Any

from sidebyside.port._units import Unit, surroundings

MANY = 6
"""So many siblings are tried in every order."""


@dataclass(frozen=True)
class Pair:
    """Two units that are one.

    Attributes:
        source: That of the source.
        target: That of the target.
        why: How they were paired: `"order"`, `"name"`, `"neighbours"`, `"shape"`,
            `"yours"`.
        ambiguous: Whether others would fit as well.
        flattened: For a dense layer behind a flatten, the sizes (C, H, W) before it if
            one model flattens (C, H, W) and the other one (H, W, C); empty if not.
        to_first: Whether it is the target that flattens (C, H, W).
    """

    source: Unit
    target: Unit
    why: str
    ambiguous: bool = False
    flattened: tuple[int, ...] = ()
    to_first: bool = False


def left_over(
    ours: Sequence[Unit], theirs: Sequence[Unit], pairs: Sequence[Pair]
) -> list[list[Unit]]:
    """Return the units of both sides that stand in no pair."""
    taken = {id(unit) for pair in pairs for unit in (pair.source, pair.target)}
    return [[unit for unit in side if id(unit) not in taken] for side in (ours, theirs)]


def corrected(
    ours: Sequence[Unit], theirs: Sequence[Unit], pairs: Mapping[str, str]
) -> Iterator[Pair]:
    """Yield the pairs that the user named."""
    for ours_path, theirs_path in pairs.items():
        source, target = (
            _named(ours, ours_path, "source"),
            _named(theirs, theirs_path, "target"),
        )
        shapes = [sorted(unit.shapes.values()) for unit in (source, target)]
        if shapes[0] != shapes[1] and source.signature != target.signature:
            raise ValueError(
                f"match: expected layers of the same shapes, received {source} "
                f"and {target}"
            )
        yield Pair(source, target, "yours")


def _named(side: Sequence[Unit], path: str, who: str) -> Unit:
    for unit in side:
        if unit.path == path.replace(".", "/"):
            return unit
    known = ", ".join(unit.path for unit in side)
    raise ValueError(
        f"match: expected a path of the {who} ({known}), received {path!r}"
    )


def paired(ours: Sequence[Unit], theirs: Sequence[Unit]) -> list[Pair]:
    """Pair units of one signature: all in order if both sides have as many."""
    counts = [Counter(unit.signature for unit in side) for side in (ours, theirs)]
    even = {key for key in counts[0] if counts[0][key] == counts[1][key]}
    made: list[Pair] = []
    for key in even:
        sides = [[u for u in side if u.signature == key] for side in (ours, theirs)]
        for source, target in _split(*sides, ours, theirs):
            made += _in_order(source, target)
    uneven = [[u for u in side if u.signature not in even] for side in (ours, theirs)]
    made += _by_neighbours(*uneven)
    made += _without_bias(*left_over(ours, theirs, made))
    return made


def _split(
    sources: Sequence[Unit],
    targets: Sequence[Unit],
    ours: Sequence[Unit],
    theirs: Sequence[Unit],
) -> Iterator[tuple[list[Unit], list[Unit]]]:
    """Take units of one signature apart by what stands around them, if that helps."""
    around = [
        [surroundings(unit, among) for unit in group]
        for group, among in ((sources, ours), (targets, theirs))
    ]
    if Counter(around[0]) != Counter(around[1]):
        yield list(sources), list(targets)
        return
    for key in dict.fromkeys(around[0]):
        yield (
            [unit for unit, own in zip(sources, around[0], strict=True) if own == key],
            [unit for unit, own in zip(targets, around[1], strict=True) if own == key],
        )


def by_shape(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[Pair]:
    """Pair single weights of one shape in order, if both sides have as many."""
    for shape in dict.fromkeys(unit.shapes[""] for unit in ours):
        sides = [[u for u in side if u.shapes[""] == shape] for side in (ours, theirs)]
        if len(sides[0]) == len(sides[1]):
            for source, target in zip(*sides, strict=True):
                yield Pair(source, target, "shape", ambiguous=len(sides[0]) > 1)


def _without_bias(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[Pair]:
    """Pair kernels without a bias with layers that have one, if as many are left."""
    bare = [unit for unit in ours if set(unit.shapes) == {"kernel"}]
    by_shape: dict[Any, list[Unit]] = defaultdict(list)
    for unit in theirs:
        if set(unit.shapes) == {"kernel", "bias"}:
            by_shape[unit.shapes["kernel"]].append(unit)
    counts = Counter(unit.shapes["kernel"] for unit in bare)
    for unit in bare:
        shape = unit.shapes["kernel"]
        if counts[shape] == len(by_shape[shape]):
            counts[shape] -= 1
            yield Pair(unit, by_shape[shape].pop(0), "order")


def _in_order(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[Pair]:
    """Pair as many units with as many, siblings by their names."""
    at = 0
    while at < len(ours):
        size = _siblings(ours[at:], theirs[at:])
        group = ours[at : at + size], theirs[at : at + size]
        if size == 1:
            yield Pair(group[0][0], group[1][0], "order")
        else:
            yield from _by_name(*group)
        at += size


def _siblings(ours: Sequence[Unit], theirs: Sequence[Unit]) -> int:
    """Return how many of the first units get one input, in both models."""
    given = [
        (source.siblings, target.siblings)
        for source, target in zip(ours, theirs, strict=True)
    ]
    if not given[0][0]:
        return 1
    return len(list(takewhile(lambda pair: pair == given[0], given)))


def _by_name(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[Pair]:
    """Pair siblings so that their names are most alike."""
    score = [[_alike(source.path, target.path) for target in theirs] for source in ours]
    orders = [tuple(range(len(ours)))]
    if len(ours) <= MANY:
        orders = list(permutations(orders[0]))
    totals = [sum(score[i][k] for i, k in enumerate(order)) for order in orders]
    best = max(totals)
    clear = totals.count(best) == 1 and len(totals) > 1 and best > totals[0] * 1.0001
    agreed = totals[0] == best and totals.count(best) == 1
    order = orders[totals.index(best)] if clear else orders[0]
    for i, k in enumerate(order):
        why = "name" if clear or agreed else "order"
        yield Pair(ours[i], theirs[k], why, ambiguous=not (clear or agreed))


def _alike(ours: str, theirs: str) -> float:
    """Return how alike the last names are that two paths have."""
    ours, theirs = (path.rsplit("/", 1)[-1].lower() for path in (ours, theirs))
    if ours[:1] == theirs[:1] and min(len(ours), len(theirs)) == 1:
        return 1.0  # q and query
    return SequenceMatcher(None, ours, theirs).ratio()


def _by_neighbours(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[Pair]:
    """Pair what has no equal number on the other side by what stands around it."""
    blocks = SequenceMatcher(
        None,
        [unit.signature for unit in ours],
        [unit.signature for unit in theirs],
        autojunk=False,
    ).get_matching_blocks()
    for block in blocks:
        for step in range(block.size):
            pair = ours[block.a + step], theirs[block.b + step]
            yield Pair(*pair, "neighbours", ambiguous=True)
