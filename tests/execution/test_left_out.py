"""What is made of the executed chapters, when one of them failed."""

import json
import subprocess
import sys
from typing import Any

import pytest
from tiny_book import MIME

BAD = "FAILED 02_bad, cell 'cell-b'\nZeroDivisionError: division by zero\n"


def measure(kind: str) -> str:
    """Return code that puts out a record."""
    bundle = {"text/html": kind, MIME: {"schema": 1, "kind": kind}}
    return f"display({bundle!r}, raw=True)"


@pytest.fixture(scope="module")
def half(make_whole) -> Any:
    """A book of which one chapter ran, and another stopped after a measurement."""
    book = make_whole()
    book.add("01_good", measure("parity"))
    book.add("02_bad", measure("race"), measure("rosetta") + "\n1 / 0")
    assert book.execute().returncode == 1
    return book


def run(book: Any, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """Run the command `sidebyside` over the book."""
    command = [sys.executable, "-m", "sidebyside_book.cli", *arguments]
    return subprocess.run(
        [*command, "--book", str(book.folder)],
        env=book.environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )


def test_evidence_has_the_records_of_the_cells_that_ran_to_their_end(half):
    result = run(half, "evidence")
    kinds = [(one["page"], one["record"]["kind"]) for one in json.loads(result.stdout)]
    assert kinds == [("01_good", "parity"), ("01_good", "report"), ("02_bad", "race")]
    assert result.returncode == 1
    assert result.stderr == f"{BAD}What it measures from there on is missing.\n"


def test_slides_are_made_of_the_chapters_that_ran(half, tmp_path):
    result = run(half, "slides", "--out", str(tmp_path))
    assert result.returncode == 1
    assert [path.name for path in tmp_path.glob("*.html")] == ["01_good.html"]
    assert result.stderr == f"No slides of 02_bad: it failed.\n{BAD}"


def test_slides_that_are_asked_for_by_name_are_refused(half, tmp_path):
    result = run(half, "slides", "02", "--out", str(tmp_path))
    assert result.returncode == 2
    assert "expected chapter 02_bad to run to its end, received Zero" in result.stderr
    assert run(half, "slides", "01", "--out", str(tmp_path)).returncode == 0


@pytest.mark.parametrize("command", ["evidence", "slides"])
def test_in_ci_nothing_is_left_out(half, command):
    result = run(half, command, CI="true")
    assert result.returncode == 2
    assert "expected chapter 02_bad to run to its end" in result.stderr
    assert result.stdout == ""


def test_a_chapter_that_was_not_executed_is_not_one_that_failed(make_whole):
    book = make_whole()
    book.add("01_new")
    result = run(book, "evidence")
    assert result.returncode == 2
    assert "received none in the cache: run `sidebyside execute`" in result.stderr
