"""The ledger of claims: its file, its checks, and the rule of the verdicts."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidebyside import ledger

CONTENT: dict[str, Any] = {
    "topics": {"speed": "Speed", "ease": "Ease of use"},
    "sources": {"S1": {"title": "An article", "about": "2021"}},
    "claims": [
        {
            "id": "C01",
            "claim": "A holds.",
            "sources": ["S1"],
            "frameworks": ["keras"],
            "kind": "fact",
            "topic": "speed",
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
            "topic": "ease",
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
    assert {claim.topic for claim in found.claims.values()} == set(found.topics)


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
        (0, {"claim": None}, "a field 'claim'"),
        (0, {"verdict": "holds"}, "no field but .*received 'verdict'"),
        (0, {"sources": ["S9"]}, r"known sources, received \['S9'\]"),
        (
            0,
            {"topic": "cost"},
            r"one of the topics \['speed', 'ease'\], received 'cost'",
        ),
        (0, {"frameworks": ["jax"]}, "'keras' or 'other', received 'jax'"),
        (0, {"kind": "rumour"}, "received 'rumour'"),
        (0, {"expected": "true"}, "received 'true'"),
        (0, {"once": None}, "`once`, until when it was true"),
        (0, {"test": None}, "a chapter and a test"),
        (1, {"finding": None}, "a finding with references, and no chapter"),
        (1, {"chapter": "49"}, "a finding with references, and no chapter"),
        (1, {"id": "C01"}, "an id that no other claim has.* in claims/49.yaml"),
        (1, {"id": None}, "a field 'id'"),
        (1, {"id": "C1"}, "an id such as 'C01'"),
        (0, {"sources": []}, "one at least"),
        (0, {"claim": " "}, "a text, received ' '"),
    ],
)
def test_a_bad_claim_is_refused_by_name(
    claim: int, fields: dict[str, Any], said: str
) -> None:
    name = fields.get("id", f"C0{claim + 1}") or 1  # its place in the file
    chapter = {**CONTENT["claims"][claim], **fields}.get("chapter", "no_chapter")
    place = f"^claims/{chapter}.yaml: {name}: "
    with pytest.raises(ValueError, match=f"{place}.*expected .*{said}"):
        ledger.parse(changed(claim, **fields))


def stored(folder: Path, **files: Any) -> Path:
    """Write a ledger as the book has it, a file a chapter."""
    first, second = CONTENT["claims"]
    articles = {k: v for k, v in CONTENT.items() if k != "claims"}
    whole = {"articles": articles, "no_chapter": [second], "49": [first], **files}
    for name, content in whole.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    return folder


def test_the_files_of_a_folder_are_one_ledger(tmp_path: Path) -> None:
    later = {**CONTENT["claims"][0], "id": "C100", "chapter": "08"}
    found = ledger.read(stored(tmp_path, **{"08": [later]}))
    assert list(found.claims) == ["C01", "C02", "C100"]
    assert found.claim("C100").file == "claims/08.yaml"
    with pytest.raises(ValueError, match="C01 to C100, received 'C03'"):
        found.claim("C03")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("08", CONTENT["claims"][:1], "C01: expected the chapter '08'.*received '49'"),
        ("08", [{"claim": "A."}], "1: expected the chapter '08'.*received None"),
        ("no_chapter", CONTENT["claims"][:1], "C01: expected the chapter None.*'49'"),
        ("08", {"C01": {}}, "expected a list of claims"),
        ("08", None, "expected a list of claims, received None"),
    ],
)
def test_a_claim_in_another_file_than_its_own_is_named(
    tmp_path: Path, name: str, content: Any, said: str
) -> None:
    folder = stored(tmp_path, **{name: content})
    with pytest.raises(ValueError, match=f"^claims/{name}.yaml: {said}"):
        ledger.read(folder)


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
