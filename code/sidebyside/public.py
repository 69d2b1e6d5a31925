"""The public names of an installed package: what a walk through its modules finds."""

import inspect
from collections.abc import Collection, Iterator
from types import ModuleType

Found = tuple[str, object]
"""A path such as `tensorflow.nn.relu`, and the function or class at it."""


def walk(
    module: ModuleType, depth: int = 0, leave: Collection[str] = ()
) -> Iterator[Found]:
    """Yield what is public in a module, and in the modules below it.

    Public is what a module names in `__all__`, or else all that begins with a letter.
    What the package only imports from another one is not its own, and left out.

    Args:
        module: Where the walk begins.
        depth: How many levels of modules below it are visited; 0 for none.
        leave: Names of modules that are not visited.

    Yields:
        Path and object. An object with several paths comes once for each of them; a
        module with several paths is visited once.

    Raises:
        ValueError: If `depth` is negative.

    Example:
        >>> import json
        >>> [path for path, found in walk(json)][:3]
        ['json.JSONDecodeError', 'json.JSONDecoder', 'json.JSONEncoder']
    """
    if depth < 0:
        raise ValueError(f"walk: expected depth >= 0, received {depth}")
    yield from _walk(module, module.__name__, depth, frozenset(leave), set())


def _walk(
    module: ModuleType, path: str, depth: int, leave: frozenset[str], seen: set[int]
) -> Iterator[Found]:
    seen.add(id(module))
    package = path.partition(".")[0]
    public = getattr(module, "__all__", dir(module))
    for name in dir(module):
        if name.startswith("_"):
            continue
        found = getattr(module, name, None)
        if inspect.ismodule(found):
            goes = depth and name not in leave and id(found) not in seen
            if goes and _home(found) == package:
                yield from _walk(found, f"{path}.{name}", depth - 1, leave, seen)
        elif name in public and callable(found) and _home(found) == package:
            yield f"{path}.{name}", found


def _home(thing: object) -> str:
    """Return the package that a module, function or class belongs to."""
    place = getattr(thing, "__module__", None) or getattr(thing, "__name__", "")
    return str(place).partition(".")[0]
