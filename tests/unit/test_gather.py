"""Reading records back from executed notebooks."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from nbformat import v4

from sidebyside import ledger
from sidebyside.records import MIME
from sidebyside_book import gather
from sidebyside_book.execution import evidence as command


def notebook(*found: dict[str, Any], executed: bool = True) -> str:
    cells = [v4.new_markdown_cell("# T", id="title")]
    for number, fields in enumerate(found, 1):
        output = v4.new_output("display_data", {MIME: {"schema": 1, **fields}})
        cell = v4.new_code_cell("x", id=f"cell-{number}", outputs=[output])
        cell.execution_count = number if executed else None
        cells.append(cell)
    return json.dumps(v4.new_notebook(cells=cells))


def verdict(claim: str, said: str = "holds") -> dict[str, Any]:
    return {"kind": "verdict", "claim": claim, "verdict": said}


def found(*pairs: tuple[str, dict[str, Any]]) -> list[gather.PageRecord]:
    return [gather.PageRecord(page, "c", record) for page, record in pairs]


def small_ledger() -> ledger.Ledger:
    claims = [
        {
            "id": name,
            "claim": "So it is.",
            "sources": ["S1"],
            "frameworks": ["keras"],
            "kind": "fact",
            "topic": "speed",
            "expected": "holds",
            "chapter": chapter,
            "test": "Look.",
        }
        for name, chapter in (("C01", "01"), ("C02", "01"), ("C03", "46"))
    ]
    sources = {"S1": {"title": "An article", "about": "2021"}}
    content = {"sources": sources, "claims": claims, "contradictions": []}
    return ledger.parse({**content, "topics": {"speed": "Speed"}})


def test_records_come_with_page_and_cell(tmp_path: Path) -> None:
    path = tmp_path / "01_one.ipynb"
    path.write_text(notebook(verdict("C01"), {"kind": "race"}))
    first, second = gather.from_notebook(path)
    assert (first.page, first.cell, first.chapter) == ("01_one", "cell-1", "01")
    assert gather.of_kind([first, second], "race") == [second]
    assert gather.PageRecord("scoreboard", "c", {}).chapter is None


def test_cells_that_colab_saved_without_ids_are_named_by_their_place(
    tmp_path: Path,
) -> None:
    saved = json.loads(notebook(verdict("C01"), verdict("C02")))
    for cell in saved["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
    path = tmp_path / "01_one.ipynb"
    path.write_text(json.dumps(saved | {"nbformat_minor": 0}))
    assert [one.cell for one in gather.from_notebook(path)] == ["cell 1", "cell 2"]


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "01_one.ipynb"
    path.write_text(notebook(verdict("C01")), encoding="utf-16")
    with pytest.raises(ValueError, match=r"expected a notebook, received .*01_one"):
        list(gather.from_notebook(path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "expected a notebook"),
        ("[]", "expected a notebook"),
        ('{"cells": null}', "expected a notebook"),
        ('{"cells": [{}]}', "expected a notebook"),
        (notebook(verdict("C01"), executed=False), "expected an executed notebook"),
        (notebook({**verdict("C01"), "schema": 7}), "records of schema 1, received 7"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        list(gather.from_notebook(path))


def test_a_ledger_that_fits_its_chapters_has_no_problems() -> None:
    ones = found(("01_one", verdict("C01")), ("01_one", verdict("C02")))
    assert gather.problems(ones, ["01_one", "index"], small_ledger()) == []


@pytest.mark.parametrize(
    ("ones", "said"),
    [
        ([("01_one", verdict("C01"))], "C02: expected chapter 01 to settle it"),
        ([("01_one", verdict("C09"))], "C09: expected a claim of the ledger"),
        ([("02_two", verdict("C02"))], "C02: expected a verdict from chapter 01"),
        (
            [("01_one", verdict("C02")), ("01_one", verdict("C02"))],
            "C02: expected one verdict",
        ),
    ],
)
def test_what_does_not_fit_is_named(ones: Any, said: str) -> None:
    wrong = gather.problems(found(*ones), ["01_one", "02_two"], small_ledger())
    assert any(problem.startswith(said) for problem in wrong), wrong


def test_changes_are_verdicts_that_were_not_expected() -> None:
    ones = found(("01_one", verdict("C01")), ("01_one", verdict("C02", "wrong")))
    assert gather.changes(ones, small_ledger()) == [(ones[1], "holds")]


def test_a_verdict_may_be_left_open_only_where_its_claim_says_so() -> None:
    claims = small_ledger()
    ones = found(("01_one", verdict("C01", ledger.UNDECIDED)))
    assert gather.changes(ones, claims) == [(ones[0], "holds")]
    may = dataclasses.replace(claims.claims["C01"], undecided="More rounds.")
    claims = dataclasses.replace(claims, claims=claims.claims | {"C01": may})
    assert gather.changes(ones, claims) == []
    assert not may.allows("wrong")


def test_the_command_prints_the_records_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sidebyside_book import cli

    path = tmp_path / "41_graphs.ipynb"
    path.write_text(notebook(verdict("C28", "wrong"), {"kind": "race"}))
    assert cli.main(["evidence", str(path), "--kind", "verdict"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["page"], one["cell"]) == ("41_graphs", "cell-1")
    assert one["record"]["claim"] == "C28"
    assert cli.main(["evidence", str(path), "--changes"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("1 verdicts computed, 1 of them not as expected")
    assert "C28: 'wrong', 'holds' was expected (41_graphs, cell 'cell-1')" in said


def test_the_command_says_what_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sidebyside_book import cli

    assert cli.main(["evidence", str(tmp_path / "none.ipynb")]) == 2
    assert "none.ipynb" in capsys.readouterr().err
    assert cli.main(["evidence", "--book", str(tmp_path)]) == 2
    assert "expected the book's folder" in capsys.readouterr().err


def test_no_change_is_said_too() -> None:
    said = command.changes_in_words([], [])
    assert said == "0 verdicts computed, 0 of them not as expected."


def test_what_is_left_open_is_named() -> None:
    ones = found(("41_graphs", verdict("C105", ledger.UNDECIDED)))
    assert (
        command.changes_in_words(ones, []).splitlines()[-1] == "Undecided here: C105."
    )
