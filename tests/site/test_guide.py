"""The instructor's guide: its data, held against the chapters, and its pages."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from nbformat import v4
from tiny_book import code, lanes, report, text, unreadable

from sidebyside_book.chapter import notebook_of
from sidebyside_book.website import failed as failed_pages
from sidebyside_book.website.pages.guide import agendas, notes, outline, pages

BOOK = Path(__file__).parents[2]
CELLS = [
    text("title", "# Tiny"),
    text("aims", "Reading takes about 5 minutes.\n\n| [A](02_a) | helpful | why |"),
    text("step", "Before it.\n\n## One `step`: forward"),
    *lanes("step"),
    code("check", "x = 1"),
    text("ex", "```{exercise} Predict\n:label: ex-01-one\n\n## no heading\n```"),
]
NOTES: dict[str, Any] = {
    "why": "It is small.",
    "sections": [
        {"at": "title", "how": "Say hello.", "talk": 3},
        {
            "at": "step",
            "how": 'Ask "why?".',
            "talk": 2,
            "code": 5,
            "short": 4,
            "cost": "A joke.",
        },
    ],
    "mistakes": [
        {"belief": "It's <big>", "shows": "Awe.", "cell": "check", "mend": "Run `it`."},
        {"belief": "It is one", "shows": "A frown.", "cell": "step-*", "mend": "Look."},
    ],
    "questions": [
        {
            "ask": "How many?",
            "answer": "Three lanes.",
            "choices": {"A": "two", "B": "three"},
            "right": "B",
            "tells": {"A": "They forgot one."},
        },
        {"ask": "Why?", "answer": "So."},
        {"ask": "When?", "answer": "Now."},
    ],
    "exercises": [
        {"label": "ex-01-one", "after": "step", "minutes": 6, "how": "Alone."}
    ],
    "show": {"cell": "check", "why": "All of it."},
    "room": ["The light."],
}
AGENDA: dict[str, Any] = {
    "id": "short",
    "title": "A quarter of an hour",
    "who": "anybody.",
    "goal": "a step.",
    "cut": "The exercise.",
    "days": [
        {
            "title": "One sitting",
            "minutes": 15,
            "slots": [
                {
                    "what": "The step",
                    "minutes": 10,
                    "teacher": "Type.",
                    "people": "Watch.",
                    "chapter": "01_tiny",
                    "sections": ["step"],
                    "exercises": ["ex-01-one"],
                },
                {"what": "Air", "minutes": 3, "kind": "break"},
                {"what": "Slack", "minutes": 2, "kind": "slack"},
            ],
        }
    ],
}


@pytest.fixture
def tiny() -> outline.Outline:
    """Return the outline of a small chapter."""
    return outline.outline_of(notebook_of(v4.new_notebook(cells=CELLS)))


@pytest.fixture
def found(tiny: outline.Outline) -> dict[str, notes.Notes]:
    return {"01_tiny": notes.parse("01_tiny", NOTES, tiny)}


def chapters_of_the_book() -> set[str]:
    toc = (BOOK / "_toc.yml").read_text(encoding="utf-8")
    return set(re.findall(r"chapters/(\d\d_\w+)", toc))


def test_every_chapter_of_the_book_has_notes_and_no_note_is_an_orphan() -> None:
    # load() holds each name of a cell, section and exercise against its chapter
    loaded = notes.load(BOOK)
    assert set(loaded) == chapters_of_the_book()
    assert all(one.short < one.minutes for one in loaded.values())


def test_the_agendas_of_the_book_add_up_and_fit() -> None:
    every = agendas.load(pages.folder(BOOK) / agendas.FILE, notes.load(BOOK))
    lengths = {tuple(day.minutes for day in one.days) for one in every}
    assert {(90,), (210,)} <= lengths
    assert any(len(days) == 2 for days in lengths)
    assert len({one.id for one in every}) == len(every)


def test_an_outline_has_sections_cells_and_exercises(tiny) -> None:
    assert tiny.sections == {"title": "Opening", "step": "One step: forward"}
    assert tiny.section_anchor("step") == "one-step-forward"
    assert tiny.section_anchor("title") == ""
    assert tiny.cells == {"step-*": "lanes-step", "check": "cell-check"}
    assert tiny.exercises == {"ex-01-one": "Predict"}


def test_minutes_are_sums(found) -> None:
    one = found["01_tiny"]
    assert (one.minutes, one.short) == (3 + 7 + 6, 3 + 4)
    assert (one.practice("step"), one.practice("title")) == (6, 0)


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("show", "cell"), "step", r"cells of the chapter, received \['step'\]"),
        (("mistakes", 0, "cell"), "gone", r"cells of the chapter, received \['gone'\]"),
        (
            ("sections", 1, "at"),
            "gone",
            r"sections of the chapter, received \['gone'\]",
        ),
        (("exercises", 0, "label"), "ex-9", r"received \['ex-9'\]"),
        (("exercises", 0, "after"), "check", "after sections that have notes"),
        (("exercises", 0, "minutes"), 0, "minutes for each exercise"),
        (
            ("sections", 0, "talk"),
            -1,
            "sections 1: talk: expected greater than or equal to 0",
        ),
        (("sections", 0, "talk"), 0, "minutes in 'title'"),
        (("sections", 1, "short"), 8, "minutes in 'step', no more of them"),
        (("sections", 1, "cost"), None, "what the short version of 'step' costs"),
        (("mistakes", 0, "belief"), " ", "mistakes 1: belief: expected a text"),
        (("mistakes", 0, "mend"), None, "mistakes 1: expected a field 'mend'"),
        (("questions", 0, "right"), "C", "the right answer of 'How many.'"),
        (("questions", 0, "tells"), {}, "what each wrong answer to 'How many.' rev"),
        (("questions", 0, "choices"), {}, "a question with choices"),
        (
            ("questions", 0, "choices"),
            {"A": 2, "B": 3},
            "questions 1: choices: A: expected a text",
        ),
        (("mistakes",), NOTES["mistakes"][:1], "2 mistakes at least, received 1"),
        (("questions",), NOTES["questions"][:2], "3 questions at least, received 2"),
        (("sections",), NOTES["sections"][::-1], "the chapter's order"),
        (("sections",), "none", "sections: expected a list, received 'none'"),
        (("joke",), "one", "01_tiny.yaml: notes: expected no field but .*'joke'"),
    ],
)
def test_wrong_notes_are_named(tiny, where: tuple, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        notes.parse("01_tiny", changed(NOTES, where, value), tiny)


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("days", 0, "minutes"), 20, "slots of 20 minutes together, received 15"),
        (("days", 0, "slots", 0, "minutes"), 9, "10 minutes at least for 'The step'"),
        (("days", 0, "slots", 0, "whole"), True, "received 10"),
        (("days", 0, "slots", 0, "chapter"), "02_x", "received '02_x'"),
        (("days", 0, "slots", 0, "sections"), ["x"], r"parts that have notes.*\['x'\]"),
        (("days", 0, "slots", 0, "people"), None, "what the people do"),
        (("days", 0, "slots", 1, "kind"), "nap", "received 'nap'"),
        (("days", 0, "slots", 2, "kind"), "break", "slack of 5% at least, received 0"),
        (
            ("days", 0, "slots", 2, "length"),
            2,
            r"slots 3: expected no field but .*'length'",
        ),
        (("who",), None, "yaml: short: expected a field 'who'"),
    ],
)
def test_wrong_agendas_are_named(
    found, where: tuple, value: object, said: str, monkeypatch
) -> None:
    if where[-1] == "whole":  # a chapter that is longer than its slot
        monkeypatch.setattr(notes.Notes, "short", 11)
    with pytest.raises(ValueError, match=said):
        agendas.parse([changed(AGENDA, where, value)], found)


def test_a_file_without_an_agenda_is_refused(found) -> None:
    with pytest.raises(ValueError, match=r"agendas.yaml: expected an agenda at least"):
        agendas.parse([], found)


def test_a_day_without_a_break_is_refused(found, monkeypatch) -> None:
    monkeypatch.setattr(agendas, "MAX_SITTING", 9)
    with pytest.raises(ValueError, match="a break after 9 minutes, received 10"):
        agendas.parse([AGENDA], found)


def test_a_section_that_is_left_out_when_late_needs_its_time_in_an_agenda(tiny) -> None:
    left_out = changed(NOTES, ("sections", 1, "short"), 0)
    one = notes.parse("01_tiny", left_out, tiny)
    slot = agendas.Slot("x", 7, chapter="01_tiny", sections=("step",))
    assert (one.short, slot.least(one)) == (3, 7)


def test_a_note_without_its_chapter_is_an_orphan(tmp_path: Path) -> None:
    folder = pages.folder(tmp_path)
    folder.mkdir(parents=True)
    (folder / "99_gone.yaml").write_text("notes: none\n")
    with pytest.raises(ValueError, match=r"99_gone.yaml: expected a chapter"):
        notes.load(tmp_path)


def test_quotes_are_turned_and_code_is_left_alone() -> None:
    assert pages.said('"It\'s" a `"q"`, ("so")') == (
        "“It’s” a <code>&quot;q&quot;</code>, (“so”)"
    )


@pytest.fixture
def guide(book: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Return a function that builds a tiny book with a guide to its one chapter."""

    def build(content: dict[str, Any]) -> tuple[str, BeautifulSoup]:
        source = tmp_path / "book"
        for name in ("chapters", "data/chapters"):
            (source / name).mkdir(parents=True)
        nbformat.write(
            v4.new_notebook(cells=[*CELLS, report()]), source / "chapters/01_tiny.ipynb"
        )
        (source / "data/chapters/01_tiny.yaml").write_text(
            yaml.safe_dump({"notes": content, "faults": []})
        )
        (source / "data/chapters/agendas.yaml").write_text(yaml.safe_dump([AGENDA]))
        listed = "chapter\nchapters/teaching_chapters"
        (source / "index.md").write_text(f"# B\n\n```{{toctree}}\n{listed}\n```\n")
        both = "```{guide} agendas\n```\n\n```{guide} chapters\n```\n"
        page = source / "chapters/teaching_chapters.md"
        page.write_text(f"# Teaching\n\n{both}")
        conf = (source / "conf.py").read_text()
        kept_out = conf.replace('["_build"]', '["_build", "chapters/*.ipynb"]')
        (source / "conf.py").write_text(kept_out)
        built = book(report())
        html = tmp_path / "html/chapters/teaching_chapters.html"
        return built.warnings, BeautifulSoup(html.read_text(), "html.parser")

    return build


