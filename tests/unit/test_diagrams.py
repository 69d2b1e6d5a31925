"""Diagrams are narrow, are told in words, and take their colours from the page."""

import re
from xml.etree import ElementTree

import pytest

from sidebyside import diagrams
from sidebyside.diagrams import WIDTH, Diagram

SEEN = "Two boxes, one above the other, and an arrow from the first to the second."


def sheet(**given: float) -> Diagram:
    return Diagram("A test", SEEN, **{"height": 100, **given})


@pytest.mark.parametrize("name", diagrams.ALL)
def test_each_diagram_is_svg_for_a_phone_with_words_for_who_cannot_see_it(name) -> None:
    root = ElementTree.fromstring(diagrams.ALL[name]().svg())
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    assert (left, top) == (0, 0)
    assert 0 < width <= WIDTH
    assert root.attrib["role"] == "img"
    assert len(root.attrib["aria-label"].split()) > 20
    sizes = {
        float(part.attrib["font-size"])
        for part in root.iter()
        if "font-size" in part.attrib
    }
    assert min(sizes) >= 11
    for part in root.iter():
        for side, most in (("x", width), ("y", height)):
            if side in part.attrib:
                assert 0 <= float(part.attrib[side]) <= most


@pytest.mark.parametrize("name", diagrams.ALL)
def test_colours_are_the_page_s_own(name) -> None:
    svg = diagrams.ALL[name]().svg()
    for colour in re.findall(r'(?:fill|stroke)="([^"]+)"', svg):
        assert colour == "none" or colour.startswith(("currentColor", "var(--lane-"))


def test_an_arrow_ends_with_its_head_where_it_was_sent() -> None:
    drawn = sheet()
    first, second = drawn.box(10, 10, 60, 20, "a"), drawn.box(10, 60, 60, 20, "b")
    drawn.arrow(first.bottom, second.top)
    assert "M40 30 L40 60" in drawn.svg()
    assert "translate(40 60) rotate(90)" in drawn.svg()


def test_what_is_written_is_escaped() -> None:
    drawn = Diagram("a < b", SEEN, height=50)
    drawn.box(0, 0, 200, 30, "f(x) < 0 & more")
    ElementTree.fromstring(drawn.svg())
    assert "f(x) &lt; 0 &amp; more" in drawn.svg()


@pytest.mark.parametrize(
    ("do", "message"),
    [
        (
            lambda: sheet(width=WIDTH + 1),
            "expected a width of at most 380, received 381",
        ),
        (
            lambda: Diagram("x", "short", height=9),
            "expected a description of 40 letters",
        ),
        (
            lambda: sheet().box(0, 90, 10, 20),
            "expected a box on the sheet of 380 by 100",
        ),
        (lambda: sheet().box(0, 0, 20, 20, "much too long"), "expected words that fit"),
        (
            lambda: sheet().box(0, 0, 9, 9, lane="jax"),
            "expected one of .*received 'jax'",
        ),
        (lambda: sheet().words(0, 0, "x", anchor="left"), "received 'left'"),
        (lambda: sheet().arrow((0, 0)), "expected at least 2 points, received 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(do, message) -> None:
    with pytest.raises(ValueError, match=message):
        do()
