"""`sidebyside review`: the brief, with the chapter's facts."""

from pathlib import Path

import nbformat
import pytest
import sample

from sidebyside_book import cli

TOC = "format: jb-book\nroot: index\nchapters:\n- file: chapters/08_sample\n"
FAULTS = """\
notes: {}
faults:
  - {cell: ask-keras, old: "X", new: "0", notices: parity-check, lane: keras}
  - {cell: ask-pytorch, old: "X", new: "0", notices: parity-check, lane: pytorch}
  - {cell: step-keras, old: "row", new: "0", notices: parity-check, lane: keras}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of one chapter that keeps all rules, and was not executed."""
    (tmp_path / "_toc.yml").write_text(TOC)
    (tmp_path / "_config.yml").write_text("title: T\n")
    (tmp_path / "chapters").mkdir()
    write(tmp_path, sample.notebook())
    return tmp_path


def write(book: Path, notebook: nbformat.NotebookNode) -> None:
    text = nbformat.v4.writes(notebook).rstrip("\n") + "\n"
    (book / "chapters/08_sample.ipynb").write_text(text, encoding="utf-8")


def facts(book: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return the rows of the brief's table."""
    assert cli.main(["review", "8", "--book", str(book)]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line[:2] == "| "]
    return dict(row.strip("| ").split(" | ", 1) for row in rows if row != "| | |")


def test_the_facts_are_those_of_the_chapter(book, capsys):
    (book / "data/chapters").mkdir(parents=True)
    (book / "data/chapters/08_sample.yaml").write_text(FAULTS)
    said = facts(book, capsys)
    cells = [cell.id for cell in sample.notebook().cells]
    begin, end = cells.index("exercises"), cells.index("references")
    assert said["cells before the exercises"] == f"{begin} of 60"
    assert said["cells of the exercises"] == f"{end - begin} of 24"
    assert said["minutes to read"] == "5 of 20"
    assert said["rules broken"] == "none"
    assert said["pictures"] == "`diagrams.training_step` in `imports`"
    assert said["proofs"] == "`parity-check` (parity.check)"
    assert said["faults on the list"].startswith(
        "3: 1 in PyTorch, 0 in TensorFlow, 2 in Keras; noticed by `parity-check` 3 ("
    )
    assert said["parameters"] == "`SEED` 0 in 0 to 9; `N` 4 in 1 to 8"
    assert said["last execution"] == "not executed as it stands"
    assert said["settings passed"] == "none"
    assert "seed-4" in said["settings that have not passed as it stands"].split(", ")
    assert said["exercises"].startswith("Translation: the sum; Predict")


def test_what_is_wrong_is_said(book, capsys):
    broken = sample.notebook()
    sample.both(
        sample.removed("short"),
        sample.source("step-keras", "# Keras\nseen_ks = torch.tensor(seen_pt)"),
        sample.put_after(
            "look-7",
            sample.text("settle-text", "So it is."),
            sample.code("settle-it", "evidence.settle('C40', {'so': True})"),
        ),
    )(broken)
    write(book, broken)
    said = facts(book, capsys)
    assert "08_sample: short: expected a cell that begins with" in said["rules broken"]
    assert (
        said["faults on the list"] == "none: there is no data/chapters/08_sample.yaml"
    )
    assert said["claims settled"] == "C40"
    assert "not Keras (step-keras: expected names" in said["lanes that run alone"]


def test_the_questions_name_the_chapter(book, capsys):
    assert cli.main(["review", "08_sample", "--book", str(book)]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# Review: 08_sample\n")
    assert "make test-machines CHAPTERS=08`" in text
    assert "{{" not in text


def test_a_chapter_that_is_not_there_is_refused(book, capsys):
    assert cli.main(["review", "09", "--book", str(book)]) == 2
    assert "expected one of 08_sample, received '09'" in capsys.readouterr().err
