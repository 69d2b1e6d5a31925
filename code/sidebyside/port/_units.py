"""What is moved as a whole: the weights of one layer, under neutral names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import numpy as np

from sidebyside.layout import Weights
from sidebyside.port._trace import Calls, lane

KERNELS = ("kernel", "embeddings")
VECTORS = ("bias", "gamma", "beta", "moving_mean", "moving_variance")
KNOWN = (*KERNELS, *VECTORS, "recurrent_kernel", "recurrent_bias", "alpha")
SYNONYMS = {
    ("weight", "bias"): ("gamma", "beta"),
    ("scale", "bias"): ("gamma", "beta"),
    ("scale", "offset"): ("gamma", "beta"),
    ("weight",): ("gamma",),
    ("scale",): ("gamma",),
    ("g", "b"): ("gamma", "beta"),
}
"""What people call the two vectors of a normalization that they write themselves."""


@dataclass(frozen=True)
class Unit:
    """One layer's weights, or one weight that is no known layer's.

    Attributes:
        path: Its path in neutral names.
        names: Neutral name -> the weight's name in `get_weights`.
        shapes: Neutral name -> shape.
        kind: The class of the layer that holds it.
        owner: The path of that layer; None if no layer above it was called.
        place: Units are executed in this order.
        siblings: Names what a layer was given: equal for layers with the same input.
        gives: Names what a layer gave.
    """

    path: str
    names: Mapping[str, str]
    shapes: Mapping[str, tuple[int, ...]]
    kind: str
    owner: str | None
    place: tuple[int, int]
    siblings: str = field(default="", compare=False)
    gives: str = field(default="", compare=False)

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """What two units share that may be one: names and shapes of their weights.

        The second bias of an LSTM or of a simple recurrent layer is left out, since
        it is only added to the first; in a GRU it is not.
        """
        added = "recurrent_bias" if self.one_bias_is_enough else ""
        return tuple(sorted((n, s) for n, s in self.shapes.items() if n != added))

    @property
    def one_bias_is_enough(self) -> bool:
        """Whether it is recurrent, and its second bias is only added to the first."""
        if "recurrent_kernel" not in self.shapes:
            return False
        size, gates = self.shapes["recurrent_kernel"]
        return gates in (size, 4 * size)

    def parts(self) -> list["Unit"]:
        """Return each weight as a unit of its own, without a name that is known."""
        return [
            replace(
                self, path=name, names={"": name}, shapes={"": self.shapes[neutral]}
            )
            for neutral, name in self.names.items()
        ]

    def __str__(self) -> str:
        shapes = ", ".join(f"{n or 'weight'} {s}" for n, s in self.shapes.items())
        return f"{self.path} ({self.kind}: {shapes})"


def units(model: Any, calls: Calls) -> list[Unit]:
    """Return the units of a model in the order in which they are executed.

    Args:
        model: Of any lane.
        calls: Those of one call of the model.
    """
    weights: Weights = lane(model).get_weights(model)
    layers: dict[str, dict[str, str]] = {}
    for name in weights:
        path, _, last = name.rpartition("/")
        layers.setdefault(path, {})[last] = name
    firsts: dict[str, int] = {}
    for place, call in enumerate(calls):
        firsts.setdefault(call.path, place)
    units = [
        _unit(path, names, weights, (calls, firsts), order)
        for order, (path, names) in enumerate(_parts(layers, weights))
    ]
    return sorted(units, key=lambda unit: unit.place)


def _parts(
    layers: Mapping[str, Mapping[str, str]], weights: Weights
) -> list[tuple[str, dict[str, str]]]:
    """Give the weights of known layers together, and any others one by one."""
    parts: list[tuple[str, dict[str, str]]] = []
    for path, names in layers.items():
        own = tuple(sorted(names, reverse=True))  # weight before bias
        flat = all(weights[name].ndim == 1 for name in names.values())
        if set(names) <= set(KNOWN):
            parts.append((path, dict(names)))
        elif flat and own in SYNONYMS:
            said = zip(SYNONYMS[own], own, strict=True)
            parts.append((path, {neutral: names[last] for neutral, last in said}))
        else:
            parts += [(name, {"": name}) for name in names.values()]
    return parts


def _unit(
    path: str,
    names: dict[str, str],
    weights: Weights,
    called: tuple[Calls, Mapping[str, int]],
    order: int,
) -> Unit:
    shapes = {neutral: weights[name].shape for neutral, name in names.items()}
    calls, firsts = called
    owner = next((above for above in _upwards(path) if above in firsts), None)
    if owner is None:
        return Unit(path, names, shapes, "weight", None, (len(calls), order))
    call, place = calls[firsts[owner]], (firsts[owner], order)
    given, gives = digest(call.inputs), digest(call.outputs)
    return Unit(path, names, shapes, call.kind, owner, place, given, gives)


def _upwards(path: str) -> Iterator[str]:
    """Yield a path, what is above it, and so on, down to the model: ""."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def surroundings(unit: Unit, among: Iterable[Unit]) -> tuple[Any, ...]:
    """Return what stands around a unit: who gets its input, and who made that.

    So two layers of one shape can be told apart though one model executes the first of
    them earlier, and the other model the second: a shortcut shares its input with the
    first layer of its block.
    """
    if not unit.siblings:
        return ()
    beside = sorted(u.signature for u in among if u.siblings == unit.siblings)
    before = sorted(
        (u.signature, sorted(v.signature for v in among if v.siblings == u.siblings))
        for u in among
        if u.gives == unit.siblings
    )
    return tuple(beside), str(before)


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """Return a text that is the same for the same arrays."""
    state = blake2b(digest_size=8)
    for array in list(arrays.values())[:1]:
        state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest() if arrays else ""
