"""The doors into the book: reading paths and weighing, as the site makes them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from tiny_book import code, record, report

from sidebyside.reference.rosetta.entries import load
from sidebyside_book.website.page import name_folds
from sidebyside_book.website.pages.choosing import table as choosing
from sidebyside_book.website.pages.paths import render as paths
from sidebyside_book.website.pages.paths.words import words

GAPS = {
    "sgd-rate": 0.9,
    "cross-entropy-takes": 0.5,
    "adam-epsilon": 0.6,
    "adamw-decay": 0.7,
    "split-number": None,
    "variance-divisor": 0.3,
    "gelu-form": 0.0,
}


@pytest.fixture
def page(book: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Return a function that builds a page with parts, and cells with records."""

    def build(name: str, parts: list[str], *found: dict[str, Any]) -> Any:
        source = tmp_path / "book"
        (source / "index.md").write_text(
            f"# B\n\n```{{toctree}}\nchapter\n{name}\n```\n"
        )
        body = "".join(f"```{{evidence}} {part}\n```\n\n" for part in parts)
        (source / f"{name}.md").write_text(f"# Page\n\n{body}")
        cells = [code(f"run-{n}", "run()", record(r)) for n, r in enumerate(found)]
        warnings = book(*cells, report()).warnings
        html = (tmp_path / "html" / f"{name}.html").read_text(encoding="utf-8")
        return warnings, BeautifulSoup(html, "html.parser").select_one("article")

    return build


def defaults() -> dict[str, Any]:
    lanes = {"pytorch": "<a>", "keras": "b"}
    rows = {
        name: {
            "defaults": lanes,
            "results": {"pytorch": "1", "keras": "2"},
            "pairs": {"pytorch-keras": gap},
            "gap": gap,
            "agreed": 0.0,
            "hurt": gap or 0.0,
        }
        for name, gap in GAPS.items()
    }
    return {"schema": 1, "kind": "defaults", "rows": rows}


def test_what_surprises_first_is_what_differs_between_these_two_lanes(page) -> None:
    _, html = page("from_keras_to_pytorch", ["path-surprises"], defaults())
    rows = [one["id"] for one in html.select("article.row")]
    assert rows == [
        "surprise-variance-divisor",  # first hour
        "surprise-split-number",  # another shape comes last
        "surprise-sgd-rate",  # first training
        "surprise-adamw-decay",
        "surprise-adam-epsilon",
        "surprise-cross-entropy-takes",
    ]
    hidden = [one["id"] for one in html.select("details article.row")]
    assert hidden == ["surprise-cross-entropy-takes"]
    first = html.select_one("#surprise-sgd-rate")
    assert [one.text for one in first.select("dl:first-of-type dt")] == [
        "Keras",
        "PyTorch",
    ]
    assert "difference: 90 %" in first.text
    assert "gives 2" in first.text
    assert "<a>" in first.text
    agree = [one.text for one in first.select("dl")[1].select("dt")]
    assert agree == ["PyTorch"]  # Keras keeps its default, PyTorch is told


def test_what_cannot_be_made_to_agree_says_so(page) -> None:
    record = defaults()
    record["rows"] = {"batch-norm-variance": record["rows"]["sgd-rate"]}
    _, html = page("from_pytorch_to_keras", ["path-surprises"], record)
    assert "Nothing that could be passed makes these two agree." in html.text


def test_lanes_that_share_no_row_have_no_surprise(page) -> None:
    _, html = page("from_keras_to_tensorflow", ["path-surprises"], defaults())
    assert not html.select("article.row")


def test_what_only_one_lane_decides_is_told(page) -> None:
    _, html = page("from_keras_to_tensorflow", ["path-decided"], defaults())
    told = html.text
    assert "What Keras decides, and TensorFlow doesn" in told
    assert "The learning rate of SGD" in told
    assert "tfcore.SGD(model.trainable_variables, 0.01)" in told


def test_the_arrows_of_the_navigation_have_a_name() -> None:
    html = "<details><summary><span></span></summary></details>"
    said = name_folds(BeautifulSoup(html, "html.parser"))
    assert str(said.summary).startswith('<summary aria-label="Pages below">')


def test_a_path_names_chapters_that_the_book_lacks(page) -> None:
    warnings, _ = page("from_keras_to_tensorflow", ["path-steps"])
    assert "sidebyside.paths" in warnings
    assert "expected chapters of the book, received ['01'" in warnings


def test_a_page_says_by_its_name_which_way_it_leads() -> None:
    for direction in paths.paths.load():
        assert paths.direction_of(f"chapters/{paths.page_of(direction)}") == direction
    with pytest.raises(ValueError, match="expected a page called from_LANE_to_LANE"):
        paths.direction_of("chapters/from_keras_to_jax")


def test_words_are_those_that_both_lanes_use_otherwise() -> None:
    found = {word.name: word.entry for word in words(("pytorch", "tensorflow"))}
    assert {"split", "gather", "pad", "sort"} <= found.keys()
    assert not {"zeros", "softmax", "gelu"} & found.keys()
    assert found["split"] is load()["split"]
    assert "split" not in {word.name for word in words(("tensorflow", "keras"))}


