"""`sidebyside new-chapter`: a chapter that runs, and has one thing left to do."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
import sample
import yaml
from nbformat import NotebookNode
from perturb import failures, first_failure
from perturbations import read
from test_perturbation import unlike

from sidebyside import ledger
from sidebyside_book import chapter_data, cli
from sidebyside_book.authoring import command, contents, skeleton
from sidebyside_book.authoring.rules import problems, setup_problems
from sidebyside_book.authoring.rules.hygiene import stored_form
from sidebyside_book.authoring.skeleton import NOTE, TEMPLATE, TODO, asked
from sidebyside_book.chapter import notebook_of

ROOT = Path(__file__).resolve().parents[2]
FREE = next(
    number
    for number in (f"{n:02}" for n in range(1, 80))
    if not list(ROOT.glob(f"chapters/{number}_*"))
)
STEM = f"{FREE}_new_things"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A copy of what the command reads and changes."""
    shutil.copytree(ROOT / "chapters", tmp_path / "chapters")
    shutil.copy(ROOT / contents.FILE, tmp_path)
    shutil.copytree(ROOT / chapter_data.FOLDER, tmp_path / chapter_data.FOLDER)
    return tmp_path


def new_chapter(book: Path, *arguments: str) -> int:
    return cli.main(["new-chapter", *arguments, "--book", str(book)])


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def made(book: Path) -> NotebookNode:
    path = book / f"chapters/{STEM}.ipynb"
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def resolved(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without the notes to the author and the cell `todo`."""
    for cell in notebook.cells:
        cell.source = re.sub(rf"\n\n> \*\*{NOTE}\..*", "", cell.source)
    notebook.cells = [cell for cell in notebook.cells if cell.id != TODO]
    return notebook


def test_one_thing_is_left_to_do(book):
    assert new_chapter(book, FREE, "new_things") == 0
    (found,) = problems(notebook_of(made(book), STEM))
    assert found.startswith(f"{STEM}: todo: expected the skeleton's question and task")
    assert problems(notebook_of(resolved(made(book)), STEM)) == []


def test_it_is_stored_and_set_up_as_all_are(book):
    assert stored_form(TEMPLATE.read_text(encoding="utf-8")) == []
    setup = sample.code("setup", "%pip install -q another", "hide-cell")
    for path in sorted(book.glob("chapters/[0-9]*.ipynb"))[:1]:  # it is copied anew
        first = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        first.cells = [setup if cell.id == "setup" else cell for cell in first.cells]
        path.write_text(nbformat.v4.writes(first), encoding="utf-8")
    new_chapter(book, FREE, "new_things")
    text = (book / f"chapters/{STEM}.ipynb").read_text(encoding="utf-8")
    assert stored_form(text) == []
    assert setup_problems([notebook_of(first), notebook_of(made(book))]) == []


@pytest.mark.slow
def test_it_runs_and_its_proof_can_fail(book):
    """The whole chapter runs; then its faults are put in, in turn, and are noticed.

    The faults are read from the file that the command has written.
    """
    new_chapter(book, FREE, "new_things")
    assert first_failure(made(book), book / "chapters") is None
    faults = read(book / chapter_data.FOLDER / f"{STEM}.yaml")
    assert {fault.lane for fault in faults} == {"pytorch", "tensorflow", "keras"}
    found = dict(failures(made(book), faults, book / "chapters"))
    said = {str(fault): unlike(fault, found[fault]) for fault in faults}
    assert not any(said.values()), said


def test_title_and_question_are_as_asked(book):
    title, question = "Things that are new", "Are they?"
    new_chapter(book, FREE, "new_things", "--title", title, "--question", question)
    assert made(book).cells[0].source == f"# {title}\n\n**{question}**"
    labels = [c.source for c in made(book).cells if "{exercise}" in c.source]
    assert all(f":label: ex-{FREE}-" in label for label in labels)


def test_what_was_written_is_said(book, capsys):
    before = snapshot(book)
    new_chapter(book, FREE, "new_things")
    after = snapshot(book)
    written = {str(p.relative_to(book)) for p in after if after[p] != before.get(p)}
    said = capsys.readouterr().out
    assert set(re.findall(r"^wrote (.*)$", said, re.MULTILINE)) == written
    beside = f"{chapter_data.FOLDER}/{STEM}.yaml"
    assert written == {f"chapters/{STEM}.ipynb", beside, contents.FILE}


def test_the_guide_for_teachers_gets_notes_of_its_own(book):
    new_chapter(book, FREE, "new_things")
    notes = chapter_data.read(book / chapter_data.FOLDER / f"{STEM}.yaml").notes
    ids = {cell.id for cell in made(book).cells}
    at = [section["at"] for section in notes["sections"]]
    assert {*at, *(mistake["cell"] for mistake in notes["mistakes"])} <= ids
    labels = re.findall(r":label: (\S+)", "".join(c.source for c in made(book).cells))
    assert {exercise["label"] for exercise in notes["exercises"]} <= set(labels)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["1", "new"], "expected a number of two digits, 01 to 79, received '1'"),
        (["00", "new"], "01 to 79, received '00'"),
        (["80", "new"], "01 to 79, received '80'"),
        (
            ["01", "new"],
            "expected a number that is free, received 01, which 01_tensors",
        ),
        ([FREE, "New"], "received 'New'"),
        ([FREE, "new-things"], "received 'new-things'"),
        ([FREE, "../new"], "received '../new'"),
        ([FREE, "new", "--title", ""], "expected a title of one line"),
        ([FREE, "new", "--title", "# New"], "received '# New'"),
        ([FREE, "new", "--title", "New\nold"], "expected a title of one line"),
        ([FREE, "new", "--question", "It is."], "ends with '?', received 'It is.'"),
        ([FREE, "new", "--question", "Is it?\nIs it?"], "a question of one line"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(book, capsys, arguments, said):
    before = snapshot(book)
    assert new_chapter(book, *arguments) == 2
    assert said in capsys.readouterr().err
    assert snapshot(book) == before


@pytest.mark.parametrize("name", ["chapters", contents.FILE])
def test_another_folder_is_refused(book, capsys, name):
    (book / name).rename(book / "elsewhere")
    before = snapshot(book)
    assert new_chapter(book, FREE, "new_things") == 2
    said = capsys.readouterr().err
    assert f"expected the book's folder, with {name} in it, received {book}" in said
    assert snapshot(book) == before


@pytest.mark.parametrize("method", ["write_text", "replace"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_write_that_fails_leaves_no_trace(book, capsys, monkeypatch, method, nth):
    before, usual, calls = snapshot(book), getattr(Path, method), []

    def full(self: Path, *arguments: object, **more: object) -> object:
        calls.append(self)
        if len(calls) == nth:
            raise OSError("no space left on device")
        return usual(self, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, method, full)
        assert new_chapter(book, FREE, "new_things") == 2
    assert "no space left" in capsys.readouterr().err
    assert snapshot(book) == before


def test_claims_that_wait_are_named(book, capsys, monkeypatch):
    waiting = next(c for c in ledger.load().claims.values() if c.chapter)
    new = asked(waiting.chapter, "new_things", None, None)
    assert waiting.id in command.claims(new)
    monkeypatch.setattr(command, "claims", lambda new: ["C01", "C02"])
    new_chapter(book, FREE, "new_things")
    assert f"expects chapter {FREE} to settle C01, C02;" in capsys.readouterr().out


CONTENTS = """\
format: jb-book
root: index
parts:
  - caption: Foundations  # the ground
    chapters:
      - file: chapters/02_two  # two
      # three is late
      - file: chapters/04_four
  # nearly done
  - caption: Under the hood
    chapters:
      - file: chapters/41_deep
  - caption: Reference
    chapters:
      - file: chapters/claims
"""
PLACES = {  # number: the line above it, the lines of a new part
    "01": ("    chapters:", 0),
    "03": ("      - file: chapters/02_two  # two", 0),
    "05": ("      - file: chapters/04_four", 0),
    "42": ("      - file: chapters/41_deep", 0),
    "31": ("      - file: chapters/04_four", 2),
    "11": ("      - file: chapters/04_four", 2),
    "71": ("      - file: chapters/41_deep", 2),
}


@pytest.mark.parametrize("number", PLACES)
def test_the_contents_gain_one_page(number):
    new = asked(number, "new", None, None)
    lines = contents.entered(CONTENTS, new).splitlines()
    above, part = PLACES[number]
    place = lines.index(f"      - file: chapters/{number}_new") - part
    assert lines[place - 1] == above
    if part:
        captions = [f"  - caption: {new.part}", "    chapters:"]
        assert lines[place : place + 2] == captions
    del lines[place : place + part + 1]
    assert lines == CONTENTS.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "format: jb-book\nroot: index\nparts: []\n",
        CONTENTS.replace("- file: chapters/02_two  # two", "- {file: chapters/02_two}"),
        CONTENTS.replace("04_four", "01_four"),
    ],
)
def test_contents_in_another_form_are_refused(text):
    number = "01" if "{" in text else "03"
    with pytest.raises(ValueError, match="one a line, received one where"):
        contents.entered(text, asked(number, "new", None, None))


def test_parts_are_called_as_in_the_book():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = {
        (int(page["file"][9]), part["caption"])
        for part in toc["parts"]
        for page in part["chapters"]
        if page["file"][9:11].isdigit()
    }
    assert found <= set(enumerate(skeleton.PARTS))
