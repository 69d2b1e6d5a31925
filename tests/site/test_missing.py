"""Pages made of evidence say what is missing when a chapter failed, and why."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode, v4
from test_evidence_pages import CLAIMS, measured, verdict
from tiny_book import KERNEL, code, failed, lanes, report, text, unreadable

from sidebyside import ledger
from sidebyside_book.execution.failures import Failed
from sidebyside_book.website import failed as failed_pages
from sidebyside_book.website.pages.choosing import table as choosing
from sidebyside_book.website.pages.paths import table as paths

STEP = "time per training step"
STOPS = code("stops", 'evidence.measure(\n    "accuracy", reached)')
LATER = code("later", f'evidence.measure("{STEP}", steps)')
ABOUT = "Reading takes about 5 minutes.\n\n| what | how much | why |\n|--|--|--|\n"
Pages = Callable[..., tuple[str, dict[str, Tag]]]


@pytest.fixture
def pages(book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pages:
    """Return a function that builds a chapter that failed, and pages of evidence.

    Its arguments are the chapter's cells, what is kept of it, and the pages, name ->
    parts. It returns the warnings and the articles.
    """
    content = {
        "sources": {"S1": {"title": "An article", "about": "2021"}},
        "claims": [*CLAIMS, {**CLAIMS[0], "id": "C04", "claim": "A later one."}],
    }
    topics = {"speed": "Speed", "ease": "Ease of use"}
    found = ledger.parse({**content, "topics": topics, "contradictions": []})
    monkeypatch.setattr(ledger, "load", lambda: found)
    source = tmp_path / "book"

    def build(
        cells: list[NotebookNode],
        kept: Failed,
        name: str = "01_one",
        fails: str = "",
        **parts: str,
    ) -> tuple[str, dict[str, Tag]]:
        listed = "\n".join(["chapter", name, *parts])
        (source / "index.md").write_text(f"# B\n\n```{{toctree}}\n{listed}\n```\n")
        for page, used in parts.items():
            body = "".join(f"```{{evidence}} {part}\n```\n\n" for part in used.split())
            (source / f"{page}.md").write_text(f"# Page\n\n{body}")
        whole = json.dumps(v4.new_notebook(cells=cells, metadata=KERNEL))
        (source / f"{name}.ipynb").write_text(whole if kept.notebook else whole[:20])
        monkeypatch.setattr(failed_pages, "of_book", lambda *_: {fails or name: kept})
        warnings = book(report()).warnings
        made = {name: tmp_path / "html" / f"{name}.html" for name in (name, *parts)}
        html = {
            page: BeautifulSoup(path.read_text(), "html.parser").select_one("article")
            for page, path in made.items()
        }
        return warnings, html

    return build


def chapter(*cells: NotebookNode, title: str = "One") -> list[NotebookNode]:
    """Return a chapter, whose code cells have run as they are numbered."""
    every = [text("title", f"# {title}"), *cells]
    for number, cell in enumerate([c for c in every if c.cell_type == "code"], 1):
        cell.execution_count = number
    return every


def said(page: Tag) -> str:
    """Return what the note below the title says, in one line."""
    note = page.select_one("h1 + .admonition.warning")
    assert note is not None
    return " ".join(note.text.split())


def test_a_claim_that_was_not_reached_is_missing_and_an_earlier_one_stands(pages):
    cells = chapter(verdict("C01"), STOPS, verdict("C04"), report())
    kept = failed(*cells, at="stops", lane="keras")
    warnings, html = pages(cells, kept, claims="ledger-summary articles ledger")
    assert not warnings
    page = html["claims"]
    assert page.select_one("#C01 .verdict").text == "holds"
    assert page.select_one("#C01 .where a")["href"] == "01_one.html#cell-settle-c01"
    missing = page.select_one("#C04")
    assert missing.select_one(".verdict").text == "not settled here"
    assert "It stopped in the cell stops (Keras): ValueError." in missing.text
    assert missing.select_one("p").a["href"] == "01_one.html#cell-stops"
    assert page.select_one("#C02 .verdict").text == "not settled yet"
    assert "Missing here, since a chapter failed: 1." in page.text
    assert said(page).startswith("Not complete: a chapter that this page rests on")
    assert "Without a verdict for that reason: C04." in said(page)
    assert "C01" not in said(page)


def test_what_the_failing_cell_itself_recorded_does_not_count(pages):
    cells = chapter(verdict("C01"), report())
    warnings, html = pages(cells, failed(*cells, at="settle-c01"), claims="ledger")
    assert not warnings
    assert html["claims"].select_one("#C01 .verdict").text == "not settled here"


def test_a_cell_that_had_begun_need_not_have_got_its_number(pages):
    """The kernel can be gone before it says which number the cell has."""
    cells = chapter(STOPS, report())
    cells[1].execution_count = None
    warnings, _ = pages(cells, failed(*cells, at="stops"))
    assert not warnings


def test_a_claim_that_no_failed_chapter_settles_still_fails_the_build(pages):
    """A chapter that failed is not the same as one that has no evidence."""
    kept = failed(text("title", "# Chapter"), report(), at="report")
    cells = chapter(report())
    warnings, html = pages(cells, kept, fails="chapter", claims="ledger")
    assert "C01: expected chapter 01 to settle it, received no verdict" in warnings
    assert html["claims"].select_one("#C01 .verdict").text == "not settled yet"
    assert not html["claims"].select(".admonition"), "this page lacks nothing"


def test_the_scoreboard_has_a_line_for_what_was_not_measured(pages):
    parameters = measured("parameters", "count", "count", pytorch=5, keras=5)
    cells = chapter(parameters, STOPS, LATER, report())
    kept = failed(*cells, at="stops")
    parts = "scoreboard-summary scoreboard"
    warnings, html = pages(cells, kept, scores=parts)
    assert not warnings
    page = html["scores"]
    lines = {
        one["aria-label"]: " ".join(one.tbody.get_text(" ").split())
        for one in page.select(".sidebyside-table")
    }
    assert lines["accuracy"] == lines[STEP] == "One missing here: the chapter failed"
    assert lines["parameters"].startswith("One 5 (5 to 5.5) not measured 5")
    assert f"Missing for that reason: {STEP}, accuracy." in said(page)


def test_a_chapter_that_cannot_be_read_is_not_counted(pages):
    parts = {"cover": "coverage", "scores": "scoreboard-summary scoreboard"}
    warnings, html = pages([], unreadable(), claims="ledger", **parts)
    assert not warnings
    assert "01_one stopped before its first cell: NotJSONError." in said(html["cover"])
    assert "Its sections are not counted." in said(html["cover"])
    assert "Missing for that reason: the size of its code." in said(html["scores"])
    assert html["claims"].select_one("#C01 .verdict").text == "not settled here"


def test_without_the_lab_of_code_no_chapter_is_counted(pages, monkeypatch):
    ask(monkeypatch, "code", code="tokens")
    cells = chapter(code("count", "programs.show(counted, missing)"), report())
    kept = failed(*cells, at="count")
    parts = {"scores": "scoreboard", "cover": "coverage", "weigh": "choosing"}
    warnings, html = pages(cells, kept, **parts)
    assert not warnings
    lost = "Missing for that reason: the size of all chapters' code."
    assert lost in said(html["scores"])
    assert "have fewer numbers for that reason: Heavy." in said(html["weigh"])


def test_coverage_counts_a_failed_chapter_that_can_be_read(pages):
    cells = chapter(STOPS, text("s", "## Step"), *lanes("step"), report())
    warnings, html = pages(cells, failed(*cells, at="stops"), cover="coverage")
    assert not warnings
    assert "Step" in html["cover"].text
    assert not html["cover"].select(".admonition")


def test_a_page_that_asks_for_it_lists_every_failed_chapter(pages):
    cells = chapter(STOPS, report())
    kept = failed(*cells, at="stops")
    _, html = pages(cells, kept, cover="coverage failures")
    note = html["cover"].select(".admonition")
    assert len(note) == 1
    assert "A chapter failed on the machine that made this site" in note[0].text
    assert "One stopped in the cell stops: ValueError." in note[0].text


def ask(monkeypatch: pytest.MonkeyPatch, kind: str, **fields: object) -> None:
    """Let there be one question, with one criterion."""
    criterion = choosing.Criterion("Work", kind, fields)
    question = choosing.Question("heavy", "Heavy", "Heavy?", (criterion,))
    found = choosing.Choosing({"heavy": question}, (), ())
    monkeypatch.setattr(choosing, "load", lambda: found)


@pytest.mark.parametrize(("name", "missing"), [("race-large", True), ("other", False)])
def test_a_race_of_a_failed_chapter_is_missing_and_not_unknown(
    pages, monkeypatch, name, missing
):
    ask(monkeypatch, "race", page="01_one", race=name, lanes={})
    cells = chapter(code("race-large", "race()"), report())
    kept = failed(*cells, at="race-large")
    warnings, html = pages(cells, kept, weigh="choosing choosing-evidence")
    assert ("sidebyside.choosing" in warnings) is not missing
    told = html["weigh"].select_one("#evidence-heavy tbody").get_text(" ").split()
    lost = "Work: missing here, no weight One missing here: the chapter failed"
    unknown = "Work: not measured in all lanes, no weight"
    assert " ".join(told) == (lost if missing else unknown)
    row = html["weigh"].select_one("tr[data-question=heavy]")
    assert ("missing here" if missing else "not measured") in row.text


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("metrics", {"metrics": [STEP]}),
        ("figure", {"claim": "C01", "figure": "statements"}),
    ],
)
def test_what_a_failed_chapter_did_not_measure_is_named(
    pages, monkeypatch, kind, fields
):
    ask(monkeypatch, kind, **fields)
    cells = chapter(STOPS, LATER, report())
    kept = failed(*cells, at="stops")
    warnings, html = pages(cells, kept, weigh="choosing-evidence choosing")
    assert not warnings
    assert "have fewer numbers for that reason: Heavy." in said(html["weigh"])
    told = html["weigh"].select_one("#evidence-heavy tbody a")
    assert told["href"] == "01_one.html#cell-stops"


def path_to_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each path have one chapter."""
    steps = (paths.Step("01", "First.", ("Reached", "Not `reached`")),)
    exercise = paths.Exercise("01", "ex-01-one", "Do.")
    made = {
        (know, learn): paths.Path(know, learn, (), steps, (), exercise)
        for know, learn in paths.load()
    }
    monkeypatch.setattr(paths, "load", lambda: made)


