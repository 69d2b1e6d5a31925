"""Pair the layers of two models that nobody wrote with each other in mind."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import permutations
from typing import Any

from sidebyside.layout import Weights
from sidebyside.port import _moves as moves
from sidebyside.port._arrange import inputs_for
from sidebyside.port._trace import Calls, Inputs, arguments, lane, lane_of, trace
from sidebyside.port._units import Unit, surroundings, units
from sidebyside.records import Table

Flattened = Mapping[str, Sequence[int]]
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


@dataclass(repr=False)
class Match:
    """Which layer of the source is which layer of the target.

    Attributes:
        source: The model whose weights are moved.
        target: The model that receives them.
        inputs: What the source is called with.
        target_inputs: What the target is called with: the same, in its layout.
        pairs: In the order in which the source executes them.
        left_source: Units of the source without a partner.
        left_target: Those of the target.
    """

    source: Any
    target: Any
    inputs: Inputs
    target_inputs: Inputs
    pairs: list[Pair]
    left_source: list[Unit] = field(default_factory=list)
    left_target: list[Unit] = field(default_factory=list)

    @property
    def ambiguous(self) -> list[Pair]:
        """The pairs that others would fit as well: look at them."""
        return [pair for pair in self.pairs if pair.ambiguous]

    def interchanged(self) -> Iterator["Match"]:
        """Yield the match with one group of siblings in every other order.

        Siblings are layers of the source with the same input and the same shapes.
        """
        groups: dict[Any, list[Pair]] = defaultdict(list)
        for pair in self.pairs:
            if pair.source.siblings:
                groups[pair.source.siblings, pair.source.signature].append(pair)
        for group in groups.values():
            targets = [pair.target for pair in group]
            for order in list(permutations(targets))[1:] if len(group) <= MANY else ():
                changed = {
                    id(pair): replace(pair, target=target)
                    for pair, target in zip(group, order, strict=True)
                }
                pairs = [changed.get(id(pair), pair) for pair in self.pairs]
                yield replace(self, pairs=pairs)

    def weights(self) -> Weights:
        """Return the source's weights under the target's names, in its layout.

        Raises:
            ValueError: If a layer of the target has no partner: it would keep the
                numbers with which it was made.
        """
        if self.left_target:
            raise ValueError(
                "port: expected a partner for each layer of the target, received none "
                f"for {'; '.join(map(str, self.left_target))}; the source has left "
                f"over {'; '.join(map(str, self.left_source)) or 'nothing'}. Say which "
                "belong together: match(..., pairs={'source/path': 'target/path'})"
            )
        given = lane(self.source).get_weights(self.source)
        moved: Weights = {}
        for pair in self.pairs:
            moved |= moves.forth(pair, given)
        return moved

    def copy(self) -> None:
        """Write the source's weights into the target, all of them or none."""
        lane(self.target).set_weights(self.target, self.weights())

    def rows(self) -> Iterator[list[str]]:
        """Yield a row of the table for each pair, then for what is left over."""
        for pair in self.pairs:
            shapes = ", ".join(str(shape) for shape in pair.target.shapes.values())
            yield [_name(pair.source), _name(pair.target), shapes, _remarks(pair)]
        for unit in self.left_source:
            shapes = ", ".join(map(str, unit.shapes.values()))
            yield [_name(unit), "-", shapes, "LEFT OVER in the source"]
        for unit in self.left_target:
            shapes = ", ".join(map(str, unit.shapes.values()))
            yield ["-", _name(unit), shapes, "LEFT OVER in the target"]

    def table(self) -> Table:
        """Return the pairs, and what is left over, to be looked at."""
        caption = f"{len(self.pairs)} pairs of layers, {len(self.ambiguous)} ambiguous"
        models = {"source": self.source, "target": self.target}
        sides = [f"{side} ({lane_of(model)})" for side, model in models.items()]
        header = [*sides, "neutral shapes", "paired by"]
        return Table(caption, header, list(self.rows()))

    def __repr__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def match(
    source: Any,
    target: Any,
    inputs: Inputs,
    *,
    target_inputs: Inputs | None = None,
    pairs: Mapping[str, str] | None = None,
    flattened: Flattened | None = None,
) -> Match:
    """Pair the layers of two models by order of execution, kind and shape.

    Both models are called once. Layers pair whose weights have the same neutral names
    and shapes, in the order in which they are executed. Layers of equal shape that get
    the same input, such as the query, key and value of attention, can't be told apart
    by order: their names decide where they speak clearly.

    Args:
        source: The model whose weights are moved, of any lane, built.
        target: The model that receives them.
        inputs: NumPy arrays for one call of the source: one, several, or by name.
        target_inputs: The same for the target. If None: those of the source, and images
            (4 axes) or volumes (5) between PyTorch and another lane with the axis of
            the channels moved.
        pairs: Corrections, path in the source -> path in the target.
        flattened: Dense layers of the target behind a flatten -> the sizes (C, H, W)
            of what is flattened. PyTorch flattens it in this order and the other lanes
            (H, W, C): the rows of the kernel are put in the target's order.

    Returns:
        The match: print it, look at what is ambiguous, then `copy()`.

    Raises:
        TypeError: If one is no model of the three frameworks.
        ValueError: If a correction names no layer, or layers that can't pair.
    """
    arguments(inputs)
    given = target_inputs
    if given is None:
        given = inputs_for(source, target, inputs)
    ours = units(source, _called("source", source, inputs))
    theirs = units(target, _called("target", target, given))
    made = list(_corrected(ours, theirs, pairs or {}))
    made += _paired(*_left(ours, theirs, made))
    left = _left(ours, theirs, made)
    if any("" in unit.names for unit in left[1]):
        left = [[part for unit in side for part in unit.parts()] for side in left]
        made += _by_shape(*left)
        left = _left(*left, made)
    to_first = lane_of(target) == "pytorch"
    made = list(moves.with_flattened(made, flattened or {}, to_first))
    made.sort(key=lambda pair: pair.source.place)
    return Match(source, target, inputs, given, made, *left)


