"""The claims of the popular comparisons, and the rule that gives their verdicts.

The ledger is `data/claims.yaml`: what is claimed, by whom, how it is tested, and which
verdict is expected. No verdict is written there. A chapter computes it, through
`sidebyside.evidence`, from what it has measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from sidebyside._files import data_file

FILE = "claims.yaml"
VERDICTS = (
    "holds",
    "holds in part",
    "outdated",
    "wrong",
    "a matter of taste",
    "not testable here",
    "undecided",
)
KINDS = ("fact", "performance", "usability", "ecosystem", "history")
FRAMEWORKS = ("pytorch", "tensorflow", "keras", "other")
TASTE, UNTESTABLE, UNDECIDED = VERDICTS[4], VERDICTS[5], VERDICTS[6]

Truth = bool | None
"""None: what was measured does not decide it here."""


@dataclass(frozen=True)
class Source:
    """An article that makes claims."""

    id: str
    title: str
    about: str


@dataclass(frozen=True)
class Reference:
    """A public page that settles what no experiment can."""

    text: str
    url: str | None


@dataclass(frozen=True)
class Claim:
    """One claim, in our words.

    Attributes:
        id: `C01`, `C02`, ...
        claim: What is claimed.
        sources: Ids of the articles that claim it.
        frameworks: Whom it is about.
        kind: One of `KINDS`.
        chapter: Number of the chapter that settles it; None if none can.
        test: What that chapter measures.
        expected: The verdict that we expect, one of `VERDICTS`.
        once: Until when it was true, with the reason, for a claim that may be outdated.
        undecided: What would decide it, for a claim that a machine or a seed may leave
            undecided; None where that would be a defect.
        finding: What the references say, for a claim that no chapter settles.
        references: Public pages.
    """

    id: str
    claim: str
    sources: tuple[str, ...]
    frameworks: tuple[str, ...]
    kind: str
    chapter: str | None
    test: str
    expected: str
    once: str | None
    undecided: str | None
    finding: str | None
    references: tuple[Reference, ...]

    def allows(self, verdict: str) -> bool:
        """Say whether a verdict is as expected, or left open as it may be."""
        open_here = verdict == UNDECIDED and self.undecided is not None
        return open_here or verdict == self.expected


@dataclass(frozen=True)
class Contradiction:
    """A topic on which the articles disagree, with each other or with themselves."""

    topic: str
    says: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """All that `data/claims.yaml` says."""

    sources: dict[str, Source]
    claims: dict[str, Claim]
    contradictions: tuple[Contradiction, ...]

    def claim(self, name: str, caller: str = "ledger") -> Claim:
        """Return a claim.

        Raises:
            ValueError: If there is no such claim.
        """
        if name not in self.claims:
            first, last = min(self.claims), max(self.claims)
            raise ValueError(
                f"{caller}: expected a claim of data/{FILE}, {first} to {last}, "
                f"received {name!r}"
            )
        return self.claims[name]


@cache
def load() -> Ledger:
    """Return the ledger of the installed book.

    Raises:
        ValueError: If an entry is incomplete, or says something it may not say.
    """
    return parse(yaml.safe_load(data_file(FILE).read_text(encoding="utf-8")))


def parse(content: Mapping[str, Any]) -> Ledger:
    """Turn the content of the file into a ledger, and check it.

    Raises:
        ValueError: As in `load`; the message names the claim.
    """
    sources = {key: Source(key, **fields) for key, fields in content["sources"].items()}
    claims: dict[str, Claim] = {}
    for fields in content["claims"]:
        claim = _claim(fields)
        _check(claim, sources, claims)
        claims[claim.id] = claim
    contradictions = tuple(
        Contradiction(row["topic"], row["says"], tuple(row["claims"]))
        for row in content["contradictions"]
    )
    for row in contradictions:
        if unknown := [name for name in row.claims if name not in claims]:
            raise ValueError(
                f"ledger: contradiction {row.topic!r}: expected known claims, "
                f"received {unknown}"
            )
    return Ledger(sources, claims, contradictions)


def _claim(fields: Mapping[str, Any]) -> Claim:
    name = fields.get("id", "?")
    required = ("id", "claim", "sources", "frameworks", "kind", "expected")
    optional = ("chapter", "test", "once", "undecided", "finding", "references")
    missing = [key for key in required if not fields.get(key)]
    unknown = [key for key in fields if key not in (*required, *optional)]
    if missing or unknown:
        raise ValueError(
            f"ledger: {name}: expected {', '.join(required)} and perhaps "
            f"{', '.join(optional)}; missing {missing}, unknown {unknown}"
        )
    references = fields.get("references", [])
    return Claim(
        id=name,
        claim=fields["claim"],
        sources=tuple(fields["sources"]),
        frameworks=tuple(fields["frameworks"]),
        kind=fields["kind"],
        chapter=fields.get("chapter"),
        test=fields.get("test", ""),
        expected=fields["expected"],
        once=fields.get("once"),
        undecided=fields.get("undecided"),
        finding=fields.get("finding"),
        references=tuple(Reference(r["text"], r.get("url")) for r in references),
    )


def _check(
    claim: Claim, sources: Mapping[str, Source], earlier: Mapping[str, Claim]
) -> None:
    problems = []
    if claim.id in earlier:
        problems.append("an id that no other claim has")
    if unknown := [source for source in claim.sources if source not in sources]:
        problems.append(f"known sources, received {unknown}")
    if unknown := [name for name in claim.frameworks if name not in FRAMEWORKS]:
        problems.append(f"frameworks of {FRAMEWORKS}, received {unknown}")
    if claim.kind not in KINDS:
        problems.append(f"a kind of {KINDS}, received {claim.kind!r}")
    if claim.expected not in VERDICTS:
        problems.append(f"a verdict of {VERDICTS}, received {claim.expected!r}")
    if claim.expected == "outdated" and not claim.once:
        problems.append("`once`, until when it was true, since 'outdated' is expected")
    if claim.expected == UNDECIDED and not claim.undecided:
        problems.append("`undecided`, what would decide it")
    if claim.expected == UNTESTABLE:
        if claim.chapter or not (claim.finding and claim.references):
            problems.append("a finding with references, and no chapter")
    elif not (claim.chapter and claim.test):
        problems.append("a chapter and a test")
    if problems:
        raise ValueError(f"ledger: {claim.id}: expected {'; '.join(problems)}")


def decide(
    claim: Claim, parts: Mapping[str, Truth], overtaken: Mapping[str, Truth]
) -> str:
    """Return the verdict that follows from what was measured.

    Args:
        claim: The claim.
        parts: What the claim says, in parts -> whether that was measured to be so; None
            where the measurement leaves it open.
        overtaken: Signs that time has passed the claim by -> whether they were seen.

    Returns:
        One of `VERDICTS`: *a matter of taste* if the ledger says that it is one;
        *outdated* if a sign was seen, or if no part holds that once did; else
        *holds*, *holds in part* or *wrong*, for all, some or none of the parts.
        *undecided* if the open parts could change that.
    """
    if claim.expected == TASTE:
        return TASTE
    possible = {
        _decide(claim, _filled(parts, truth), _filled(overtaken, sign))
        for truth in (True, False)
        for sign in (True, False)
    }
    return possible.pop() if len(possible) == 1 else UNDECIDED


def _filled(truths: Mapping[str, Truth], truth: bool) -> list[bool]:
    """Return the truths with one for all those that are open."""
    return [truth if value is None else value for value in truths.values()]


def _decide(claim: Claim, parts: Sequence[bool], overtaken: Sequence[bool]) -> str:
    if any(overtaken) or (claim.once and not any(parts)):
        return "outdated"
    if all(parts):
        return "holds"
    return "holds in part" if any(parts) else "wrong"