def path_chapter() -> list[NotebookNode]:
    return chapter(
        text("aims", ABOUT),
        text("reached", "## Reached"),
        STOPS,
        text("not", "## Not `reached`"),
        text("ex", "```{exercise} Try\n:label: ex-01-one\n\nDo.\n```"),
        report(),
    )


def test_a_path_names_the_sections_that_are_missing(pages, monkeypatch):
    path_to_keras(monkeypatch)
    cells = path_chapter()
    kept = failed(*cells, at="stops")
    parts = {"from_pytorch_to_keras": "path-steps path-exercise"}
    warnings, html = pages(cells, kept, **parts)
    assert not warnings
    page = html["from_pytorch_to_keras"]
    look = " ".join(page.select_one(".look").text.split())
    assert look == "Look at: Reached; Not reached (missing here: the chapter failed)."
    assert len(page.select(".look a")) == 1
    assert "Try, in “One” (missing here: the chapter failed)." in page.text
    assert "Sections of the path that are missing: Not `reached`" in said(page)


def test_a_path_without_a_chapter_that_cannot_be_read_says_so(pages, monkeypatch):
    path_to_keras(monkeypatch)
    parts = {"from_pytorch_to_keras": "path-steps path-exercise", "all": "doors"}
    warnings, html = pages([], unreadable(), **parts)
    assert not warnings
    assert "The path is shown without it." in said(html["from_pytorch_to_keras"])
    assert "ex-01-one" in html["from_pytorch_to_keras"].text
    assert "Its minutes are not counted." in said(html["all"])


