"""The questions of the page "I'm choosing", read from `data/choosing.yaml` and checked.

The file says what is asked and which measurements answer it. The scores are computed
from those while the site is built.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field

from sidebyside import _tables as tables
from sidebyside import ledger
from sidebyside._files import data_file
from sidebyside._tables import Text
from sidebyside.evidence import METRICS
from sidebyside.reference.rosetta.entries import LANES, Lane

FILE = "choosing.yaml"
MOST = 5
"""The largest weight."""

Weight = Annotated[int, Field(strict=True, ge=0, le=MOST)]


@tables.row
class Metrics:
    """The sum of some metrics of the scoreboard, on all pages or on some only."""

    what: Text
    metrics: tuple[str, ...]
    only: tuple[str, ...] | Literal["chapters"] | None = None


@tables.row
class Code:
    """A size of the lanes' programs."""

    what: Text
    code: Literal["lines", "statements", "tokens", "names"]


@tables.row
class Figure:
    """Figures that a verdict carries."""

    what: Text
    figure: Text
    claim: Text


@tables.row
class Race:
    """What a race found for an entry of each lane: its median, or its first call."""

    what: Text
    race: Text
    page: Text
    lanes: dict[Lane, Text]
    time: Literal["first"] | None = None


KINDS = {"metrics": Metrics, "code": Code, "figure": Figure, "race": Race}
"""Kind of criterion, which is the name of its main field -> its fields."""


@tables.row
class Criterion:
    """Something that was measured in the same way in every lane; less is better.

    Attributes:
        what: What was measured, in words.
        kind: One of `KINDS`.
        fields: What the kind needs to find the measurement.
    """

    what: str
    kind: str
    fields: dict[str, Any]


@tables.row
class Question:
    """A question that the reader weighs."""

    id: Annotated[str, tables.like("[a-z]+", "an id of small letters")]
    short: Text
    ask: Text
    criteria: tuple[Criterion, ...]


@tables.row
class Profile:
    """Weights that somebody might have, by question."""

    id: Text
    name: Text
    about: Text
    weights: dict[str, Weight]


@tables.row
class Silent:
    """Something that the numbers can't tell, and what the book says about it."""

    what: Text
    why: Text
    claims: tuple[str, ...] = ()
    metric: str | None = None


@tables.row
class Choosing:
    """All that `data/choosing.yaml` says."""

    questions: dict[str, Question]
    profiles: tuple[Profile, ...]
    silent: tuple[Silent, ...]


@cache
def load() -> Choosing:
    """Return the questions of the installed book.

    Raises:
        ValueError: If an entry is incomplete, or says something it may not say.
    """
    return parse(tables.read(data_file(FILE)))


def parse(content: Mapping[str, Any]) -> Choosing:
    """Turn the content of the file into questions and profiles, and check them.

    Raises:
        ValueError: As in `load`; the message names the entry.
    """
    rows = [
        fields | {"criteria": [_criterion(fields["id"], c) for c in fields["criteria"]]}
        for fields in content["questions"]
    ]
    questions = tables.by_id(tables.make_all(Question, rows, FILE), FILE)
    profiles = tables.make_all(Profile, content["profiles"], f"{FILE}: profile")
    whole = tuple(_whole(profile, list(questions)) for profile in profiles)
    silent = tables.make_all(Silent, content["silent"], f"{FILE}: silent")
    for name in (name for row in silent for name in row.claims):
        ledger.load().claim(name, "choosing")
    return Choosing(questions, whole, tuple(silent))


def _criterion(question: str, fields: Mapping[str, Any]) -> Criterion:
    place = f"{FILE}: {question}"
    kind = next((kind for kind in KINDS if kind in fields), "")
    if not kind:
        raise ValueError(
            f"{place}: expected a criterion with one of {list(KINDS)}, "
            f"received {sorted(fields)}"
        )
    made = tables.make(KINDS[kind], fields, place)
    tables.refuse(place, _problems(made))
    rest = {key: value for key, value in fields.items() if key != "what"}
    return Criterion(fields["what"], kind, rest)


def _problems(made: object) -> Iterator[str]:
    if isinstance(made, Metrics) and (unknown := set(made.metrics) - METRICS.keys()):
        yield f"metrics of {list(METRICS)}, received {sorted(unknown)}"
    if isinstance(made, Race) and list(made.lanes) != list(LANES):
        yield f"an entry of each of {LANES}, received {list(made.lanes)}"
    if isinstance(made, Figure):
        claim = ledger.load().claim(made.claim, "choosing")
        if claim.expected in (ledger.TASTE, ledger.UNTESTABLE):
            yield f"a claim that is measured, {claim.id} is {claim.expected!r}"


def _whole(profile: Profile, questions: Sequence[str]) -> Profile:
    """Return a profile with a weight for each question, 0 where it has none."""
    place, weights = f"{FILE}: profile: {profile.id}", profile.weights
    if unknown := [name for name in weights if name not in questions]:
        raise ValueError(
            f"{place}: expected questions of {list(questions)}, received {unknown}"
        )
    if not any(weights.values()):
        raise ValueError(
            f"{place}: expected weights, not all of them 0, received {weights}"
        )
    whole = {name: weights.get(name, 0) for name in questions}
    return Profile(profile.id, profile.name, profile.about, whole)
