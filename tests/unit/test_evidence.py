"""Measurements and verdicts: what they show, what they record, what they refuse."""

import json
from typing import Any

import numpy as np
import pytest

from sidebyside import evidence, ledger, records


@pytest.fixture
def one_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger with a plain claim, one that was true once, and an untestable one."""

    def claim(name: str, **fields: Any) -> dict[str, Any]:
        given = {
            "id": name,
            "claim": f"{name} <is> so.",
            "sources": ["S1"],
            "frameworks": ["keras"],
            "kind": "fact",
            "topic": "speed",
            "expected": "holds",
            "chapter": "49",
            "test": "Look.",
        }
        return {key: v for key, v in {**given, **fields}.items() if v is not None}

    content = {
        "topics": {"speed": "Speed", "ease": "Ease of use"},
        "sources": {"S1": {"title": "An article", "about": "2021"}},
        "claims": [
            claim("C01"),
            claim("C02", expected="outdated", once="until 2020"),
            claim(
                "C03",
                expected="not testable here",
                chapter=None,
                test=None,
                finding="It was.",
                references=[{"text": "README"}],
            ),
        ],
        "contradictions": [],
    }
    found = ledger.parse(content)
    monkeypatch.setattr(ledger, "load", lambda: found)


def record(shown: list[dict[str, Any]]) -> dict[str, Any]:
    (bundle,) = shown
    json.dumps(bundle, allow_nan=False)
    return bundle[records.MIME]


def test_samples_become_median_and_quartiles(shown: list[dict[str, Any]]) -> None:
    evidence.measure(
        "time per training step",
        {"keras": [3e-3, 1e-3, 2e-3], "pytorch": np.float32(0.5)},
        conditions={"batch": 64, "optimizer": "SGD"},
    )
    found = record(shown)
    assert found["unit"] == "s"
    assert dict(found["conditions"]) == {"batch": 64, "optimizer": "SGD"}
    assert {"versions", "threads", "processor", "backend"} <= found.keys()
    pytorch, keras = found["rows"]
    assert pytorch == {
        "lane": "pytorch",
        "value": 0.5,
        "q1": 0.5,
        "q3": 0.5,
        "samples": 1,
    }
    assert (keras["value"], keras["q1"], keras["samples"]) == (2e-3, 1.5e-3, 3)
    assert "2 ms" in shown[0]["text/plain"]
    assert "batch 64" in shown[0]["text/html"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("accuracy", {"jax": 1.0}), r"lanes of .*received \['jax'\]"),
        (("accuracy", {}), r"lanes of .*received \[\]"),
        (("accuracy", {"keras": float("nan")}), "finite number .*'keras'"),
        (("accuracy", {"keras": []}), "finite number"),
        (("accuracy", {"keras": [[1.0]]}), "finite number"),
        (("happiness", {"keras": 1.0}), "expected the unit one of .*None"),
    ],
)
def test_a_bad_measurement_is_refused(
    arguments: tuple[Any, ...], said: str, shown: list[dict[str, Any]]
) -> None:
    with pytest.raises(ValueError, match=said):
        evidence.measure(*arguments)
    assert shown == []


@pytest.mark.parametrize("unit", ["ms", "B"])
def test_a_metric_has_one_unit(unit: str) -> None:
    with pytest.raises(ValueError, match=f"expected the unit s, received '{unit}'"):
        evidence.measure("import time", {"keras": 1.0}, unit=unit)


@pytest.mark.parametrize("bad", [float("inf"), None, True, [1]])
def test_a_bad_condition_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"accuracy: 'batch': expected a finite numb"):
        evidence.measure("accuracy", {"keras": 1.0}, conditions={"batch": bad})


@pytest.mark.usefixtures("one_claim")
def test_a_claim_is_settled_by_its_parts(shown: list[dict[str, Any]]) -> None:
    verdict = evidence.settle(
        "C01",
        {"it runs": np.bool_(True), "it is fast": False},
        measured={"calls": np.int64(1200), "loss": 0.12345, "how": "eagerly"},
    )
    assert verdict == "holds in part"
    found = record(shown)
    assert found["claim"] == "C01"
    assert found["parts"] == [("it runs", True), ("it is fast", False)]
    assert dict(found["measured"]) == {"calls": 1200, "loss": 0.12345, "how": "eagerly"}
    html, text = shown[0]["text/html"], shown[0]["text/plain"]
    assert "C01 &lt;is&gt; so." in html
    assert "<b>no</b> it is fast" in html
    for said in (html, text):
        assert "Here: holds in part; the authors got" in said
        assert "1,200" in said
        assert "0.123" in said
        assert "0.1234" not in said


@pytest.mark.usefixtures("one_claim")
def test_the_expected_verdict_is_no_change(shown: list[dict[str, Any]]) -> None:
    signs = {"it warns": True}
    assert evidence.settle("C02", {"it runs": True}, overtaken=signs) == "outdated"
    assert dict(record(shown)["overtaken"]) == signs
    assert "the authors" not in shown[0]["text/html"]


@pytest.mark.usefixtures("one_claim")
def test_what_was_measured_may_leave_it_open(shown: list[dict[str, Any]]) -> None:
    assert evidence.settle("C01", {"it is fast": None}) == "undecided"
    assert record(shown)["parts"] == [("it is fast", None)]
    assert "<b>open</b> it is fast" in shown[0]["text/html"]
    assert "Here: undecided; the authors got" in shown[0]["text/plain"]
    parts = {"it runs": True, "it is fast": None, "it is small": False}
    assert evidence.settle("C01", parts) == "holds in part"  # either way


@pytest.mark.usefixtures("one_claim")
@pytest.mark.parametrize(
    ("name", "parts", "more", "said"),
    [
        ("C99", {"a": True}, {}, "expected a claim of data/claims, C.*'C99'"),
        ("C01", {}, {}, "C01: expected parts of the claim, received none"),
        ("C01", {"a": 1}, {}, "True, False or None for parts 'a', received 1"),
        ("C01", {"a": "yes"}, {}, "True, False or None for parts 'a', received 'yes'"),
        ("C01", {"a": True}, {"overtaken": {"b": True}}, "expected `once`"),
        ("C02", {"a": True}, {"overtaken": {"b": 1}}, "overtaken 'b'"),
        ("C01", {"a": True}, {"measured": {"x": float("nan")}}, "finite number"),
        ("C03", {"a": True}, {}, "expected a claim that can be tested"),
    ],
)
def test_a_bad_verdict_is_refused(
    name: str,
    parts: dict[str, Any],
    more: dict[str, Any],
    said: str,
    shown: list[dict[str, Any]],
) -> None:
    with pytest.raises(ValueError, match=said):
        evidence.settle(name, parts, **more)
    assert shown == []
