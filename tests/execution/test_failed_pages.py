"""A failed chapter does not take the site away: its page says what happened."""

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

TRIPLE = ("print('1st lane')", "raise ValueError('no <b> [c]')", "print('3rd lane')")
FORM = "https://github.com/tests/tiny/issues/new?template=cell-fails.yml"


def make_triple(notebook: NotebookNode) -> None:
    """Make lanes of the three cells of `TRIPLE`."""
    for cell, lane in zip(
        notebook.cells[3:], ("pytorch", "tensorflow", "keras"), strict=False
    ):
        cell.update(id=f"step-{lane}")
        cell.metadata.tags = [f"lane-{lane}"]


def make_fold(notebook: NotebookNode) -> None:
    """Fold the cell before the report away, as a solution."""
    task = "```{exercise} One\n:label: ex-one\n\nDo.\n```"
    fold = "```{solution-start} ex-one\n:class: dropdown\n```"
    close = new_markdown_cell("```{solution-end}\n```", id="close")
    texts = [new_markdown_cell(task, id="ex"), new_markdown_cell(fold, id="open")]
    notebook.cells[-2:-1] = [*texts, notebook.cells[-2], close]


def use_no_kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec.name = "nowhere"


@pytest.fixture(scope="module")
def ruin(make_whole) -> Any:
    """A book whose first chapter runs; the others fail, each for another reason."""
    book = make_whole()
    book.write("_config.yml", "execute: {execute_notebooks: cache, timeout: 3}\n")
    book.write("times.md", "# Times\n\n```{nb-exec-table}\n```\n")
    book.add("01_good", "print('good')")
    book.add("02_lane", "print('ran')", *TRIPLE)
    book.edit("02_lane", make_triple)
    book.add("03_slow", "import time\nprint('slow', flush=True)\ntime.sleep(30)")
    book.add("04_dead", "os._exit(1)")
    book.add("05_unread")
    book.write("chapters/05_unread.ipynb", '{"cells": [')
    book.add("06_nowhere", "print('never')")
    book.edit("06_nowhere", use_no_kernel)
    book.add("07_fold", "1 / 0", tags={0: ["hide-cell"]})
    book.edit("07_fold", make_fold)
    index = book.folder / "index.md"
    index.write_text(index.read_text().replace("\n```\n", "\ntimes\n```\n"))
    book.executed, book.built = book.execute(), book.build()
    return book


def box(page: Tag) -> str:
    """Return what the box below the title says, in one line."""
    found = page.select_one("h1 + .admonition.danger")
    assert found is not None
    return " ".join(found.text.split())


def test_the_site_is_built_without_a_warning_and_nothing_runs_twice(ruin):
    assert ruin.executed.returncode == 1
    assert ruin.built.returncode == 0, ruin.built.stderr
    assert not ruin.built.stderr
    assert {ruin.runs(name) for name in ("01_good", "02_lane", "03_slow")} == {1}
    assert "good" in ruin.article("01_good").text
    assert not ruin.article("01_good").select(".admonition")


def test_the_box_names_chapter_cell_lane_and_error(ruin):
    page = ruin.article("02_lane")
    heading = page.select_one(".danger [role=heading][aria-level='2']")
    assert heading.text == "This chapter failed on the machine that made this site"
    said = box(page)
    assert "02_lane stopped in the cell step-tensorflow, in the lane TensorFlow" in said
    assert "ValueError: no <b> [c]" in said
    assert page.select_one(".danger a")["href"] == "#cell-step-tensorflow"


def test_the_box_says_what_to_do(ruin):
    page = ruin.article("02_lane")
    assert "make book" in box(page)
    assert ".venv/bin/sidebyside doctor --json" in box(page)
    form = page.select_one(".danger ol a")["href"]
    assert form == f"{FORM}&chapter=02_lane&cell=step-tensorflow"


def test_the_page_has_the_cells_up_to_the_failing_one(ruin):
    page = ruin.article("02_lane")
    assert [cell["id"] for cell in page.select(".cell")][-2:] == [
        "cell-step-pytorch",
        "cell-step-tensorflow",
    ]
    assert "1st lane" in page.select_one("#cell-step-pytorch .cell_output").text
    traceback = page.select_one("#cell-step-tensorflow .output.traceback").text
    assert "ValueError: no <b> [c]" in traceback
    assert "3rd lane" not in page.text


