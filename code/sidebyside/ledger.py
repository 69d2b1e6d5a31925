"""The claims of the popular comparisons, and the rule that gives their verdicts.

The ledger is `data/claims/`: what is claimed, by whom, how it is tested, and which
verdict is expected; a file for each chapter that settles claims. No verdict is written
there. A chapter computes it, through `sidebyside.evidence`, from what it has measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from sidebyside import _tables as tables
from sidebyside._files import data_file
from sidebyside._tables import Some, Text

FOLDER = "claims"
ARTICLES, NO_CHAPTER = "articles", "no_chapter"
"""Files of the folder that are no chapter's, without `.yaml`."""
_ARTICLES_FILE = f"{FOLDER}/{ARTICLES}.yaml"

Verdict = Literal[
    "holds",
    "holds in part",
    "outdated",
    "wrong",
    "a matter of taste",
    "not testable here",
    "undecided",
]
Kind = Literal["fact", "performance", "usability", "ecosystem", "history"]
Framework = Literal["pytorch", "tensorflow", "keras", "other"]
VERDICTS: tuple[str, ...] = get_args(Verdict)
KINDS: tuple[str, ...] = get_args(Kind)
TASTE, UNTESTABLE, UNDECIDED = VERDICTS[4], VERDICTS[5], VERDICTS[6]

Truth = bool | None
"""None: what was measured does not decide it here."""


@tables.row
class Source:
    """An article that makes claims."""

    id: str
    title: Text
    about: Text


@tables.row
class Reference:
    """A public page that settles what no experiment can."""

    text: Text
    url: Text | None = None


@tables.row
class Claim:
    """One claim, in our words.

    Attributes:
        id: `C01`, `C02`, ...
        claim: What is claimed.
        sources: Ids of the articles that claim it.
        frameworks: Whom it is about.
        kind: One of `KINDS`.
        topic: In which section of the ledger's page it stands.
        expected: The verdict that we expect, one of `VERDICTS`.
        chapter: Number of the chapter that settles it; None if none can.
        test: What that chapter measures.
        once: Until when it was true, with the reason, for a claim that may be outdated.
        undecided: What would decide it, for a claim that a machine or a seed may leave
            undecided; None where that would be a defect.
        finding: What the references say, for a claim that no chapter settles.
        references: Public pages.
    """

    id: Annotated[str, tables.like(r"C\d\d+", "an id such as 'C01'")]
    claim: Text
    sources: Some[str]
    frameworks: Some[Framework]
    kind: Kind
    topic: Text
    expected: Verdict
    chapter: Text | None = None
    test: str = ""
    once: Text | None = None
    undecided: Text | None = None
    finding: Text | None = None
    references: tuple[Reference, ...] = ()

    @property
    def file(self) -> str:
        """The file in which it stands."""
        return _file(self.chapter)

    def allows(self, verdict: str) -> bool:
        """Say whether a verdict is as expected, or left open as it may be."""
        open_here = verdict == UNDECIDED and self.undecided is not None
        return open_here or verdict == self.expected


@tables.row
class Contradiction:
    """A topic on which the articles disagree, with each other or with themselves."""

    topic: Text
    says: Text
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """All that `data/claims/` says; the claims in the order of their numbers.

    Attributes:
        sources: The articles.
        topics: Id of a topic -> its title, in the order of the page.
        claims: The claims.
        contradictions: What the articles disagree about.
    """

    sources: dict[str, Source]
    topics: dict[str, str]
    claims: dict[str, Claim]
    contradictions: tuple[Contradiction, ...]

    def claim(self, name: str, caller: str = "ledger") -> Claim:
        """Return a claim.

        Raises:
            ValueError: If there is no such claim.
        """
        if name not in self.claims:
            first, last = (list(self.claims)[place] for place in (0, -1))
            raise ValueError(
                f"{caller}: expected a claim of data/{FOLDER}, {first} to {last}, "
                f"received {name!r}"
            )
        return self.claims[name]