def _called(who: str, model: Any, inputs: Inputs) -> Calls:
    """Call a model once.

    Raises:
        ValueError: If it does not take these inputs, with the framework's error.
    """
    try:
        return trace(model, inputs, training=False)
    except (TypeError, ValueError) as error:
        if str(error).startswith(("get_weights", "port")):
            raise
        reason: Exception = error
    except Exception as error:
        reason = error
    given, named = arguments(inputs)
    shapes = [array.shape for array in (*given, *named.values())]
    raise ValueError(
        f"match: expected inputs that the {who}, a {type(model).__name__}, takes; "
        f"received shapes {shapes}, and {type(reason).__name__}: {reason}"
    ) from reason


def _left(
    ours: Sequence[Unit], theirs: Sequence[Unit], pairs: Sequence[Pair]
) -> list[list[Unit]]:
    """Return the units of both sides that stand in no pair."""
    taken = {id(unit) for pair in pairs for unit in (pair.source, pair.target)}
    return [[unit for unit in side if id(unit) not in taken] for side in (ours, theirs)]


def _corrected(
    ours: Sequence[Unit], theirs: Sequence[Unit], pairs: Mapping[str, str]
) -> Iterator[Pair]:
    """Yield the pairs that the user named."""
    for one, other in pairs.items():
        source, target = _named(ours, one, "source"), _named(theirs, other, "target")
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


def _paired(ours: Sequence[Unit], theirs: Sequence[Unit]) -> list[Pair]:
    """Pair units of one signature: all in order if both sides have as many."""
    counts = [Counter(unit.signature for unit in side) for side in (ours, theirs)]
    even = {key for key in counts[0] if counts[0][key] == counts[1][key]}
    made: list[Pair] = []
    for key in even:
        sides = [[u for u in side if u.signature == key] for side in (ours, theirs)]
        for one, other in _split(*sides, ours, theirs):
            made += _in_order(one, other)
    uneven = [[u for u in side if u.signature not in even] for side in (ours, theirs)]
    made += _by_neighbours(*uneven)
    made += _without_bias(*_left(ours, theirs, made))
    return made


def _split(
    one: Sequence[Unit],
    other: Sequence[Unit],
    ours: Sequence[Unit],
    theirs: Sequence[Unit],
) -> Iterator[tuple[list[Unit], list[Unit]]]:
    """Take units of one signature apart by what stands around them, if that helps."""
    around = [
        [surroundings(unit, among) for unit in group]
        for group, among in ((one, ours), (other, theirs))
    ]
    if Counter(around[0]) != Counter(around[1]):
        yield list(one), list(other)
        return
    for key in dict.fromkeys(around[0]):
        yield (
            [unit for unit, own in zip(one, around[0], strict=True) if own == key],
            [unit for unit, own in zip(other, around[1], strict=True) if own == key],
        )


def _by_shape(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[Pair]:
    """Pair single weights of one shape in order, if both sides have as many."""
    for shape in dict.fromkeys(unit.shapes[""] for unit in ours):
        sides = [[u for u in side if u.shapes[""] == shape] for side in (ours, theirs)]
        if len(sides[0]) == len(sides[1]):
            for one, other in zip(*sides, strict=True):
                yield Pair(one, other, "shape", ambiguous=len(sides[0]) > 1)


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
    size = 0
    for one, other in zip(ours, theirs, strict=True):
        given = [(one, ours[0]), (other, theirs[0])]
        if size and not all(unit.siblings == first.siblings for unit, first in given):
            break
        if size and not one.siblings:
            break
        size += 1
    return size


def _by_name(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[Pair]:
    """Pair siblings so that their names are most alike."""
    score = [[_alike(one.path, other.path) for other in theirs] for one in ours]
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


def _alike(one: str, other: str) -> float:
    """Return how alike the last names are that two paths have."""
    one, other = (path.rsplit("/", 1)[-1].lower() for path in (one, other))
    if one[:1] == other[:1] and min(len(one), len(other)) == 1:
        return 1.0  # q and query
    return SequenceMatcher(None, one, other).ratio()


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


def _name(unit: Unit) -> str:
    return f"{unit.path} ({unit.kind})"


def _remarks(pair: Pair) -> str:
    said = [pair.why + (": AMBIGUOUS" if pair.ambiguous else "")]
    said += moves.remarks(pair)
    return "; ".join(said)
