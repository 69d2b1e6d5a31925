"""The pages that are made of what the chapters measured."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from nbformat import NotebookNode, v4
from tiny_book import KERNEL, REPORT, code, lanes, record, report, text

from sidebyside import ledger
from sidebyside_book.chapter import read_notebook
from sidebyside_book.website.pages import charts
from sidebyside_book.website.pages.coverage import render as coverage

CONDITIONS = {
    "versions": {"torch": "2.13.0"},
    "threads": 1,
    "processor": "CPU",
    "backend": "tensorflow",
}


def claim(name: str, **fields: Any) -> dict[str, Any]:
    given = {
        "id": name,
        "claim": f"{name} is <so>.",
        "sources": ["S1"],
        "frameworks": ["keras"],
        "kind": "fact",
        "topic": "speed",
        "expected": "holds",
        "chapter": "01",
        "test": "Look at it.",
    }
    return {key: value for key, value in {**given, **fields}.items() if value}


CLAIMS = [
    claim("C01"),
    claim("C02", chapter="46", frameworks=["pytorch"]),
    claim(
        "C03",
        expected="not testable here",
        chapter=None,
        test=None,
        finding="Holds: it was.",
        references=[{"text": "README, 2020", "url": "https://example.org/"}],
    ),
]


@pytest.fixture
def pages(
    book: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Return a function that builds `01_one` from cells, and the pages of evidence."""
    content = {
        "topics": {"speed": "Speed", "ease": "Ease of use"},
        "sources": {"S1": {"title": "An article", "about": "2021"}},
        "claims": CLAIMS,
        "contradictions": [{"topic": "T", "says": "Yes, no.", "claims": ["C01"]}],
    }
    found = ledger.parse(content)
    monkeypatch.setattr(ledger, "load", lambda: found)
    source = tmp_path / "book"
    toc = "# Book\n\n```{toctree}\nchapter\n01_one\nclaims\nscores\ncover\n```\n"
    (source / "index.md").write_text(toc)
    names = ("ledger-summary", "articles", "contradictions", "ledger")
    body = "".join(f"```{{evidence}} {name}\n```\n\n" for name in names)
    (source / "claims.md").write_text(f"# Claims\n\n{body}")
    (source / "scores.md").write_text(
        "# Scores\n\n```{evidence} scoreboard-summary\n```\n\n## All\n\n"
        "```{evidence} scoreboard\n```\n"
    )
    (source / "cover.md").write_text("# Coverage\n\n```{evidence} coverage\n```\n")

    def build(*cells: NotebookNode) -> tuple[Any, dict[str, str]]:
        cells = (text("title", "# One"), *cells, report())
        run = [cell for cell in cells if cell.cell_type == "code"]
        for number, cell in enumerate(run, 1):
            cell.execution_count = number
        made = v4.new_notebook(cells=list(cells), metadata=KERNEL)
        (source / "01_one.ipynb").write_text(json.dumps(made))
        built = book(report())
        html = {
            path.stem: path.read_text() for path in (tmp_path / "html").glob("*.html")
        }
        return built, html

    return build


def verdict(name: str = "C01", said: str = "holds", **fields: Any) -> NotebookNode:
    content = {
        "schema": 1,
        "kind": "verdict",
        "claim": name,
        "verdict": said,
        "parts": [["it <runs> `now`", True]],
        "overtaken": [],
        "measured": [["calls", 5]],
        **CONDITIONS,
        **fields,
    }
    return code(f"settle-{name.lower()}", "settle()", record(content))


def measured(metric: str, unit: str, cell: str, **values: float) -> NotebookNode:
    rows = [
        {"lane": lane, "value": v, "q1": v, "q3": 1.1 * v, "samples": 3}
        for lane, v in values.items()
    ]
    content = {
        "schema": 1,
        "kind": "measurement",
        "metric": metric,
        "unit": unit,
        "rows": rows,
        "conditions": [["batch", 1200], ["share", 0.123456]],
        **CONDITIONS,
    }
    return code(cell, "measure()", record(content))


def test_a_page_follows_a_table_without_being_read_again(pages, monkeypatch) -> None:
    built, before = pages(verdict())
    read = built.app.env.all_docs["claims"]
    old = ledger.load()
    other = replace(old.claims["C01"], claim="Another word.")
    new = replace(old, claims={**old.claims, "C01": other})
    monkeypatch.setattr(ledger, "load", lambda: new)
    built, after = pages(verdict())
    assert ["Another word." in html["claims"] for html in (before, after)] == [0, 1]
    assert built.app.env.all_docs["claims"] == read