def test_a_path_says_when_the_table_of_defaults_was_not_run(pages, monkeypatch):
    path_to_keras(monkeypatch)
    cells = chapter(STOPS, report(), title="Defaults")
    kept = failed(*cells, at="stops")
    parts = {"from_pytorch_to_keras": "path-surprises path-decided"}
    _, html = pages(cells, kept, name="defaults", **parts)
    page = html["from_pytorch_to_keras"]
    assert "of which nothing is known here" in said(page)
    assert "0 rows" not in page.text
    assert "has, the other has, too" not in page.text


def test_the_list_of_chapters_has_their_questions_also_of_one_that_failed(pages):
    cells = chapter(STOPS, title="One\n\n**What is `one`?**")
    _, html = pages(cells, failed(*cells, at="stops", lane="keras"), front="chapters")
    (link,) = html["front"].select(".chapter-cards a")
    assert (link.text, link["href"]) == ("One", "01_one.html")
    assert html["front"].select_one(".chapter-cards p").decode_contents() == (
        "What is <code>one</code>?"
    )
    assert html["front"].select_one(".chapter-cards .no-picture").text == "01"


def test_the_list_of_chapters_has_one_whose_file_cannot_be_read(pages):
    _, html = pages([], unreadable(), front="chapters")
    (card,) = html["front"].select(".chapter-cards li")
    assert card.a["href"] == "01_one.html"
    assert card.select_one(".no-picture").text == "01"
