"""Running a chapter with parameters of one's own."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from sidebyside.parameters import read
from sidebyside_book import cli
from sidebyside_book.chapter import about, notebook_of, parameters, read_notebook
from sidebyside_book.execution.chapters import find_notebook
from sidebyside_book.runs.parameters import checked, stated

CELL = """
SEED = 0  # 0 to 9; any will do
RATE = 0.1
DATASET = "digits"
FAST = True
WIDTH = 2 * SEED
SIZES = [1]
"""
OFFER = {one.name: one for one in read(CELL)}
STOP = """
import signal, time
if SEED == 99:
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(60)
if SEED == 100:
    os.kill(os.getpid(), signal.SIGKILL)
"""
HAND_OVER = """
if SEED == 9:
    from sidebyside import labs
    labs.publish("01_one", {"rate": RATE}, 0.0)
print("end")
"""
CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of one chapter, whose end depends on `SEED`.

    It fails if that is negative; with 99 it stops the command as Ctrl-C does, with 100
    the kernel dies.
    """
    (tmp_path / "_config.yml").write_text("title: T\n")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: chapters/01_one\n"
    )
    (tmp_path / "chapters").mkdir()
    source = "SEED = 0  # any\nRATE = 0.5  # -1 to 1; any"
    cells = [
        v4.new_code_cell(source, id="parameters", metadata={"tags": ["parameters"]}),
        v4.new_code_cell("import os\nprint(SEED, RATE)", id="show"),
        v4.new_code_cell("print(os.environ['KERAS_BACKEND'])", id="backend"),
        v4.new_code_cell(STOP, id="stop"),
        v4.new_code_cell("assert SEED >= 0, 'too small'", id="check"),
        v4.new_code_cell(HAND_OVER, id="end"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, tmp_path / "chapters/01_one.ipynb")
    return tmp_path


def printed(path: Path) -> list[str]:
    cells = nbformat.read(path, 4).cells
    return [o.text for c in cells for o in c.get("outputs", []) if "text" in o]


def test_values_get_the_type_of_the_default() -> None:
    given = [("SEED", "3"), ("RATE", "1"), ("DATASET", "mnist"), ("FAST", "False")]
    found = checked([*given, ("WIDTH", "7"), ("SIZES", "[2]")], OFFER, "01_one")
    assert found == {
        **{"SEED": 3, "RATE": 1.0, "DATASET": "mnist", "FAST": False},
        **{"WIDTH": 7, "SIZES": [2]},
    }
    assert type(found["RATE"]) is float


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([("SEEDS", "3")], r"received 'SEEDS' \(do you mean SEED\?\)"),
        ([("seed", "3")], r"received 'seed' \(do you mean SEED\?\)"),
        ([("XYZ", "3")], "received 'XYZ'$"),
        ([("SEED", "1.5")], "type int for SEED, such as 0; received '1.5'"),
        ([("SEED", "True")], "type int for SEED"),
        ([("RATE", "fast")], "type float for RATE"),
        ([("FAST", "1")], "type bool for FAST"),
        ([("SEED", "{[]: 1}")], "type int for SEED"),
        ([("SEED", "-1")], "^run: expected SEED to be a whole number, 0 to 9; re.* -1"),
        ([("SEED", "10")], "^run: expected SEED to be a whole number, 0 to 9; re.* 10"),
        ([("RATE", "9" * 400)], "type float for RATE"),
        (
            [("WIDTH", "wide")],
            r"a literal for WIDTH, in place of 2 \* SEED; .*'wide'",
        ),
        ([("SIZES", "[(1, 2)]")], "type list for SIZES"),  # papermill makes it a text
        ([("SEED", "1"), ("SEED", "2")], "SEED once, received it twice"),
    ],
)
def test_bad_parameters_are_refused(given: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked(given, OFFER, "01_one")


@pytest.mark.parametrize(
    "path", sorted(CHAPTERS.glob("[0-9]*.ipynb")), ids=lambda path: path.stem
)
def test_every_chapter_offers_parameters_and_says_what_it_takes(path: Path) -> None:
    notebook = read_notebook(path)
    offer = parameters(notebook)
    assert "SEED" in offer
    assert all(map(stated, offer.values()))
    found = about(notebook)
    assert found.title
    assert 10 <= found.minutes <= 60
    assert found.necessary or found.helpful


def test_a_notebook_may_say_nothing_about_itself() -> None:
    with pytest.raises(ValueError, match="expected cells `title` and `aims`"):
        about(notebook_of(v4.new_notebook()))


def run(book: Path, *arguments: str) -> int:
    return cli.main(["run", "01", "--book", str(book), *arguments])


def test_a_run_is_saved_with_its_parameters(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep {SEED}" / "out.ipynb"
    given = ["-p", "SEED", "7", "--parameter", "RATE", "-2e-1", "--backend", "jax"]
    assert run(book, *given, "--out", str(out)) == 0
    assert printed(out) == ["7 -0.2\n", "jax\n", "end\n"]


def test_a_run_keeps_what_it_hands_over(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (book / "data").mkdir()
    kept = book / "data/records/01_one.json"
    assert run(book, "-p", "SEED", "9") == 0
    assert not kept.exists()
    assert run(book, "-p", "SEED", "9", "-p", "RATE", "0.25", "--keep") == 0
    assert json.loads(kept.read_text())["figures"] == {"rate": 0.25}
    capsys.readouterr()
    assert run(book, "--keep") == 2
    assert "keep: expected a record in " in capsys.readouterr().err


def test_any_notebook_runs_as_its_cell_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = '"""P."""\n%matplotlib inline\nSEED: int = 0\nHIGH = 2 * 8\nLOW = HIGH - 1'
    cells = [
        v4.new_code_cell(source, metadata={"tags": ["parameters"]}),
        v4.new_code_cell("print(SEED, HIGH, LOW)"),
    ]
    path, out = tmp_path / "mine {x}.ipynb", tmp_path / "out.ipynb"
    kernel = {"name": "my-own", "display_name": "Mine"}
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    given = ["-p", "SEED", "7", "-p", "LOW", "3", "--out", str(out)]
    assert cli.main(["run", str(path), *given]) == 0
    assert printed(out) == ["7 16 3\n"]
    capsys.readouterr()
    nbformat.write(v4.new_notebook(cells=cells[1:]), path)
    assert cli.main(["run", str(path), *given]) == 2
    assert capsys.readouterr().err == (
        "run: expected no parameter, since mine {x} has no cell tagged 'parameters'; "
        "received 'SEED'\n"
    )


def test_a_run_that_fails_is_saved_up_to_the_cell(
    book: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(book, "-p", "SEED", "-1") == 1
    assert printed(book / "_build/runs/01_one.ipynb")[:1] == ["-1 0.5\n"]
    assert "end\n" not in printed(book / "_build/runs/01_one.ipynb")
    said = capfd.readouterr().err
    assert "run: 01_one, cell 'check': AssertionError: too small\n" in said
    assert "----> 1 assert SEED >= 0" in said


@pytest.mark.parametrize(
    ("seed", "status", "said"),
    [
        ("99", 130, "Interrupted; the notebook up to there is"),
        ("100", 1, "run: 01_one, cell 'stop': DeadKernelError: Kernel died"),
    ],
)
def test_a_run_that_is_cut_off_is_saved_up_to_there(
    book: Path, seed: str, status: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(book, "-p", "SEED", seed) == status
    assert said in capfd.readouterr().err
    saved = printed(book / "_build/runs/01_one.ipynb")
    assert saved[0] == f"{seed} 0.5\n"
    assert "end\n" not in saved


def test_a_chapter_is_found_by_number_name_and_path(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = CHAPTERS.parent
    for wanted in ("4", "04", "04_training_loop", "04_tr"):
        assert find_notebook(here, wanted).path == CHAPTERS / "04_training_loop.ipynb"
    own = book / "chapters/01_one.ipynb"
    assert find_notebook(here, str(own)).path == own  # not the book's own 01_...
    assert find_notebook(book, "chapters/01_one.ipynb").path == own
    monkeypatch.chdir(book / "chapters")
    assert find_notebook(here, "01_one.ipynb").path == own
    with pytest.raises(FileNotFoundError, match=r"received no file 04_none\.ipynb"):
        find_notebook(here, "04_none.ipynb")
    with pytest.raises(
        FileNotFoundError, match="expected the book's folder, with _toc"
    ):
        find_notebook(book / "chapters", "01")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-p", "SEEDS", "1"], "do you mean SEED?"),
        (
            ["-p", "RATE", "2"],
            "expected RATE to be a number, -1 to 1; received 2.0",
        ),
        (["--out", "chapters/01_one.ipynb"], "expected another file than the chapter"),
        (["--out", "chapters"], "expected a file that can be written, received --out"),
        (["--out", "_toc.yml/x.ipynb"], "_toc.yml/x.ipynb: File exists"),
    ],
)
def test_a_wrong_command_runs_nothing(
    book: Path,
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(book)
    before = (book / "chapters/01_one.ipynb").read_text()
    assert run(book, *arguments) == 2
    assert said in capsys.readouterr().err
    assert (book / "chapters/01_one.ipynb").read_text() == before
    assert not (book / "_build").exists()


def test_the_list_shows_the_books_chapters(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--book", str(CHAPTERS.parent)]) == 0
    said = capsys.readouterr().out
    assert "04_training_loop: The training loop (20 minutes)" in said
    assert "    parameters: SEED=0 (0 to 2**30), NUM_IMAGES=2000 (500" in said
    assert "LEARNING_RATE=0.1 (above 0, up to 0.5), MOMENTUM=0.9 (0 to 0.95)" in said
    assert cli.main(["list", "--book", "nowhere"]) == 2
