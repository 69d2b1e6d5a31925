"""A cause is found by its numbers: what would come out if it were so?"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sidebyside.port._arrange import difference
from sidebyside.port._trace import Call

Candidates = Iterable[tuple[str, np.ndarray]]
"""What would come out, with a name: `("GELU by erf", ...)`."""

NEAR = 2e-5
"""So near, relative to the largest entry, a candidate must come: far above the rounding
of one layer in float32, far below any difference that is worth a cause."""

SAME = 3e-7
"""Candidates that come so near can't be told apart in float32."""


@dataclass
class Parting:
    """The first place at which two models part.

    Attributes:
        where: `"input"`, `"output"` or `"averages"` of a layer, or `"result"`.
        ours: The source's array there, its axes in the target's order if it fits.
        theirs: The target's; of both, as of those before, images have channels last.
        before: Arrays in which both agree and which came before, latest first.
        source: The call of the source's layer, None for the result.
        target: The call of the target's.
        weights: The target's weights of that layer by neutral name.
        first: Whether the source has its channels in the first place.
    """

    where: str
    ours: np.ndarray
    theirs: np.ndarray
    before: list[np.ndarray]
    source: Call | None = None
    target: Call | None = None
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    first: bool = True

    def setting(self, *names: str) -> Any:
        """Return the first attribute of these names that a layer has; else None."""
        for call in (self.target, self.source):
            for name in names:
                if call is not None and hasattr(call.layer, name):
                    return getattr(call.layer, name)
        return None


@dataclass(frozen=True)
class Found:
    """A cause, and what of it was seen.

    Attributes:
        cause: Its name in the catalogue.
        said: A sentence with the figures.
    """

    cause: str
    said: str

    def __str__(self) -> str:
        return f"{self.cause}: {self.said}"


def solve(
    cause: str, parting: Parting, candidates: Callable[[Parting], Candidates]
) -> Iterator[Found]:
    """Yield a finding if one candidate is what the source gives, another the target's.

    Args:
        cause: The name in the catalogue.
        parting: Where the models part.
        candidates: What would come out in each form.
    """
    known = list(candidates(parting))
    ours, theirs = (_nearest(array, known) for array in (parting.ours, parting.theirs))
    if ours and theirs and ours != theirs:
        yield Found(cause, f"the source computes {ours}, the target {theirs}")


def _nearest(array: np.ndarray, candidates: Candidates) -> str:
    """Return the name of what comes nearest, "" if nothing comes near.

    Of those that come as near as rounding lets one tell, the first is taken.
    """
    size = float(np.max(np.abs(array.astype(np.float64)), initial=1e-30))
    apart = [
        (difference(array, form) / size, name)
        for name, form in candidates
        if form.shape == array.shape
    ]
    best = min((worst for worst, _ in apart), default=np.inf)
    limit = max(best, SAME)
    return next((n for worst, n in apart if worst <= limit), "") if best <= NEAR else ""