def test_no_tab_hides_the_failing_lane(ruin):
    assert not ruin.article("02_lane").select(".sd-tab-set")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("03_slow", "CellTimeoutError: A cell timed out"),
        ("04_dead", "DeadKernelError: Kernel died"),
    ],
)
def test_what_is_no_exception_has_a_page_as_well(ruin, name, error):
    page = ruin.article(name)
    assert f"{name} stopped in the cell cell-a, which belongs to no lane" in box(page)
    assert error in box(page)
    assert page.select(".cell")[-1]["id"] == "cell-cell-a"


def test_what_a_slow_cell_put_out_before_its_time_was_up_is_there(ruin):
    output = ruin.article("03_slow").select_one("#cell-cell-a .cell_output")
    assert output.text.strip() == "slow"


def test_a_notebook_that_cannot_be_read_has_a_page(ruin):
    page = ruin.article("05_unread")
    assert "05_unread" in page.select_one("h1").text
    assert "could not be read, so there is no cell and no lane to name" in box(page)
    assert "NotJSONError" in box(page)
    assert not page.select(".cell")


def test_a_kernel_that_does_not_start_leaves_the_text_before_the_first_cell(ruin):
    page = ruin.article("06_nowhere")
    assert page.select_one("h1").text.startswith("06_nowhere")
    assert "stopped before its first cell of code" in box(page)
    assert "NoSuchKernel" in box(page)
    assert not page.select(".cell")


def test_a_failing_cell_is_neither_hidden_nor_folded_away(ruin):
    """A fold that never ends would stop the build, too."""
    page = ruin.article("07_fold")
    cell = page.select_one("#cell-cell-a")
    assert cell.select_one(".output.traceback")
    assert not page.select("details, .solution, .toggle")


def test_the_table_of_times_has_the_failure(ruin):
    html = (ruin.folder / "_build/html/times.html").read_text()
    told = [one["title"] for one in BeautifulSoup(html, "html.parser").select("abbr")]
    assert "ValueError, cell 'step-tensorflow' (lane tensorflow)" in told
    assert len(told) == 6


def test_a_mended_chapter_has_its_whole_page_and_no_box(whole):
    whole.add("02_bad", "1 / 0", "print('after')")
    assert whole.execute().returncode == 1
    assert whole.build().returncode == 0
    assert box(whole.article("02_bad"))
    whole.add("02_bad", "print('mended')", "print('after')")
    assert whole.execute().returncode == 0
    assert whole.build().returncode == 0
    page = whole.article("02_bad")
    assert "mended" in page.text
    assert "after" in page.text
    assert not page.select(".admonition")


def test_the_page_follows_a_chapter_whose_code_stays_the_same(whole):
    """Its source has not changed, so Sphinx has to be told to read it again."""
    whole.add(
        "02_bad", "found = len(list(trace.glob('new*')))\nassert found == 2, found"
    )
    for found in (0, 1):
        assert whole.execute().returncode == 1
        assert whole.build().returncode == 0
        assert f"AssertionError: {found}" in box(whole.article("02_bad"))
        (whole.trace / f"new-{found}").touch()
    assert "0 added, 0 changed, 0 removed" in whole.build().stdout
    assert whole.execute().returncode == 0
    assert whole.build().returncode == 0
    assert not whole.article("02_bad").select(".admonition")


def test_in_ci_nothing_is_forgiven(whole):
    whole.add("02_bad", "1 / 0")
    assert whole.execute().returncode == 1
    result = whole.build(CI="true")
    assert result.returncode != 0
    assert "ExecutionError" in result.stderr
    assert whole.runs("02_bad") == 2, "what was kept has been taken for a result"


def test_without_the_command_a_failure_stops_the_build(whole):
    whole.add("02_bad", "1 / 0")
    result = whole.build()
    assert result.returncode != 0
    assert "ExecutionError" in result.stderr


def test_code_that_was_changed_since_is_executed_by_the_build(whole):
    whole.add("02_bad", "1 / 0")
    assert whole.execute().returncode == 1
    whole.add("02_bad", "print('mended')")
    result = whole.build()
    assert result.returncode == 0, result.stderr
    assert "mended" in whole.article("02_bad").text
    assert not whole.article("02_bad").select(".admonition")


def test_text_that_was_changed_since_is_shown_above_the_failure(whole):
    whole.add("02_bad", "print('ran')", "1 / 0")
    assert whole.execute().returncode == 1
    new = new_markdown_cell("A new thought.", id="new")
    whole.edit("02_bad", lambda notebook: notebook.cells.insert(1, new))
    result = whole.build()
    assert result.returncode == 0, result.stderr
    page = whole.article("02_bad")
    assert "A new thought." in page.text
    assert page.select_one("#cell-cell-b .output.traceback")
    assert "ran" in page.select_one("#cell-cell-a .cell_output").text
