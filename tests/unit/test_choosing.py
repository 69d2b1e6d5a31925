"""The questions of "I'm choosing", and the formulas that make scores of numbers."""

import copy
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidebyside._files import data_file
from sidebyside_book.chapter import LANES
from sidebyside_book.website.pages.choosing import table as choosing
from sidebyside_book.website.pages.choosing import weighing
from sidebyside_book.website.pages.choosing.weighing import Value

SCORES = {"one": {"a": 1.0, "b": 0.5, "c": 0.0}, "two": {"a": 0.0, "b": 0.5, "c": 1.0}}


def exact(**values: float) -> dict[str, Value]:
    return {lane: Value(v, v, v) for lane, v in values.items()}


def content() -> dict[str, Any]:
    text = data_file(choosing.FILE).read_text(encoding="utf-8")
    return copy.deepcopy(yaml.safe_load(text))


def test_the_book_asks_something() -> None:
    found = choosing.load()
    assert len(found.questions) >= 6
    for profile in found.profiles:
        assert profile.weights.keys() == found.questions.keys()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["questions"].append(c["questions"][0]), "code: .*no other"),
        (lambda c: c["questions"][0].update(id="a1"), "an id of small letters"),
        (
            lambda c: c["questions"][0]["criteria"][0].update(page="x"),
            "code: .*received",
        ),
        (lambda c: c["questions"][0]["criteria"][0].pop("code"), "code: .*a criterion"),
        (lambda c: c["questions"][0]["criteria"][0].update(code="beauty"), "'beauty'"),
        (
            lambda c: c["questions"][2]["criteria"][0].update(metrics=["x"]),
            "metrics of",
        ),
        (
            lambda c: c["questions"][3]["criteria"][0]["lanes"].pop("keras"),
            "an entry of",
        ),
        (
            lambda c: c["questions"][3]["criteria"][0].update(time="last"),
            "heavy: .*time",
        ),
        (
            lambda c: c["questions"][0]["criteria"][1].update(claim="C80"),
            "is 'a matter",
        ),
        (
            lambda c: c["profiles"][0].update(weights={"code": 6}),
            "code: expected less than or equal to 5, received 6",
        ),
        (lambda c: c["profiles"][0].update(weights={"code": 0}), "not all of them 0"),
        (lambda c: c["profiles"][0].update(weights={"x": 1}), "expected questions of"),
        (lambda c: c["silent"][0].update(claims=["C999"]), "choosing: .*C999"),
    ],
)
def test_a_bad_file_is_refused(change: Callable[[Any], None], said: str) -> None:
    found = content()
    change(found)
    with pytest.raises(ValueError, match=said):
        choosing.parse(found)


def test_no_formula_names_a_lane() -> None:
    text = Path(weighing.__file__).read_text(encoding="utf-8").lower()
    script = Path(weighing.__file__).with_name("choosing.js")
    text += script.read_text(encoding="utf-8").lower()
    assert not [lane for lane in LANES if lane in text]


@pytest.mark.parametrize(
    "values",
    [
        {"a": Value(1, 0.9, 1.1), "b": Value(2, 1.9, 2.2), "c": Value(8, 7, 9)},
        {"a": Value(1, 0.5, 2), "b": Value(1.5, 1, 3), "c": Value(8, 7, 9)},
        {"a": Value(1, 0.5, 2), "b": Value(3, 1.9, 5), "c": Value(6, 4.9, 7)},
        exact(a=2, b=2, c=2),
    ],
)
def test_exchanged_measurements_exchange_the_scores(
    values: dict[str, Value],
) -> None:
    before = weighing.ratios(values)
    for order in permutations(values):
        moved = dict(zip(values, (values[lane] for lane in order), strict=True))
        after = weighing.ratios(moved)
        for lane, other in zip(values, order, strict=True):
            assert after[lane] == pytest.approx(before[other])


def test_a_score_is_the_share_of_the_best() -> None:
    assert weighing.ratios(exact(a=4, b=1, c=2)) == {"a": 0.25, "b": 1.0, "c": 0.5}


def test_quartiles_that_overlap_make_no_difference() -> None:
    values = {"a": Value(1, 0.8, 2), "b": Value(4, 2, 5), "c": Value(8, 7, 9)}
    assert weighing.levels(values) == [["a", "b"], ["c"]]
    assert weighing.ratios(values) == pytest.approx({"a": 1, "b": 1, "c": 0.25})


def test_a_total_is_a_weighted_mean_of_what_was_measured() -> None:
    assert weighing.totals({"one": 3, "two": 1}, SCORES) == {
        "a": 0.75,
        "b": 0.5,
        "c": 0.25,
    }
    assert weighing.totals({"one": 3, "three": 5}, SCORES)["a"] == 1.0
    assert weighing.totals({}, SCORES) == {}
