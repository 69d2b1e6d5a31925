"""A result is used again exactly as long as nothing that it depends on has changed."""

import json
import os
import re

import pytest
from jupyter_cache import get_cache

SHOW = "import sidebyside\nprint('the value is', sidebyside.VALUE)"


def test_a_second_run_executes_nothing(book):
    book.add("01_one", "1 + 1")
    first = book.execute()
    second = book.execute()
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert book.runs("01_one") == 1
    assert re.search(r"01_one +│ executed │ +\d+\.\d", first.stdout)
    assert re.search(r"01_one +│ cached +│ +\d+\.\d", second.stdout)
    assert "Changed since" not in second.stdout
    assert first.stderr == second.stderr == ""


def test_only_the_edited_chapter_runs_again(book):
    book.add("01_one", "1 + 1")
    book.add("02_two", "2 + 2")
    book.execute()
    book.add("02_two", "2 + 3")
    assert book.execute().returncode == 0
    assert (book.runs("01_one"), book.runs("02_two")) == (1, 2)


def test_chapters_can_be_chosen_by_name_number_and_path(book):
    for name in ("01_one", "02_two", "03_three", "04_four"):
        book.add(name)
    book.execute("01_one", "03", "chapters/04_four.ipynb")
    assert [book.runs(name) for name in book.names] == [1, 0, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["05"], "expected one of 01_one, 02_two, received '05'"),
        (["0"], "expected one of 01_one, 02_two, received '0'"),
        (["--jobs", "0"], "expected at least 1 job, received jobs=0"),
    ],
)
def test_wrong_arguments_are_refused(book, arguments, message):
    book.add("01_one")
    book.add("02_two")
    result = book.execute(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert book.runs("01_one") == 0


def test_a_broken_table_of_contents_is_named(book):
    book.write("_toc.yml", "format: jb-book\nroot: index\nchapters:\n")
    result = book.execute()
    assert result.returncode == 2
    assert (
        f"expected a table of contents in {book.folder / '_toc.yml'}" in result.stderr
    )


def test_a_folder_without_a_book_is_refused(book):
    (book.folder / "_config.yml").unlink()
    result = book.execute()
    assert result.returncode == 2
    assert "expected the book's folder, with _config.yml in it" in result.stderr


def test_force_executes_what_is_cached(book):
    book.add("01_one")
    book.execute()
    assert book.execute("--force").returncode == 0
    assert book.runs("01_one") == 2
    assert len(book.cached_notebooks()) == 1


def test_a_changed_helper_executes_again_and_the_page_shows_it(book):
    book.add("01_one", SHOW)
    book.execute()
    assert book.build().returncode == 0
    assert "the value is 1" in book.page("01_one")

    book.write("code/sidebyside/__init__.py", "VALUE = 2\n")
    result = book.execute()
    assert "Changed since the last run: package." in result.stdout
    assert book.build().returncode == 0
    assert "the value is 2" in book.page("01_one")
    assert book.runs("01_one") == 2


def test_a_plain_build_is_right_too(book):
    """Nobody has to know our command: Sphinx alone takes the right cache."""
    book.add("01_one", SHOW)
    book.build()
    book.write("code/sidebyside/__init__.py", "VALUE = 2\n")
    assert book.build().returncode == 0
    assert "the value is 2" in book.page("01_one")


def test_jupyter_cache_alone_would_have_served_a_stale_page(book):
    """The reason for all this; and a proof that the test above can fail."""
    conf = book.folder / "conf.py"
    without = conf.read_text().replace(', "only_execution"', "")
    conf.write_text(without)
    book.add("01_one", SHOW)
    book.build()
    book.write("code/sidebyside/__init__.py", "VALUE = 2\n")
    assert book.build().returncode == 0
    assert "the value is 1" in book.page("01_one")
    assert book.runs("01_one") == 1


def test_backend_and_data_execute_again_and_what_was_known_is_not_lost(book):
    book.add("01_one", "import os\nprint(os.environ['KERAS_BACKEND'])")
    book.execute()
    book.execute(KERAS_BACKEND="jax")
    assert book.runs("01_one") == 2
    assert "jax" in book.cached_notebooks()[-1].read_text()
    book.execute()
    assert book.runs("01_one") == 2
    book.write("data/numbers.csv", "2\n")
    assert "Changed since the last run: data." in book.execute().stdout
    assert book.runs("01_one") == 3


def test_a_table_executes_those_again_that_read_it(book):
    book.write("data/rosetta.yaml", "1\n")
    book.write("data/paths.yaml", "1\n")
    book.add("01_one")
    book.add("02_rows", "# sidebyside.reference.rosetta")
    book.execute()
    book.write("data/paths.yaml", "2\n")
    assert "Changed since" not in book.execute().stdout
    book.write("data/rosetta.yaml", "2\n")
    assert "Changed since the last run: data." in book.execute().stdout
    assert (book.runs("01_one"), book.runs("02_rows")) == (1, 2)


def test_only_the_results_used_last_are_kept(book):
    book.add("01_one")
    for number in range(5):
        book.write("data/numbers.csv", f"{number}\n")
        book.execute()
    assert len(book.cached_notebooks()) == 3
    book.write("data/numbers.csv", "2\n")
    book.execute()
    assert book.runs("01_one") == 5, "the third-last result should have been kept"


def test_threads_and_figures_are_the_same_whatever_the_shell_says(book):
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "MPLBACKEND")
    book.add("01_one", f"print([os.environ[name] for name in {names}])")
    shell = {"OMP_NUM_THREADS": "7", "MPLBACKEND": "Agg"}
    book.execute(**shell)
    output = json.loads(book.cached_notebooks()[0].read_text())["cells"][-1]["outputs"]
    expected = "['1', '1', 'module://matplotlib_inline.backend_inline']\n"
    assert "".join(output[0]["text"]) == expected
    book.execute()
    assert book.runs("01_one") == 1


def test_times_are_stored_where_the_book_shows_them(book):
    book.add("01_one", "import time\ntime.sleep(0.5)")
    book.write("times.md", "# Times\n\n```{nb-exec-table}\n```\n")
    index = book.folder / "index.md"
    index.write_text(index.read_text().replace("\n```\n", "\ntimes\n```\n"))
    book.execute()
    last = book.folder / "_build/.jupyter_cache/last-run.json"
    seconds = json.loads(last.read_text())["seconds"]["01_one"]
    assert seconds > 0.5
    (record,) = get_cache(book.cache).list_cache_records()
    assert seconds == record.data["execution_seconds"], "rounded twice, and not alike"
    result = book.build()
    assert result.returncode == 0, result.stderr
    table = (book.folder / "_build/html/times.html").read_text()
    assert f">{round(seconds, 2)}<" in table
    assert os.listdir(book.trace) == ["01_one.runs"]
    assert book.runs("01_one") == 1