def test_a_tiny_book_has_its_guide(guide) -> None:
    warnings, page = guide(NOTES)
    assert not warnings
    notes_of = page.find(id="teach-01-tiny")
    assert notes_of.h2.get_text().startswith("01 Tiny")
    links = [link["href"] for link in notes_of.find_all("a", href=True)]
    for place in ("#one-step-forward", "#cell-check", "#lanes-step", "#ex-01-one"):
        assert f"01_tiny.html{place}" in links
    assert "“It’s <big>”" in notes_of.get_text()
    answers = notes_of.find_all("details")
    assert len(answers) == 3
    assert not any(answer.has_attr("open") for answer in answers)
    assert "They forgot one." in answers[0].get_text()
    rows = page.find(id="teach-short").select("tbody tr")
    assert [row.td.get_text() for row in rows] == ["0:00", "0:10", "0:13"]


def test_wrong_data_are_told_where_the_guide_stands(guide) -> None:
    warnings, _ = guide(changed(NOTES, ("show", "cell"), "gone"))
    assert (
        "01_tiny.yaml: notes: expected cells of the chapter, received ['gone']"
        in warnings
    )


def test_a_guide_leaves_out_what_cannot_be_held_against_a_chapter(
    guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failed_pages, "of_book", lambda *_: {"01_tiny": unreadable()})
    warnings, page = guide(NOTES)
    assert not warnings
    assert page.find(id="teach-01-tiny") is None
    assert page.find(id="teach-short") is None
    agendas_told, notes_told = page.select(".admonition.warning")
    assert "Timetables are missing here" in agendas_told.get_text()
    assert "Notes are missing here" in notes_told.get_text()
    assert "01_tiny" in agendas_told.get_text()


def changed(content: Any, where: tuple, value: object) -> Any:
    """Return a copy with another value at a place; None takes the entry out."""
    found = copy.deepcopy(content)
    place = found
    for key in where[:-1]:
        place = place[key]
    if value is None:
        place.pop(where[-1])
    else:
        place[where[-1]] = value
    return found
