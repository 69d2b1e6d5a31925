"""How the weights of one unit become those of its partner, and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sidebyside.layout import Weights
from sidebyside.port._pairing import Pair
from sidebyside.port._units import Unit


def forth(pair: Pair, given: Weights) -> Weights:
    """Return the target's weights, by their names, made of the source's."""
    source, target = pair.source, pair.target
    arrays = {neutral: given[name] for neutral, name in source.names.items()}
    if source.names.keys() != target.names.keys():
        arrays = _adapted(source, target, arrays)
    if pair.flattened and "kernel" in arrays:
        arrays["kernel"] = arrays["kernel"][rows(pair)]
    return {target.names[neutral]: array for neutral, array in arrays.items()}


def back(pair: Pair, moved: Weights) -> Weights:
    """Return the source's weights, by their names, made of the target's.

    A second bias that was added to the first comes back as zeros.
    """
    source, target = pair.source, pair.target
    arrays = {neutral: moved[name] for neutral, name in target.names.items()}
    if pair.flattened and "kernel" in arrays:
        arrays["kernel"] = arrays["kernel"][np.argsort(rows(pair))]
    if source.names.keys() != target.names.keys():
        arrays = _adapted(target, source, arrays)
    return {source.names[neutral]: array for neutral, array in arrays.items()}


def rows(pair: Pair) -> np.ndarray:
    """Return where the target's rows of a kernel behind a flatten come from.

    Returns:
        For each place in what the target flattens its place in what the source does.
        One of them flattens (C, H, W) and the other one (H, W, C).
    """
    places = np.arange(np.prod(pair.flattened)).reshape(pair.flattened)
    order = np.moveaxis(places, 0, -1).ravel()
    return np.argsort(order) if pair.to_first else order


def _adapted(source: Unit, target: Unit, arrays: Weights) -> Weights:
    """Fit arrays of other names: two biases and one, or one weight of each side."""
    if len(source.names) == len(target.names) == 1:
        return {next(iter(target.names)): next(iter(arrays.values()))}
    if "recurrent_bias" in source.names:
        arrays = dict(arrays)
        arrays["bias"] = arrays["bias"] + arrays.pop("recurrent_bias")
    elif "recurrent_bias" in target.names:
        arrays = arrays | {"recurrent_bias": np.zeros_like(arrays["bias"])}
    if "bias" in target.names and "bias" not in arrays:
        zeros = np.zeros(target.shapes["bias"], arrays["kernel"].dtype)
        arrays = arrays | {"bias": zeros}
    return {neutral: arrays[neutral] for neutral in target.names}


def with_flattened(
    pairs: Iterable[Pair], flattened: Mapping[str, Sequence[int]], to_first: bool
) -> Iterator[Pair]:
    """Give the pairs that were named the sizes that are flattened before them.

    Raises:
        ValueError: If a name is no target's path, or the sizes are not its inputs.
    """
    left = {path.replace(".", "/"): tuple(sizes) for path, sizes in flattened.items()}
    for pair in pairs:
        sizes = left.pop(pair.target.path, ())
        if sizes and pair.target.shapes.get("kernel", (0,))[0] != np.prod(sizes):
            raise ValueError(
                f"match: expected sizes whose product is the number of inputs of "
                f"{pair.target}, received {sizes}"
            )
        yield replace(pair, flattened=sizes, to_first=to_first)
    if left:
        raise ValueError(
            f"match: expected paths of the target as flattened, received {sorted(left)}"
        )


def remarks(pair: Pair) -> list[str]:
    """Say what is done to the weights besides copying."""
    source, target, said = pair.source, pair.target, []
    ours, theirs = ("recurrent_bias" in unit.names for unit in (source, target))
    if ours and not theirs:
        said.append("the two biases added")
    if theirs and not ours:
        said.append("a second bias of zeros")
    if "bias" in target.names and set(source.names) == {"kernel"}:
        said.append("a bias of zeros")
    if pair.flattened:
        where = "first" if pair.to_first else "last"
        said.append(f"rows of {pair.flattened} reordered, channels {where}")
    return said
