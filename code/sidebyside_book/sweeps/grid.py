"""The grid of a sweep: which values each parameter takes."""

import difflib
import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence

from sidebyside.parameters import Parameter
from sidebyside_book.chapter import Value
from sidebyside_book.runs.parameters import BACKENDS, checked

BACKEND = "backend"
"""The axis that is no parameter of the chapter, but what Keras runs on."""
MOST_RUNS = 10_000
"""More than that is more likely a slip than a plan."""

Axes = dict[str, tuple[Value, ...]]
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")


def axes(given: Sequence[str], offer: Mapping[str, Parameter], chapter: str) -> Axes:
    """Return the axes of a grid, name -> the values along it.

    Args:
        given: Texts such as `SEED=0..9`, `RATE=0.1,0.2` or `backend=jax,torch`.
        offer: What `chapter.parameters` returned.
        chapter: Its name, for messages.

    Raises:
        ValueError: If an axis is empty or given twice, a name or value is not one of
            the chapter, a range descends, a value comes twice along an axis, or the
            grid has more than `MOST_RUNS` points.
    """
    by_name: dict[str, list[Sequence[Value]]] = {}
    for text in given:
        name, _, values = text.partition("=")
        if not name or not values:
            raise ValueError(
                f"sweep: expected NAME=VALUES such as SEED=0..9 or {BACKEND}=jax, "
                f"received --over {text!r}"
            )
        if name in by_name:
            raise ValueError(f"sweep: expected --over {name} once, received it twice")
        by_name[name] = [_item(name, i, offer, chapter) for i in values.split(",")]
    _check_size(by_name)
    whole = {name: tuple(itertools.chain(*items)) for name, items in by_name.items()}
    for name, values in whole.items():
        if twice := {str(value) for value in values if values.count(value) > 1}:
            raise ValueError(
                f"sweep: expected each value of {name} once, received more than once: "
                f"{', '.join(sorted(twice))}"
            )
    return whole


def points(swept: Axes) -> list[dict[str, Value]]:
    """Return every point of the grid; the last axis varies fastest."""
    return [
        dict(zip(swept, values, strict=True))
        for values in itertools.product(*swept.values())
    ]


def _item(
    name: str, text: str, offer: Mapping[str, Parameter], chapter: str
) -> Sequence[Value]:
    """Return the values of what stands between two commas."""
    if not text:
        raise ValueError(
            f"sweep: expected a value before and after each comma of --over {name}"
        )
    if name == BACKEND:
        return (_backend(text),)
    span = _RANGE.fullmatch(text)
    known = offer.get(name)
    if not span or not known or known.kind not in (int, float, None):
        return (checked([(name, text)], offer, chapter, "sweep")[name],)
    first, last = int(span[1]), int(span[2])
    if last < first:
        raise ValueError(
            f"sweep: expected a range that ascends, such as {last}..{first}, "
            f"for {name}, received {text!r}"
        )
    for end in span.groups():
        checked([(name, end)], offer, chapter, "sweep")
    whole = range(first, last + 1)
    _check_size({name: [whole]})  # before a billion numbers are made
    return [float(value) for value in whole] if known.kind is float else whole


def _backend(text: str) -> str:
    if text in BACKENDS:
        return text
    near = difflib.get_close_matches(text.lower(), BACKENDS, n=1, cutoff=0.5)
    hint = f" (do you mean {near[0]}?)" if near else ""
    raise ValueError(
        f"sweep: expected a backend of {', '.join(BACKENDS)}; received {text!r}{hint}"
    )


def _check_size(by_name: Mapping[str, Iterable[Sequence[Value]]]) -> None:
    sizes = {name: sum(map(len, items)) for name, items in by_name.items()}
    number = math.prod(sizes.values())
    if number > MOST_RUNS:
        factors = " times ".join(f"{size:,} of {name}" for name, size in sizes.items())
        raise ValueError(
            f"sweep: expected at most {MOST_RUNS:,} runs, received {number:,}: "
            f"{factors}"
        )
