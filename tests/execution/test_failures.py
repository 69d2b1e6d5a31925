"""A chapter that fails is reported, isn't cached, and stops no other."""

import nbformat
import pytest

LANE = {0: ["lane-keras"]}


def test_a_failure_is_reported_and_the_others_go_on(book):
    book.add("01_good")
    book.add("02_bad", "# Keras\nloss_ks = 1\nraise ValueError('no [b]')", tags=LANE)
    book.add("03_good")
    result = book.execute("--jobs", "1")
    assert result.returncode == 1
    assert "FAILED 02_bad, cell 'cell-a' (lane keras)" in result.stdout
    assert "\nValueError: no [b]\n" in result.stdout
    assert "  | ValueError: no [b]" in result.stdout, "the traceback's last line"
    assert "----> 3 raise ValueError" in result.stdout
    assert "\x1b" not in result.stdout
    assert [book.runs(name) for name in book.names] == [1, 1, 1]
    assert len(book.cached_notebooks()) == 2


def test_only_the_repaired_chapter_runs_again(book):
    book.add("01_good")
    book.add("02_bad", "1 / 0")
    assert book.execute().returncode == 1
    assert book.execute().returncode == 1, "a failure must not be taken for a result"
    book.add("02_bad", "1 / 1")
    assert book.execute().returncode == 0
    assert (book.runs("01_good"), book.runs("02_bad")) == (1, 3)


def test_a_failure_outside_the_lanes_names_no_lane(book):
    book.add("01_bad", "1 / 0", tags={0: ["parameters"]})
    result = book.execute()
    assert "FAILED 01_bad, cell 'cell-a'\nZeroDivisionError: " in result.stdout
    assert "lane" not in result.stdout


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import time\ntime.sleep(30)", "CellTimeoutError: A cell timed out"),
        ("import os\nos._exit(1)", "DeadKernelError: Kernel died"),
    ],
)
def test_what_is_no_exception_is_reported_as_well(book, source, error):
    book.write("_config.yml", "execute: {execute_notebooks: cache, timeout: 2}\n")
    book.add("01_good")
    book.add("02_bad", source)
    result = book.execute()
    assert result.returncode == 1
    assert "FAILED 02_bad, cell 'cell-a'" in result.stdout
    assert error in result.stdout
    assert len(book.cached_notebooks()) == 1


def test_a_chapter_may_have_a_longer_timeout_of_its_own(book):
    book.write("_config.yml", "execute: {execute_notebooks: cache, timeout: 1}\n")
    book.add("01_slow", "import time\ntime.sleep(2)")
    path = book.folder / "chapters/01_slow.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.execution = {"timeout": 30}
    nbformat.write(notebook, path)
    result = book.execute()
    assert result.returncode == 0, result.stdout


def test_a_notebook_that_cannot_be_read_is_a_failure_of_that_chapter(book):
    book.add("01_good")
    book.add("02_bad")
    book.write("chapters/02_bad.ipynb", '{"cells": [')
    result = book.execute()
    assert result.returncode == 1
    assert "FAILED 02_bad, before its first cell\nNotJSONError: " in result.stdout
    assert book.runs("01_good") == 1


def test_a_log_says_what_began_and_what_ended(book):
    book.add("01_good")
    book.add("02_bad", "1 / 0")
    lines = book.execute("--jobs", "1").stdout.splitlines()
    assert lines[0].strip() == "01_good begins"
    assert lines[1].startswith("[1 of 2] 01_good executed after ")
    assert lines[2].strip() == "02_bad begins"
    assert lines[3].startswith("[2 of 2] 02_bad failed after ")


def kept(book) -> list[str]:
    """Return the names of the chapters of which a failure is kept."""
    return sorted(path.name for path in book.cache.glob("failed/*"))


def test_a_failed_chapter_is_kept_up_to_the_failing_cell(book):
    book.add("01_bad", "print('before')", "1 / 0", "print('after')")
    path = book.folder / "chapters/01_bad.ipynb"
    notebook = nbformat.read(path, as_version=4)
    stored = nbformat.v4.new_output("stream", text="stored in the file")
    notebook.cells[-1].outputs = [stored]
    nbformat.write(notebook, path)
    book.execute()
    assert kept(book) == ["01_bad.ipynb"]
    (file,) = book.cache.glob("failed/*")
    cells = nbformat.read(file, as_version=4).cells
    assert [len(cell.outputs) for cell in cells[2:]] == [1, 1, 0]
    assert cells[3].outputs[0].ename == "ZeroDivisionError"
    assert book.cached_notebooks() == []


def test_a_failure_is_forgotten_when_the_chapter_runs_to_its_end(book):
    book.add("01_bad", "1 / 0")
    book.execute()
    book.add("01_bad", "1 / 1")
    assert book.execute().returncode == 0
    assert kept(book) == []


def test_a_failure_is_forgotten_when_a_build_has_executed_the_chapter(book):
    book.add("01_bad", "assert (trace / 'ready').exists()")
    book.execute()
    (book.trace / "ready").touch()
    book.build()  # with the execution alone, which knows nothing of pages
    assert book.execute("--failures").returncode == 0
    result = book.execute()
    assert "cached" in result.stdout
    assert kept(book) == []


def test_a_chapter_that_fails_when_forced_has_no_result_any_more(book):
    book.add("01_one", "assert not (trace / 'broken').exists()")
    book.execute()
    (book.trace / "broken").touch()
    assert book.execute("--force").returncode == 1
    assert book.cached_notebooks() == []
    assert book.execute().returncode == 1, "an older result must not hide the failure"


def test_the_failures_are_said_again_without_executing_anything(book):
    book.add("01_good")
    book.add("02_bad", "# Keras\nraise ValueError('first\\nsecond')", tags=LANE)
    book.execute()
    result = book.execute("--failures")
    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        "FAILED 02_bad, cell 'cell-a' (lane keras)",
        "ValueError: first",
    ]
    assert (book.runs("01_good"), book.runs("02_bad")) == (1, 1)


@pytest.mark.parametrize("source", ["1 / 1", "1 / 0  # changed since"])
def test_a_chapter_that_was_changed_has_not_failed(book, source):
    book.add("01_bad", "1 / 0")
    book.execute()
    book.add("01_bad", source)
    result = book.execute("--failures")
    assert (result.returncode, result.stdout) == (0, "")


def test_a_chapter_that_was_given_another_kernel_has_not_failed(book):
    book.add("01_bad", "1 / 0")
    path = book.folder / "chapters/01_bad.ipynb"
    good = path.read_text()
    path.write_text(good.replace('"python3"', '"nowhere"'))
    book.execute()
    assert "FAILED 01_bad, before its" in book.execute("--failures").stdout
    path.write_text(good)
    assert book.execute("--failures").returncode == 0


def test_a_notebook_that_cannot_be_read_has_failed_until_it_can(book):
    book.add("01_bad")
    path = book.folder / "chapters/01_bad.ipynb"
    whole = path.read_text()
    path.write_text(whole[:100])
    book.execute()
    assert "FAILED 01_bad, before its" in book.execute("--failures").stdout
    path.write_text(whole)
    assert book.execute("--failures").returncode == 0


def test_a_failure_that_was_not_written_to_its_end_is_none(book):
    book.add("01_bad", "1 / 0")
    book.execute()
    (file,) = book.cache.glob("failed/*")
    file.replace(file.with_suffix(".new"))
    assert book.execute("--failures").returncode == 0
    assert book.execute().returncode == 1
    assert kept(book) == ["01_bad.ipynb"]
