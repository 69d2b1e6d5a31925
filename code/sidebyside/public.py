"""The public names of an installed package: a walk through them, and what it counts."""

import inspect
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType


@dataclass(frozen=True)
class Shares:
    """What a walk found, in shares of what was looked at.

    Attributes:
        homonyms: Of the last names, those that mean different objects.
        odd: Of the paths, those whose last name is spelled against the custom: a class
            with a small first letter, or a function with a capital in its name.
        texts: Of the objects, those with a text.
        examples: Of the objects, those with an example in their text.
    """

    homonyms: float
    odd: float
    texts: float
    examples: float

    def __str__(self) -> str:
        """Return `homonyms 4.9%, odd spellings 1.6%, texts 76.0%, examples 46.8%`."""
        return (
            f"homonyms {self.homonyms:.1%}, odd spellings {self.odd:.1%}, "
            f"texts {self.texts:.1%}, examples {self.examples:.1%}"
        )


def walk(
    module: ModuleType, depth: int = 0, leave: Collection[str] = ()
) -> Iterator[tuple[str, object]]:
    """Yield what is public in a module, and in the modules below it.

    Public is what a module names in `__all__`, or else all that begins with a letter.
    What the package only imports from another one is not its own, and left out.

    Args:
        module: Where the walk begins.
        depth: How many levels of modules below it are visited; 0 for none.
        leave: Names of modules that are not visited.

    Yields:
        A path such as `tensorflow.nn.relu`, and the function or class at it. An object
        with several paths comes once for each of them; a module is visited once.

    Raises:
        ValueError: If `depth` is negative.

    Example:
        >>> import json
        >>> [path for path, thing in walk(json)][:3]
        ['json.JSONDecodeError', 'json.JSONDecoder', 'json.JSONEncoder']
    """
    if depth < 0:
        raise ValueError(f"walk: expected depth >= 0, received {depth}")
    yield from _walk(module, module.__name__, depth, frozenset(leave), set())


def texts(things: Mapping[str, object]) -> dict[int, str]:
    """Return the text of each object that a walk found, by the object's id."""
    return {id(thing): inspect.getdoc(thing) or "" for thing in things.values()}


def count(things: Mapping[str, object], *, least: int = 0, text: int = 20) -> Shares:
    """Count what a walk found.

    Args:
        things: Path -> object; at least one.
        least: Letters that the text of an object must have, or the object is left out.
        text: Letters that count as a text.

    Returns:
        The shares, 0 to 1.

    Raises:
        ValueError: If nothing was found, or nothing has so long a text.
    """
    said = texts(things)
    pairs = [
        (path.rpartition(".")[2], thing)
        for path, thing in things.items()
        if len(said[id(thing)]) >= least
    ]
    if not pairs:
        raise ValueError(
            f"count: expected objects with texts of {least} letters, received none in "
            f"{len(things)} paths"
        )
    of_objects = [said[key] for key in {id(thing) for _, thing in pairs}]
    meanings = Counter(name for name, _ in {(n, id(thing)) for n, thing in pairs})
    return Shares(
        homonyms=_share(times > 1 for times in meanings.values()),
        odd=_share(_is_odd(name, thing) for name, thing in pairs),
        texts=_share(len(words) > text for words in of_objects),
        examples=_share(">>>" in words or "```" in words for words in of_objects),
    )


def mentioned(said: Iterable[str], root: str) -> set[str]:
    """Return the paths below a root that texts mention between backticks.

    Args:
        said: The texts.
        root: How the texts call the package: `tf`.

    Returns:
        The paths without the root: `nn.relu` for `` `tf.nn.relu` ``.
    """
    path = rf"`~?{re.escape(root)}\.([a-zA-Z]\w*(?:\.[a-zA-Z]\w*)*)(?:\(\))?`"
    return {name for words in said for name in re.findall(path, words)}


def exists(module: ModuleType, path: str) -> bool:
    """Say whether a path below a module leads to something.

    A module that was not imported yet is imported: a path through it leads somewhere.
    """
    thing: object = module
    for name in path.split("."):
        if not hasattr(thing, name) and inspect.ismodule(thing):
            with suppress(ImportError):
                import_module(f"{thing.__name__}.{name}")
        try:
            thing = getattr(thing, name)
        except AttributeError:
            return False
    return True


def _walk(
    module: ModuleType, path: str, depth: int, leave: frozenset[str], seen: set[int]
) -> Iterator[tuple[str, object]]:
    seen.add(id(module))
    package = path.partition(".")[0]
    public = getattr(module, "__all__", dir(module))
    for name in dir(module):
        if name.startswith("_"):
            continue
        member = getattr(module, name, None)
        if inspect.ismodule(member):
            goes = depth and name not in leave and id(member) not in seen
            if goes and _home(member) == package:
                yield from _walk(member, f"{path}.{name}", depth - 1, leave, seen)
        elif name in public and callable(member) and _home(member) == package:
            yield f"{path}.{name}", member


def _home(thing: object) -> str:
    """Return the package that a module, function or class belongs to."""
    place = getattr(thing, "__module__", None) or getattr(thing, "__name__", "")
    return str(place).partition(".")[0]


def _is_odd(name: str, thing: object) -> bool:
    return name[0].islower() if inspect.isclass(thing) else name != name.lower()


def _share(hits: Iterable[bool]) -> float:
    known = list(hits)
    return sum(known) / len(known)
