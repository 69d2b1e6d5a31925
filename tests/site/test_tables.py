"""The pages of the Rosetta table and of the defaults, as the site makes them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_book import code, record, report

from sidebyside.reference.defaults import rows
from sidebyside.reference.rosetta import entries


@pytest.fixture
def page(book: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Return a function that builds a page with one part, and cells with records."""

    def build(part: str, *found: dict[str, Any]) -> tuple[str, str]:
        source = tmp_path / "book"
        (source / "index.md").write_text("# B\n\n```{toctree}\nchapter\ntable\n```\n")
        (source / "table.md").write_text(f"# Table\n\n```{{evidence}} {part}\n```\n")
        cells = [code(f"run-{n}", "run()", record(r)) for n, r in enumerate(found)]
        built = book(*cells, report())
        html = (tmp_path / "html" / "table.html").read_text(encoding="utf-8")
        return built.warnings, html

    return build


def rosetta_record(*without: str) -> dict[str, Any]:
    differences = {name: 2.5e-7 for name in entries.load() if name not in without}
    return {"schema": 1, "kind": "rosetta", "differences": differences}


def defaults_record(*without: str) -> dict[str, Any]:
    found = {
        name: {
            "defaults": {"pytorch": "<0.5>"},
            "gap": 0.25 if name == "sgd-rate" else None,
            "agreed": 0.0,
            "hurt": 0.25 if name == "sgd-rate" else 0.0,
        }
        for name in rows.load()
        if name not in without
    }
    return {"schema": 1, "kind": "defaults", "rows": found}


def test_the_rosetta_page_has_every_row_with_its_proof(page) -> None:
    warnings, html = page("rosetta", rosetta_record())
    # the tiny book has none of the chapters that the rows name
    assert "expected a record" not in warnings
    assert all(f'id="rosetta-{name}"' in html for name in entries.load())
    assert "equal within 2.5e-07" in html
    assert 'class="highlight"' in html


def test_a_row_that_was_not_run_fails_the_build(page) -> None:
    warnings, _ = page("rosetta", rosetta_record("clip"))
    assert "sidebyside.rosetta" in warnings
    assert "received none of ['clip']" in warnings


def test_a_row_that_names_no_chapter_of_the_book_fails_the_build(page) -> None:
    warnings, _ = page("rosetta", rosetta_record())
    assert "row 'arange': expected chapters of the book, received ['01']" in warnings


def test_the_worst_default_stands_first(page) -> None:
    warnings, html = page("defaults", defaults_record())
    assert not warnings
    assert html.index('id="default-sgd-rate"') == html.index('id="default-')
    assert "difference: 25 %" in html
    assert "difference: another shape" in html
    assert "&lt;0.5&gt;" in html
    assert "asks for it" in html


def test_a_default_that_was_not_run_fails_the_build(page) -> None:
    warnings, html = page("defaults", defaults_record("sgd-rate"))
    assert "sidebyside.defaults" in warnings
    assert "received none of ['sgd-rate']" in warnings
    assert 'id="default-sgd-rate"' not in html