def test_the_ledger_shows_what_a_chapter_settled_and_links_to_the_cell(pages) -> None:
    built, html = pages(verdict())
    assert not built.warnings
    assert 'href="01_one.html#cell-settle-c01"' in html["claims"]
    assert 'id="cell-settle-c01"' in html["01_one"]
    assert "it &lt;runs&gt; <code>now</code>" in html["claims"]
    assert "C01 is &lt;so&gt;." in html["claims"]
    assert "the chapters have settled 1" in html["claims"]
    assert "Every computed verdict is the one that the authors got" in html["claims"]


def test_what_no_chapter_settles_says_who_will_or_where_it_stands(pages) -> None:
    _, html = pages(verdict())
    assert "Chapter 46 will settle it. The test: Look at it." in html["claims"]
    assert '<a href="https://example.org/">README, 2020</a>' in html["claims"]


def test_a_verdict_that_was_not_expected_is_marked(pages) -> None:
    built, html = pages(verdict(said="wrong"))
    assert not built.warnings  # a change to look at, no failure
    assert "Look at these:" in html["claims"]
    assert "Here: “wrong”; the authors got “holds”." in html["claims"]


def test_a_claim_that_its_chapter_does_not_settle_fails_the_build(pages) -> None:
    built, _ = pages()
    assert "C01: expected chapter 01 to settle it" in built.warnings
    assert "sidebyside.evidence" in built.warnings


def test_a_verdict_from_another_chapter_fails_the_build(pages) -> None:
    built, _ = pages(verdict(), verdict("C02"))
    assert "C02: expected a verdict from chapter 46" in built.warnings


def test_an_edited_chapter_changes_the_pages_that_depend_on_it(pages) -> None:
    _, before = pages(verdict())
    _, after = pages(verdict(measured=[["calls", 6]]))
    assert "<dd>5</dd>" in before["claims"]
    assert "<dd>6</dd>" in after["claims"]


def test_the_ledger_shows_figures_in_short(pages) -> None:
    figures = [
        ["tokens", 1200],
        ["share", 0.123456],
        ["size", {"value": 12_345_678, "unit": "B", "shown_in": None}],
        ["score", {"low": 0.9, "middle": 0.93456, "high": 0.95, "rounds": 5}],
        ["how", "<eagerly>"],
    ]
    _, html = pages(verdict(measured=figures))
    assert re.findall("<dd>(.*?)</dd>", html["claims"]) == [
        "1,200",
        "0.123",
        "12.3 MB",
        "0.935 (0.9 to 0.95)",
        "&lt;eagerly&gt;",
    ]


def test_a_page_of_evidence_is_written_only_when_it_changes(pages, tmp_path) -> None:
    pages(verdict())
    paths = {n: tmp_path / "html" / f"{n}.html" for n in ("claims", "scores", "cover")}
    before = {name: path.stat().st_mtime_ns for name, path in paths.items()}
    pages(verdict(measured=[["calls", 7]]))
    after = {name: path.stat().st_mtime_ns for name, path in paths.items()}
    assert [name for name in paths if after[name] != before[name]] == ["claims"]


def test_an_unknown_part_is_refused(pages, tmp_path) -> None:
    (tmp_path / "book" / "claims.md").write_text("# C\n\n```{evidence} nothing\n```\n")
    built, _ = pages(verdict())
    assert "evidence: expected one of" in built.warnings
    assert "received 'nothing'" in built.warnings


def test_filters_work_without_a_script(pages) -> None:
    _, html = pages(verdict())
    assert ':has(#about-keras:checked) .claim:not([data-about~="keras"])' in re.sub(
        r"\s+", " ", html["claims"]
    )
    assert 'id="verdict-not-testable-here"' in html["claims"]


def test_the_scoreboard_shows_ratios_and_their_source(pages) -> None:
    step = measured("time per training step", "s", "step", pytorch=1e-3, keras=4e-3)
    built, html = pages(verdict(), step)
    assert not built.warnings
    assert 'href="01_one.html#cell-step"' in html["scores"]
    assert "4 ms" in html["scores"]
    assert "4.00×" in html["scores"]
    assert "not measured" in html["scores"]
    assert 'role="img"' in html["scores"]
    assert "PyTorch 2.13.0" in html["scores"]
    assert "<td>batch 1,200, share 0.123</td>" in html["scores"]


