"""Pair the layers of two models that nobody wrote with each other in mind."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import numpy as np

from sidebyside.layout import Weights
from sidebyside.port import _moves as moves
from sidebyside.port._arrange import inputs_for
from sidebyside.port._pairing import MANY, Pair, by_shape, corrected, left_over, paired
from sidebyside.port._trace import Calls, Inputs, arguments, lane, lane_of, trace
from sidebyside.port._units import Unit, units
from sidebyside.records import Table

Flattened = Mapping[str, Sequence[int]]


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
            names = [_name(pair.source), _name(pair.target)]
            yield [*names, _shapes(pair.target), _remarks(pair)]
        for unit in self.left_source:
            yield [_name(unit), "-", _shapes(unit), "LEFT OVER in the source"]
        for unit in self.left_target:
            yield ["-", _name(unit), _shapes(unit), "LEFT OVER in the target"]

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
        ValueError: If a correction names no layer, or layers that can't pair; if
            weights are not finite, or a model does not take the inputs.
    """
    for who, model in (("source", source), ("target", target)):
        _check_finite(who, model)
    _check_numbers(inputs)
    given = target_inputs
    if given is None:
        given = inputs_for(source, target, inputs)
    _check_numbers(given)
    ours = units(source, _called("source", source, inputs))
    theirs = units(target, _called("target", target, given))
    made = list(corrected(ours, theirs, pairs or {}))
    made += paired(*left_over(ours, theirs, made))
    left = left_over(ours, theirs, made)
    if any("" in unit.names for unit in left[1]):
        left = [[part for unit in side for part in unit.parts()] for side in left]
        made += by_shape(*left)
        left = left_over(*left, made)
    to_first = lane_of(target) == "pytorch"
    made = list(moves.with_flattened(made, flattened or {}, to_first))
    made.sort(key=lambda pair: pair.source.place)
    return Match(source, target, inputs, given, made, *left)


def _check_finite(who: str, model: Any) -> None:
    """Refuse a model that can't be compared, or put back as it was, for its weights."""
    for name, array in lane(model).get_weights(model).items():
        if not np.all(np.isfinite(array)):
            raise ValueError(
                f"match: expected finite weights in the {who}, received NaN or "
                f"infinity in {name!r}"
            )


def _check_numbers(inputs: Inputs) -> None:
    given, named = arguments(inputs)
    if any(np.any(array != array) for array in (*given, *named.values())):
        raise ValueError("match: expected numbers as inputs, received NaN")


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
    arrays = [f"{array.dtype} {array.shape}" for array in (*given, *named.values())]
    raise ValueError(
        f"match: expected inputs that the {who}, a {type(model).__name__}, takes; "
        f"received {', '.join(arrays) or 'none'}, and {type(reason).__name__}: {reason}"
    ) from reason


def _name(unit: Unit) -> str:
    return f"{unit.path} ({unit.kind})"


def _shapes(unit: Unit) -> str:
    return ", ".join(map(str, unit.shapes.values()))


def _remarks(pair: Pair) -> str:
    said = [pair.why + (": AMBIGUOUS" if pair.ambiguous else "")]
    said += moves.remarks(pair)
    return "; ".join(said)
