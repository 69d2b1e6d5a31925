"""The questions of the page "I'm choosing", read from `data/choosing.yaml` and checked.

The file says what is asked and which measurements answer it. The scores are computed
from those while the site is built.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from sidebyside import ledger
from sidebyside._files import data_file
from sidebyside.evidence import METRICS
from sidebyside.reference.rosetta.entries import LANES

FILE = "choosing.yaml"
MOST = 5
"""The largest weight."""

SIZES = ("lines", "statements", "tokens", "names")
FIELDS = {
    "metrics": {"what", "metrics"},
    "code": {"what", "code"},
    "figure": {"what", "figure", "claim"},
    "race": {"what", "race", "page", "lanes"},
}
"""Kind of criterion -> its fields."""

OPTIONAL = {"metrics": {"only"}, "race": {"time"}}
"""Kind of criterion -> fields that it may have besides."""


@dataclass(frozen=True)
class Criterion:
    """Something that was measured in the same way in every lane; less is better.

    Attributes:
        what: What was measured, in words.
        kind: One of `FIELDS`.
        fields: What the kind needs to find the measurement.
    """

    what: str
    kind: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Question:
    """A question that the reader weighs."""

    id: str
    short: str
    ask: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Profile:
    """Weights that somebody might have: question -> 0 to `MOST`."""

    id: str
    name: str
    about: str
    weights: dict[str, int]


@dataclass(frozen=True)
class Silent:
    """Something that the numbers can't tell, and what the book says about it."""

    what: str
    why: str
    claims: tuple[str, ...] = ()
    metric: str | None = None


@dataclass(frozen=True)
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
    return parse(yaml.safe_load(data_file(FILE).read_text(encoding="utf-8")))


def parse(content: Mapping[str, Any]) -> Choosing:
    """Turn the content of the file into questions and profiles, and check them.

    Raises:
        ValueError: As in `load`; the message names the entry.
    """
    questions: dict[str, Question] = {}
    for fields in content["questions"]:
        name = fields["id"]
        if name in questions or not (name.isalpha() and name.islower()):
            raise ValueError(
                f"choosing: {name}: expected an id of small letters that no other "
                "question has"
            )
        criteria = tuple(_criterion(name, one) for one in fields["criteria"])
        questions[name] = Question(name, fields["short"], fields["ask"], criteria)
    profiles = tuple(_profile(one, questions) for one in content["profiles"])
    silent = tuple(_silent(one) for one in content["silent"])
    return Choosing(questions, profiles, silent)


def _criterion(question: str, fields: Mapping[str, Any]) -> Criterion:
    kind = next((kind for kind in FIELDS if kind in fields), "")
    own = fields.keys() - OPTIONAL.get(kind, set())
    if not kind or own != FIELDS[kind] or fields.get("time") not in (None, "first"):
        raise ValueError(
            f"choosing: {question}: expected a criterion with one of "
            f"{[sorted(f) for f in FIELDS.values()]}, received {sorted(fields)}"
        )
    if problems := _problems(kind, fields):
        raise ValueError(f"choosing: {question}: expected {'; '.join(problems)}")
    rest = {key: value for key, value in fields.items() if key != "what"}
    return Criterion(fields["what"], kind, rest)


def _problems(kind: str, fields: Mapping[str, Any]) -> list[str]:
    found = []
    if kind == "metrics" and (unknown := set(fields["metrics"]) - METRICS.keys()):
        found.append(f"metrics of {list(METRICS)}, received {sorted(unknown)}")
    if kind == "code" and fields["code"] not in SIZES:
        found.append(f"one of {SIZES}, received {fields['code']!r}")
    if kind == "race" and list(fields["lanes"]) != list(LANES):
        found.append(f"an entry of each of {LANES}, received {list(fields['lanes'])}")
    if kind == "figure":
        claim = ledger.load().claim(fields["claim"], "choosing")
        if claim.expected in (ledger.TASTE, ledger.UNTESTABLE):
            found.append(f"a claim that is measured, {claim.id} is {claim.expected!r}")
    return found


def _profile(fields: Mapping[str, Any], questions: Sequence[str]) -> Profile:
    weights = fields["weights"]
    if unknown := [name for name in weights if name not in questions]:
        raise ValueError(
            f"choosing: profile {fields['id']!r}: expected questions of "
            f"{list(questions)}, received {unknown}"
        )
    bad = [w for w in weights.values() if w not in range(MOST + 1)]
    if bad or not any(weights.values()):
        raise ValueError(
            f"choosing: profile {fields['id']!r}: expected whole weights from 0 to "
            f"{MOST}, not all of them 0, received {weights}"
        )
    whole = {name: weights.get(name, 0) for name in questions}
    return Profile(fields["id"], fields["name"], fields["about"], whole)


def _silent(fields: Mapping[str, Any]) -> Silent:
    claims = tuple(fields.get("claims", ()))
    for name in claims:
        ledger.load().claim(name, "choosing")
    return Silent(fields["what"], fields["why"], claims, fields.get("metric"))
