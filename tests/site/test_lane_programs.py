"""A chapter's page offers the programs of its lanes, and only those that run alone."""

import shutil
from pathlib import Path

import pytest
from tiny_book import code, lanes, report, text

from sidebyside_book.editions.lanes import files
from sidebyside_book.website import lanes as offered

BOOK = Path(__file__).parents[2]


@pytest.fixture
def chapter(book, tmp_path, monkeypatch):
    """Return a function that builds a page which counts as a chapter."""
    monkeypatch.setattr(files, "has_lanes", lambda notebook: True)
    shutil.copy(BOOK / "_config.yml", tmp_path / "book")
    return book


SETUP = code("setup", "from sidebyside import report")


def links(page) -> dict[str, str]:
    """Return the names of the links to programs -> their addresses."""
    found = page.select("h1 ~ nav.lane-programs a")
    return {" ".join(a.get_text().split()): a["href"] for a in found}


def test_a_page_links_the_programs_of_all_lanes(chapter, tmp_path) -> None:
    built = chapter(SETUP, *lanes("step"), report())
    assert not built.warnings
    found = links(built.page)
    assert list(found) == [
        ".py program, PyTorch alone",
        ".ipynb notebook, PyTorch alone",
        ".py program, TensorFlow alone",
        ".ipynb notebook, TensorFlow alone",
        ".py program, Keras alone",
        ".ipynb notebook, Keras alone",
    ]
    for address in found.values():
        assert (tmp_path / "html" / address).read_text(encoding="utf-8")
    assert all(a.has_attr("download") for a in built.page.select(".lane-programs a"))
    nav = built.page.select_one("nav.lane-programs")
    assert built.page.find(id=nav["aria-labelledby"]).get_text()


def test_a_lane_that_does_not_run_alone_is_not_offered(chapter) -> None:
    start = code("start", "start = 1", tags=["compare"])
    step = lanes("step")
    step[2].source += "\nstart"
    built = chapter(SETUP, start, *step, report())
    assert not built.warnings
    assert not any("Keras" in name for name in links(built.page))
    assert len(links(built.page)) == 4


def test_a_page_that_is_no_chapter_offers_nothing(book) -> None:
    built = book(text("only", "Text."), *lanes("step"), report())
    assert not links(built.page)
    assert not built.page.select(".lane-programs")


def test_addresses_are_escaped_and_a_page_without_title_stays() -> None:
    html = offered.links({"keras": {".py": 'a"b&c'}})
    assert 'href="a&quot;b&amp;c"' in html
    assert offered.below_title("<p>No title</p>", html) == "<p>No title</p>"
    assert offered.below_title("<h1>T</h1><p>", html) == f"<h1>T</h1>\n{html}<p>"
    assert offered.links({}) == ""
