"""`sidebyside check`: the rules, as a command."""

import json
from pathlib import Path

import nbformat
import pytest
import sample

from sidebyside_book import cli

TOC = """\
format: jb-book
root: index
chapters:
- file: chapters/01_good
- file: chapters/02_other
- file: chapters/scores
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of two chapters and a page of reference that keep all rules."""
    (tmp_path / "_toc.yml").write_text(TOC)
    (tmp_path / "chapters").mkdir()
    page = sample.notebook()
    page.cells = [cell for cell in page.cells if cell.id in ("title", "setup")]
    for name, notebook in {
        "01_good": sample.notebook(),
        "02_other": sample.notebook(),
        "scores": page,
    }.items():
        write(tmp_path, name, notebook)
    return tmp_path


def write(book: Path, name: str, notebook: nbformat.NotebookNode) -> None:
    text = nbformat.v4.writes(notebook).rstrip("\n") + "\n"
    (book / f"chapters/{name}.ipynb").write_text(text, encoding="utf-8")


def broken(book: Path, name: str, *changes: sample.Change) -> None:
    """Write a notebook with something wrong."""
    notebook = sample.notebook()
    sample.both(*changes)(notebook)
    write(book, name, notebook)


def check(book: Path, *chapters: str) -> int:
    return cli.main(["check", *chapters, "--book", str(book)])


def test_nothing_is_said_of_a_good_book(book, capsys):
    assert check(book) == 0
    assert capsys.readouterr().out == ""


def test_each_problem_is_a_line(book, capsys):
    broken(
        book,
        "02_other",
        sample.removed("step-keras"),
        sample.source("look-1", "open('/home/me/x')"),
    )
    assert check(book) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "02_other: look-1: expected a relative path, received '/home/...'" in lines
    assert any(line.startswith("02_other: step-pytorch: expected") for line in lines)
    assert all(line.startswith("02_other: ") for line in lines)
    assert check(book, "1") == 0


def test_a_file_with_the_newlines_of_windows_is_seen(book, capsys):
    path = book / "chapters/02_other.ipynb"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert check(book) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("02_other: (notebook): expected lines that end with")


def test_a_page_of_reference_keeps_the_rules_of_hygiene(book, capsys):
    broken(book, "scores", sample.source("report", "open('/home/me/x')"))
    assert check(book, "scores") == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("scores: report: expected a relative path")


def test_the_setup_cell_is_that_of_the_first_chapter(book, capsys):
    broken(book, "02_other", sample.source("setup", "%pip install -q another"))
    assert check(book, "02") == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("02_other: setup: expected the same text")
    assert check(book, "01") == 0


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("outputs", "'outputs' is a required property"),
        ("id", "expected an id of words"),
    ],
)
def test_a_notebook_that_lacks_a_field_is_named(book, capsys, lost, said):
    notebook = sample.notebook()
    del sample.at(notebook, "look-1")[lost]
    (book / "chapters/02_other.ipynb").write_text(json.dumps(notebook))
    assert check(book) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no JSON", "02_other: (notebook): chapter: expected a notebook, received"),
        (nbformat.writes(sample.notebook()), "expected one newline at the end"),
    ],
)
def test_a_file_in_another_form_is_named(book, capsys, text, said):
    (book / "chapters/02_other.ipynb").write_text(text)
    assert check(book) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert said in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["09"], "expected one of 01_good, 02_other, scores, received '09'"),
        (["--book", "nowhere"], "with _toc.yml in it, received"),
    ],
)
def test_a_wrong_command_has_another_status(book, capsys, arguments, said):
    assert cli.main(["check", "--book", str(book), *arguments]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""
