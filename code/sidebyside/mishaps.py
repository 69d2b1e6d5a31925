"""An atlas of mistakes: what a framework says to each, or that it says nothing.

The code under watch is plain code of its framework. The atlas catches what that raises,
warns and logs, and keeps the text with what can be counted about it: its length, what
it names, where it points. The outcome itself is a kind, one of `KINDS`; it depends on
no length, and on no warning about something else.
"""

import contextlib
import io
import logging
import pdb
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from sidebyside import records
from sidebyside._mishap import (
    KINDS,
    Curve,
    Mishap,
    Tell,
    is_about,
    is_of_the_book,
    names_in,
    place,
    shorten,
    show,
)
from sidebyside.plots import LANES

__all__ = ["KINDS", "Atlas", "Case", "Mishap", "MishapError", "ask", "shorten"]

Expected = Mapping[str, Sequence[str | None]]

_NOT_A_FINDING = (NameError, SyntaxError, ImportError, MemoryError)
"""Errors that a chapter makes when it is broken itself."""

_IGNORED = (DeprecationWarning, PendingDeprecationWarning, ResourceWarning)


class MishapError(AssertionError):
    """A mistake had another outcome than the chapter says."""


@dataclass
class Case:
    """What the code under watch says about itself.

    Attributes:
        right: Whether the result is what was meant; must be set where nothing raises,
            by a measurement that no seed and no machine can turn.
        note: What was measured, in a few words.
        seen: When one sees it, in a few words.
        curve: The values of the run, and of the healthy one.
    """

    right: bool | None = None
    note: str = ""
    seen: str = ""
    curve: Curve | None = None

    def follow(
        self,
        values: Sequence[float],
        healthy: Sequence[float],
        *,
        by: float,
        unit: str = "epochs",
    ) -> None:
        """Compare a run with the healthy one, and note when the two part.

        Sets `seen` and `curve`. It does not set `right`: two losses may be near each
        other by luck.

        Args:
            values: What the run with the mistake reports, shape (n,).
            healthy: The same of the run without it.
            by: How far the two are apart, as a share of the healthy value, when one
                sees it. NaN is always seen.
            unit: What an entry stands for.

        Raises:
            ValueError: If the two have different lengths, or none.
        """
        a, b = (np.asarray(part, dtype=np.float64) for part in (values, healthy))
        if a.ndim != 1 or a.shape != b.shape or not a.size:
            raise ValueError(
                f"follow: expected two rows of equal length, received shapes {a.shape} "
                f"and {b.shape}"
            )
        apart = np.flatnonzero(~(abs(a - b) <= by * abs(b)))
        self.curve = (a.tolist(), b.tolist())
        of = f"of {a.size} {unit}"
        self.seen = f"after {apart[0] + 1} {of}" if apart.size else f"in none {of}"


class Atlas(dict[tuple[str, str], Mishap]):
    """Mistakes by name and lane, in the order in which they were made."""

    @contextlib.contextmanager
    def watch(self, mistake: str, lane: str, *tells: Tell) -> Iterator[Case]:
        """Catch what the block below raises, warns or logs; keep it and show it.

        A cell that runs again replaces what was kept of its mistake and lane.

        Args:
            mistake: The mistake's name, the same in all lanes.
            lane: The lane.
            *tells: What a helpful message would name: a shape, or a text (`"a|b"`
                for either). A warning that names none of them is about something else,
                as one about a missing driver, and is left out.

        Yields:
            The `Case`, to note whether a silent result is right.

        Raises:
            ValueError: If the lane is unknown, or if the block raised nothing and did
                not say whether its result is right. What the book's own package raises
                is no finding either: it is passed on.
        """
        with self.catch(mistake, lane, *tells) as case:
            yield case
        show(self[mistake, lane])

    @contextlib.contextmanager
    def catch(self, mistake: str, lane: str, *tells: Tell) -> Iterator[Case]:
        """Do what `watch` does, but show nothing."""
        _check_lane(lane)
        case, caught = Case(), None
        with _listening() as heard:
            try:
                yield case
            except _NOT_A_FINDING:
                raise
            except Exception as error:  # whatever the framework raises is the finding
                if is_of_the_book(error):
                    raise
                caught = error
        if caught is None and case.right is None:
            raise ValueError(
                f"watch: {mistake} in {lane}: expected an error, or `right` to be set, "
                "received neither"
            )
        self[mistake, lane] = _mishap((mistake, lane), case, caught, heard, tells)

    def rule_out(self, mistake: str, lane: str, why: str) -> None:
        """Keep and show that a mistake can't happen in a lane.

        Args:
            mistake: The mistake's name, the same in all lanes.
            lane: The lane.
            why: The reason, in a few words; the cell around shows it.
        """
        _check_lane(lane)
        self[mistake, lane] = Mishap(mistake, lane, kind="impossible", note=why)
        show(self[mistake, lane])

    def mistakes(self) -> list[str]:
        """Return the names of the mistakes, in their order."""
        return list(dict.fromkeys(mistake for mistake, _ in self))

    def of(self, lane: str, *kinds: str) -> list[Mishap]:
        """Return what had one of these outcomes in a lane; with no outcome, all."""
        mine = [mishap for mishap in self.values() if mishap.lane == lane]
        return [mishap for mishap in mine if not kinds or mishap.kind in kinds]

    def check(self, expected: Expected) -> None:
        """Compare all outcomes with those that are expected.

        Args:
            expected: Mistake -> the outcome in each lane, in their order; None for a
                mistake that was not made in a lane.

        Raises:
            MishapError: If one is not as expected, or if an error or a warning names
                nothing that belongs to the mistake; names all of them.
        """
        wanted = {
            (mistake, lane): kind
            for mistake, kinds in expected.items()
            for lane, kind in zip(LANES, kinds, strict=True)
            if kind
        }
        received = {key: mishap.kind for key, mishap in self.items()}
        wrong = [
            f"{mistake} in {lane}: expected {wanted.get((mistake, lane))!r}, "
            f"received {received.get((mistake, lane))!r}"
            for mistake, lane in {**wanted, **received}
            if wanted.get((mistake, lane)) != received.get((mistake, lane))
        ]
        wrong += [
            f"{mistake} in {lane}: expected a message about it, received "
            f"{mishap.error}: {mishap.message[:80]!r}"
            for (mistake, lane), mishap in self.items()
            if mishap.named and not any(mishap.named.values())
        ]
        if wrong:
            raise MishapError("atlas: " + "; ".join(wrong))

    def show(self) -> None:
        """Show the outcome of each mistake in each lane as a table."""
        caption = "The atlas: what became of each mistake"
        header = ["mistake", *(look.label for look in LANES.values())]
        rows = [
            [
                mistake,
                *(
                    self[mistake, lane].short if (mistake, lane) in self else "not made"
                    for lane in LANES
                ),
            ]
            for mistake in self.mistakes()
        ]
        records.emit(
            "atlas",
            {"outcomes": [[m.mistake, m.lane, m.kind] for m in self.values()]},
            as_html=records.html_table(caption, header, rows),
            as_text=records.text_table(caption, header, rows),
        )