@cache
def load() -> Ledger:
    """Return the ledger of the installed book.

    Raises:
        ValueError: If an entry is incomplete, or says something it may not say, or
            stands in another file than its chapter's.
    """
    return read(data_file(FOLDER))


def read(folder: Path) -> Ledger:
    """Return the ledger of a folder.

    Raises:
        ValueError: As in `load`; the message names the file and the claim.
    """
    content = tables.read(folder / f"{ARTICLES}.yaml")
    files = [path for path in sorted(folder.glob("*.yaml")) if path.stem != ARTICLES]
    claims = [row for path in files for row in _in_its_file(path)]
    return parse({**content, "claims": claims})


def _in_its_file(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a file, none of them another chapter's."""
    chapter = None if path.stem == NO_CHAPTER else path.stem
    rows = tables.read(path)
    place = f"{FOLDER}/{path.name}"
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        raise ValueError(f"{place}: expected a list of claims, received {rows!r:.80}")
    for number, fields in enumerate(rows, start=1):
        if (received := fields.get("chapter")) != chapter:
            raise ValueError(
                f"{place}: {tables.label(fields, number)}: expected the chapter "
                f"{chapter!r}, as the file is called, received {received!r}"
            )
        yield fields


def parse(content: Mapping[str, Any]) -> Ledger:
    """Turn `sources`, `topics`, `claims` and `contradictions` into a checked ledger.

    Raises:
        ValueError: As in `load`; the message names the claim, and its file.
    """
    sources = {
        key: tables.make(Source, {"id": key, **fields}, f"{_ARTICLES_FILE}: {key}")
        for key, fields in content["sources"].items()
    }
    topics = dict(content["topics"])
    claims: dict[str, Claim] = {}
    for claim in sorted(_claims(content["claims"]), key=lambda c: int(c.id[1:])):
        place = f"{claim.file}: {claim.id}"
        tables.refuse(place, _problems(claim, sources, topics, claims))
        claims[claim.id] = claim
    return Ledger(
        sources, topics, claims, _contradictions(content["contradictions"], claims)
    )


def _claims(rows: Sequence[Mapping[str, Any]]) -> Iterator[Claim]:
    """Yield the claims, file by file."""
    by_file: dict[str, list[Mapping[str, Any]]] = {}
    for fields in rows:
        by_file.setdefault(_file(fields.get("chapter")), []).append(fields)
    for file, group in by_file.items():
        yield from tables.make_all(Claim, group, file)


def _contradictions(
    rows: object, claims: Mapping[str, Claim]
) -> tuple[Contradiction, ...]:
    place = f"{_ARTICLES_FILE}: contradiction"
    contradictions = tables.make_all(Contradiction, rows, place)
    for contradiction in contradictions:
        if unknown := [name for name in contradiction.claims if name not in claims]:
            known = f"known claims, received {unknown}"
            tables.refuse(f"{place} {contradiction.topic!r}", [known])
    return tuple(contradictions)


def _file(chapter: str | None) -> str:
    """Return the file in `data/` that has the claims of a chapter, or of none."""
    return f"{FOLDER}/{chapter or NO_CHAPTER}.yaml"


def _problems(
    claim: Claim,
    sources: Mapping[str, Source],
    topics: Mapping[str, str],
    earlier: Mapping[str, Claim],
) -> Iterator[str]:
    if claim.id in earlier:
        file = earlier[claim.id].file
        yield f"an id that no other claim has, received one that stands in {file}"
    if unknown := [source for source in claim.sources if source not in sources]:
        yield f"known sources, received {unknown}"
    if claim.topic not in topics:
        yield f"one of the topics {list(topics)}, received {claim.topic!r}"
    if claim.expected == "outdated" and not claim.once:
        yield "`once`, until when it was true, since 'outdated' is expected"
    if claim.expected == UNDECIDED and not claim.undecided:
        yield "`undecided`, what would decide it"
    if claim.expected == UNTESTABLE:
        if claim.chapter or not (claim.finding and claim.references):
            yield "a finding with references, and no chapter"
    elif not (claim.chapter and claim.test):
        yield "a chapter and a test"


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
