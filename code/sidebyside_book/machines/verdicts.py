"""Which verdicts of a run are others than they should be."""

from dataclasses import dataclass
from pathlib import Path

from sidebyside import ledger
from sidebyside.ledger import UNDECIDED
from sidebyside_book import gather

Verdicts = dict[str, str]
"""Claim -> verdict."""


@dataclass(frozen=True)
class Turn:
    """A verdict that is not the one of the ledger, or not the one of the plain run."""

    claim: str
    verdict: str | None
    """None if the run gave none."""
    expected: str | None
    """What the ledger expects; None if it has no such claim."""
    plain: str | None
    """What the chapter gives as it is; None if it gave none."""


def turned(first: str | None, second: str | None) -> bool:
    """Say whether two verdicts on a claim contradict each other.

    Undecided contradicts nothing; a verdict that is not there contradicts one that is.
    This is the only place that says so.
    """
    return first != second and UNDECIDED not in (first, second)


def turns(here: Verdicts, expected: Verdicts, plain: Verdicts | None) -> list[Turn]:
    """Return the verdicts that turned.

    Args:
        here: Those of the run.
        expected: Those of the ledger.
        plain: Those of the chapter as it is, which this run must have, too; None if
            this is that run, or if that one failed.
    """
    changed = []
    for claim in sorted({*here, *(plain or {})}):
        verdict, wanted = here.get(claim), expected.get(claim)
        before = plain.get(claim) if plain is not None else None
        from_ledger = wanted is not None and turned(verdict, wanted)
        if from_ledger or (plain is not None and turned(verdict, before)):
            changed.append(Turn(claim, verdict, wanted, before))
    return changed


def of_notebook(path: Path, page: str) -> Verdicts:
    """Return the verdicts that an executed notebook carries."""
    settled = gather.verdicts(gather.from_notebook(path, page))
    return {claim: verdict.record["verdict"] for claim, verdict in settled.items()}


def of_ledger() -> Verdicts:
    """Return the verdicts that the ledger expects."""
    return {name: claim.expected for name, claim in ledger.load().claims.items()}