def test_the_summary_counts_only_races_of_all_three(pages) -> None:
    step = measured("time per training step", "s", "step", pytorch=1e-3, keras=4e-3)
    _, html = pages(verdict(), step)
    assert "the lanes race" not in html["scores"]
    assert "races the lanes" not in html["scores"]
    whole = measured(
        "time per training step", "s", "s", pytorch=2e-3, tensorflow=1e-3, keras=4e-3
    )
    _, html = pages(verdict(), whole)
    assert "One chapter races the lanes" in html["scores"]
    assert "2.00 times as long in PyTorch" in html["scores"]


def test_a_metric_twice_on_a_page_is_refused(pages) -> None:
    cells = [measured("accuracy", "1", name, keras=0.9) for name in ("one", "two")]
    built, _ = pages(verdict(), *cells)
    assert "expected one measurement of 'accuracy' on a page" in built.warnings


def counted(missing: list[str], **tokens: int) -> NotebookNode:
    """Return the cell that records the counts of chapter `01_one`."""
    rows = [
        {
            "chapter": "01_one",
            "lane": lane,
            "lines": 1,
            "statements": 2,
            "tokens": number,
            "of helpers": 0,
            "names": 4,
        }
        for lane, number in tokens.items()
    ]
    content = {"schema": 1, "kind": "code", "rows": rows, "missing": missing}
    return code("count", "programs.show(counts, [])", record(content))


def test_code_is_what_the_lab_has_counted(pages) -> None:
    cell = counted([], pytorch=1_000, tensorflow=3_000, keras=500)
    built, html = pages(verdict(), cell)
    assert not built.warnings
    assert "<td>1, 2, 1000, 4<br><small>2.00×</small></td>" in html["scores"]
    assert "6.00×" in html["scores"]
    assert "In 1 chapters each lane was cut out as a program" not in html["scores"]
    assert "In one chapter each lane was cut out as a program" in html["scores"]
    assert 'href="01_one.html#cell-count">How this was counted' in html["scores"]
    assert "Not counted" not in html["scores"]
    assert "Lines of each lane" in html["cover"]


def test_a_chapter_that_was_not_counted_is_named(pages) -> None:
    built, html = pages(verdict(), counted(["01_one"]))
    assert not built.warnings
    assert "Not counted, because a lane can't be cut out" in html["scores"]
    assert "not every lane can be cut out and run alone yet" in html["cover"]


def test_coverage_counts_by_section(pages) -> None:
    built, html = pages(verdict(), text("s", "## Step"), *lanes("step"))
    assert not built.warnings
    assert "Step" in html["cover"]


def test_a_section_without_a_lane_fails_the_build(pages) -> None:
    cells = [text("s", "## Step"), *lanes("step"), *lanes("more", "pytorch", "keras")]
    built, _ = pages(verdict(), *cells)
    assert "sidebyside.coverage" in built.warnings
    assert "section 'Step': expected as many cells of each lane" in built.warnings
    assert "missing tensorflow" in built.warnings


def test_headings_in_fenced_code_are_no_sections(tmp_path) -> None:
    cells = [text("a", "## Real\n\n```\n## Not\n```"), *lanes("step")]
    path = tmp_path / "01_one.ipynb"
    path.write_text(json.dumps(v4.new_notebook(cells=cells)))
    assert [section.title for section in coverage.sections(read_notebook(path))] == [
        "Real"
    ]


def test_a_chart_says_what_it_shows() -> None:
    points = {"keras": charts.Point(3.0, 2.5, 3.5), "pytorch": charts.Point(1, 1, 1)}
    svg = charts.ratio_chart(points, 3.0, 'steps "x"')
    assert 'aria-label="steps &quot;x&quot;"' in svg
    assert svg.index("PyTorch") < svg.index("Keras")
    assert ">3×<" in svg


def test_a_chart_of_one_value_has_an_axis() -> None:
    assert "nan" not in charts.ratio_chart({"keras": charts.Point(1, 1, 1)}, 1.0, "x")


def test_the_books_own_pages_use_every_part() -> None:
    root = Path(__file__).resolve().parents[2]
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    files = [c["file"] for part in toc["parts"] for c in part["chapters"]]
    assert {"chapters/claims", "chapters/scoreboard", "chapters/coverage"} <= set(files)
    assert REPORT["schema"] == 1
