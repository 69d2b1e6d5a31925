"""The ledger of claims: its file, its checks, and the rule of the verdicts."""

import copy
from typing import Any

import pytest

from sidebyside import ledger

CONTENT: dict[str, Any] = {
    "sources": {"S1": {"title": "An article", "about": "2021"}},
    "claims": [
        {
            "id": "C01",
            "claim": "A holds.",
            "sources": ["S1"],
            "frameworks": ["keras"],
            "kind": "fact",
            "expected": "outdated",
            "chapter": "49",
            "test": "Look.",
            "once": "until 2020",
        },
        {
            "id": "C02",
            "claim": "B was.",
            "sources": ["S1"],
            "frameworks": ["other"],
            "kind": "history",
            "expected": "not testable here",
            "finding": "Holds: it was.",
            "references": [{"text": "README, 2020", "url": "https://example.org"}],
        },
    ],
    "contradictions": [{"topic": "T", "says": "A, not A.", "claims": ["C01"]}],
}


def changed(index: int, **fields: Any) -> dict[str, Any]:
    content = copy.deepcopy(CONTENT)
    for key, value in fields.items():
        if value is None:
            content["claims"][index].pop(key)
        else:
            content["claims"][index][key] = value
    return content


def test_the_book_has_a_whole_ledger() -> None:
    found = ledger.load()
    assert list(found.claims) == [f"C{n:02d}" for n in range(1, 193)]
    assert len(found.sources) == 5
    assert len(found.contradictions) >= 20
    assert {claim.kind for claim in found.claims.values()} == set(ledger.KINDS)


def test_no_claim_is_left_without_a_way_to_settle_it() -> None:
    for claim in ledger.load().claims.values():
        assert claim.chapter or claim.references, claim.id


def test_a_good_file_is_read() -> None:
    found = ledger.parse(CONTENT)
    assert found.claim("C02").references[0].url == "https://example.org"
    assert found.contradictions[0].claims == ("C01",)


@pytest.mark.parametrize(
    ("claim", "fields", "said"),
    [
        (0, {"claim": None}, r"missing \['claim'\]"),
        (0, {"verdict": "holds"}, r"unknown \['verdict'\]"),
        (0, {"sources": ["S9"]}, r"known sources, received \['S9'\]"),
        (0, {"frameworks": ["jax"]}, r"received \['jax'\]"),
        (0, {"kind": "rumour"}, "received 'rumour'"),
        (0, {"expected": "true"}, "received 'true'"),
        (0, {"once": None}, "`once`, until when it was true"),
        (0, {"test": None}, "a chapter and a test"),
        (1, {"finding": None}, "a finding with references, and no chapter"),
        (1, {"chapter": "49"}, "a finding with references, and no chapter"),
        (1, {"id": "C01"}, "an id that no other claim has"),
    ],
)
def test_a_bad_claim_is_refused_by_name(
    claim: int, fields: dict[str, Any], said: str
) -> None:
    name = fields.get("id", f"C0{claim + 1}")
    with pytest.raises(ValueError, match=f"ledger: {name}: expected .*{said}"):
        ledger.parse(changed(claim, **fields))


def test_a_contradiction_names_known_claims() -> None:
    content = copy.deepcopy(CONTENT)
    content["contradictions"][0]["claims"] = ["C77"]
    with pytest.raises(ValueError, match=r"'T': expected known claims.*C77"):
        ledger.parse(content)


@pytest.mark.parametrize(
    ("parts", "signs", "once", "expected", "verdict"),
    [
        ([True, True], [], None, "wrong", "holds"),
        ([True, False], [], None, "holds", "holds in part"),
        ([False, False], [], None, "holds", "wrong"),
        ([False], [], "until 2020", "holds", "outdated"),
        ([True, False], [], "until 2020", "outdated", "holds in part"),
        ([True], [True], "until 2020", "holds", "outdated"),
        ([True], [False], "until 2020", "outdated", "holds"),
        ([True], [], None, "a matter of taste", "a matter of taste"),
        ([False], [], None, "a matter of taste", "a matter of taste"),
    ],
)
def test_the_rule(
    parts: list[bool], signs: list[bool], once: str | None, expected: str, verdict: str
) -> None:
    content = changed(0, once=once or "x", expected=expected)
    claim = ledger.parse(content).claim("C01")
    claim = type(claim)(**{**vars(claim), "once": once})
    decided = ledger.decide(
        claim,
        {str(i): part for i, part in enumerate(parts)},
        {str(i): sign for i, sign in enumerate(signs)},
    )
    assert decided == verdict


@pytest.mark.parametrize(
    ("once", "parts", "signs", "verdict"),
    [
        (None, [None], [], "undecided"),
        (None, [True, None], [], "undecided"),
        (None, [False, None], [], "undecided"),
        (None, [True, False, None], [], "holds in part"),
        ("2020", [True], [None], "undecided"),
        ("2020", [False], [None], "outdated"),
        ("2020", [None], [True], "outdated"),
    ],
)
def test_what_is_open_leaves_a_verdict_open_if_it_could_turn_it(
    once: str | None, parts: list[bool | None], signs: list[bool | None], verdict: str
) -> None:
    claim = ledger.parse(changed(0, once=once or "x")).claim("C01")
    claim = type(claim)(**{**vars(claim), "once": once})
    decided = ledger.decide(
        claim,
        {str(i): part for i, part in enumerate(parts)},
        {str(i): sign for i, sign in enumerate(signs)},
    )
    assert decided == verdict


def test_an_expected_undecided_says_what_would_decide_it() -> None:
    with pytest.raises(ValueError, match="`undecided`, what would decide it"):
        ledger.parse(changed(0, expected="undecided"))
    said = "five seeds more"
    parsed = ledger.parse(changed(0, expected="undecided", undecided=said))
    assert parsed.claim("C01").undecided == said