def steps(**values: float) -> dict[str, Any]:
    rows = [
        {"lane": lane, "value": v, "q1": 0.95 * v, "q3": 1.05 * v, "samples": 9}
        for lane, v in values.items()
    ]
    return {
        "schema": 1,
        "kind": "measurement",
        "metric": "time per training step",
        "unit": "s",
        "rows": rows,
        "conditions": [],
        "versions": {},
        "threads": 1,
        "processor": "CPU",
        "backend": "tensorflow",
    }


def scores(html: Any) -> dict[str, dict[str, float]]:
    return json.loads(html.select_one("script.numbers").string)["scores"]


def test_scores_follow_the_measurements_whoever_they_are_of(page) -> None:
    parts = ["choosing", "choosing-evidence"]
    _, html = page("weigh", parts, steps(pytorch=1.0, tensorflow=2.0, keras=4.0))
    assert scores(html) == {"steps": {"pytorch": 1.0, "tensorflow": 0.5, "keras": 0.25}}
    _, html = page("weigh", parts, steps(pytorch=4.0, tensorflow=1.0, keras=2.0))
    assert scores(html) == {"steps": {"pytorch": 0.25, "tensorflow": 1.0, "keras": 0.5}}
    shown = {one["data-lane"]: one.text for one in html.select("td.total")}
    assert shown == {"pytorch": "0.25", "tensorflow": "1.00", "keras": "0.50"}
    cells = html.select("#evidence-steps td a")
    assert [cell["href"] for cell in cells] == ["chapter.html#cell-run-0"] * 3


def test_code_is_weighed_as_the_lab_has_counted_it(page) -> None:
    rows = [
        {"chapter": "chapter", "lane": lane, "lines": 1, "statements": 1}
        | {"tokens": tokens, "of helpers": 0, "names": 10 * tokens}
        for lane, tokens in (("pytorch", 100), ("tensorflow", 200), ("keras", 50))
    ]
    counted = {"schema": 1, "kind": "code", "rows": rows, "missing": []}
    _, html = page("weigh", ["choosing"], counted)
    expected = {"pytorch": 0.5, "tensorflow": 0.25, "keras": 1.0}
    given = scores(html)
    assert given.keys() == {"code", "names"}
    assert all(of_lane == pytest.approx(expected) for of_lane in given.values())


def settled(**figures: Any) -> dict[str, Any]:
    """Return the verdict that the question for few names asks for its figures."""
    return {
        "schema": 1,
        "kind": "verdict",
        "claim": "C73",
        "verdict": "holds",
        "parts": [["a", True]],
        "overtaken": [],
        "measured": [[f"share, {lane}", figure] for lane, figure in figures.items()],
        "versions": {},
        "backend": None,
    }


def test_a_figure_is_weighed_with_all_its_digits(page) -> None:
    parts = ["choosing", "choosing-evidence"]
    shares = {"pytorch": 0.123456, "tensorflow": 0.246912, "keras": 1.0}
    _, html = page("weigh", parts, settled(**shares))
    assert scores(html)["names"]["pytorch"] == 1.0
    assert scores(html)["names"]["keras"] == pytest.approx(0.123456, rel=1e-12)
    cells = [cell.text for cell in html.select("#evidence-names td a")]
    assert cells == ["0.123", "0.247", "1"]


def test_a_text_is_no_number_to_weigh(page) -> None:
    figures = {"pytorch": 1, "tensorflow": 2, "keras": "1,234"}
    with pytest.raises(Exception, match=r"C73: 'share': expected numbers.*'1,234'"):
        page("weigh", ["choosing"], settled(**figures))


def test_what_was_not_measured_in_all_lanes_has_no_weight(page) -> None:
    _, html = page("weigh", ["choosing"], steps(pytorch=1.0, keras=4.0))
    assert scores(html) == {}
    assert "Nothing was measured that has weight." in html.text
    row = html.select_one("tr[data-question=steps]")
    assert [cell.text for cell in row.select("td")] == ["none"] + 3 * ["not measured"]
    assert not html.select("input")


def test_the_parts_about_choosing_stand_without_measurements(page) -> None:
    names = ("profiles", "evidence", "shift", "silent")
    warnings, html = page("weigh", [f"choosing-{name}" for name in names])
    assert not warnings
    for one in choosing.load().silent:
        assert one.what in html.text


def test_a_race_that_is_not_there_fails_the_build(page, monkeypatch) -> None:
    found = choosing.load()
    race = choosing.Criterion(
        "W", "race", {"page": "chapter", "race": "x", "lanes": {}}
    )
    question = choosing.Question("q", "Q", "Q?", (race,))
    wrong = choosing.Choosing({"q": question}, (), found.silent)
    monkeypatch.setattr(choosing, "load", lambda: wrong)
    warnings, _ = page("weigh", ["choosing"])
    assert "sidebyside.choosing" in warnings
    assert "question 'q': expected a race in chapter, cell 'x'" in warnings
