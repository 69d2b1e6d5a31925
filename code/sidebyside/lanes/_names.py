"""How the weights of a model get their names, in all lanes: each has one, its first."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from sidebyside.layout import Entries, Entry

Names = tuple[str, ...]
Node = TypeVar("Node")


def walk(
    root: Node,
    children: Callable[[Node], Iterable[tuple[str, Node]]],
    aliases: dict[str, str],
) -> Iterator[tuple[Names, Node]]:
    """Yield every layer of a model once, by the first path that leads to it.

    Args:
        root: The model.
        children: Layer -> the names and layers directly below it, in their order.
        aliases: Receives every other path, and the first one.

    Yields:
        Path and layer, a layer before those below it.
    """
    first: dict[int, Names] = {}

    def visit(path: Names, node: Node) -> Iterator[tuple[Names, Node]]:
        if id(node) in first:
            aliases["/".join(path)] = "/".join(first[id(node)])
            return
        first[id(node)] = path
        yield path, node
        for name, child in children(node):
            yield from visit((*path, name), child)

    yield from visit((), root)


def collect(weights: Iterable[tuple[Names, Entry]], entries: Entries) -> Entries:
    """Put weights into `entries`, each under its first name.

    Args:
        weights: Path and weight, in the order that decides which name is the first.
        entries: Receives them; integers are left out.

    Raises:
        ValueError: If two weights have one name, or an integer has the name of a weight
            of the layers of `sidebyside.layout`.
    """
    first: dict[tuple[int, Any], str] = {}
    for path, entry in weights:
        name = "/".join(path)
        if not _is_weight(name, path[-1], entry.dtype):
            continue
        key = (id(entry.tensor), entry.slot.row)
        if key in first:
            entries.aliases[name] = first[key]
        elif name in entries:
            raise ValueError(
                "get_weights: expected a different name for each layer and weight, "
                f"received {name!r} twice"
            )
        else:
            first[key] = name
            entries[name] = entry
    return entries


_TABLE = ("kernel", "bias", "gamma", "beta", "embeddings", "moving_mean")
_TABLE += ("moving_variance", "recurrent_kernel", "recurrent_bias")


def _is_weight(name: str, last: str, dtype: str) -> bool:
    if dtype.startswith(("float", "bfloat", "complex")):
        return True
    if last in _TABLE:
        raise ValueError(
            f"get_weights: expected {name!r} of a floating dtype, received {dtype}"
        )
    return False