def ask(frame: FrameType, expression: str) -> float | None:
    """Ask Python's debugger for a number, as a reader at a breakpoint would.

    Args:
        frame: Where the debugger stands: `sys._getframe()` for the caller itself.
        expression: What is typed behind `p`.

    Returns:
        The number that `pdb` prints; None if it prints none, as in a graph that is
        only traced.
    """
    typed, said = io.StringIO(f"p {expression}\ncontinue\n"), io.StringIO()
    debugger = pdb.Pdb(stdin=typed, stdout=said, nosigint=True, readrc=False)
    debugger.prompt = ""
    debugger.reset()
    debugger.interaction(frame, None)
    try:
        return float(said.getvalue().splitlines()[-1])
    except (IndexError, ValueError):
        return None


def _check_lane(lane: str) -> None:
    if lane not in LANES:
        raise ValueError(f"watch: expected one of {list(LANES)}, received {lane!r}")


@contextlib.contextmanager
def _listening() -> Iterator[list[tuple[str, str]]]:
    """Hold back warnings, logged ones too, and gather them as (class, text)."""
    heard: list[tuple[str, str]] = []
    pass_on = logging.Logger.callHandlers

    def hold(logger: logging.Logger, record: logging.LogRecord) -> None:
        if record.levelno < logging.WARNING:
            pass_on(logger, record)
        else:
            heard.append((f"log of {record.name}", record.getMessage()))

    logging.Logger.callHandlers = hold  # type: ignore[method-assign]
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield heard
    finally:
        logging.Logger.callHandlers = pass_on  # type: ignore[method-assign]
    heard += [
        (warning.category.__name__, str(warning.message))
        for warning in caught
        if not issubclass(warning.category, _IGNORED)
    ]


def _mishap(
    key: tuple[str, str],
    case: Case,
    caught: Exception | None,
    heard: list[tuple[str, str]],
    tells: Sequence[Tell],
) -> Mishap:
    heard = [(name, text) for name, text in heard if is_about(text, tells)]
    said = [str(caught)] if caught else []
    said += {
        re.sub(r"\d", "", shorten(text)): text for _, text in reversed(heard)
    }.values()
    message = shorten("\n".join(said))
    kind = "raises" if caught else "warns" if heard else "silent"
    if kind == "silent" and case.right:
        kind = "right"
    facts: dict[str, Any] = {"note": case.note, "seen": case.seen, "curve": case.curve}
    if caught:
        facts |= place(caught) | {"error": type(caught).__name__, "exception": caught}
    elif heard:
        facts["error"] = heard[0][0]
    if kind in ("raises", "warns"):
        facts["seen"] = "at once"
    elif kind == "silent" and not case.seen:
        facts["seen"] = "unseen"
    return Mishap(
        *key, kind=kind, message=message, named=names_in(message, tells), **facts
    )
