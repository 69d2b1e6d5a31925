"""The Sphinx build takes results from the cache, and no page stays stale."""

import os
import signal
import subprocess
from types import SimpleNamespace

import pytest

KILL_WHILE_WRITING = """
import os, signal, sys

def setup(app):
    app.connect("html-page-context", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""
SHOW = "import sidebyside\nprint('the value is', sidebyside.VALUE)"


def test_a_build_takes_results_from_the_cache(book):
    book.add("01_one", "print(6 * 7)")
    book.execute()
    result = book.build()
    assert result.returncode == 0, result.stderr
    assert "42" in book.page("01_one")
    assert book.runs("01_one") == 1


def test_a_build_fills_the_cache_that_the_command_uses(book):
    book.add("01_one")
    book.build()
    assert book.execute().returncode == 0
    assert book.runs("01_one") == 1


def test_a_build_starts_kernels_as_the_command_does(book):
    book.add("01_one", "print('threads', os.environ['OMP_NUM_THREADS'])")
    book.build(OMP_NUM_THREADS="7")
    assert "threads 1" in book.page("01_one")


def test_nothing_is_read_again_when_nothing_changed(book):
    book.add("01_one")
    book.build()
    assert "0 added, 0 changed, 0 removed" in book.build().stdout


def test_a_new_key_reads_the_pages_again_that_have_it(book):
    book.write("data/rosetta.yaml", "1\n")
    book.add("01_one", SHOW)
    book.add("02_rows", "# sidebyside.reference.rosetta")
    book.build()
    book.write("data/rosetta.yaml", "2\n")
    assert "0 added, 1 changed, 0 removed" in book.build().stdout
    assert (book.runs("01_one"), book.runs("02_rows")) == (1, 2)
    book.write("data/numbers.csv", "2\n")
    assert "0 added, 2 changed, 0 removed" in book.build().stdout
    assert "0 added, 0 changed, 0 removed" in book.build().stdout
    assert (book.runs("01_one"), book.runs("02_rows")) == (2, 3)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("website/tabs.py", "[config changed ('sidebyside_reading')] 2 added"),
        ("website/pages/guide/notes.py", "('sidebyside_reading')] 2 added"),
        ("website/styles/book.css", "0 added, 0 changed, 0 removed"),
        ("website/templates/layout.html", "0 added, 0 changed, 0 removed"),
        ("doctor/checks.py", "0 added, 0 changed, 0 removed"),
    ],
)
def test_pages_are_read_again_when_that_changes_which_reads_them(
    book, tmp_path, name, how
):
    """And they are written again when that changes which writes them."""
    copy = tmp_path / "package"
    path = copy / name
    path.parent.mkdir(parents=True)
    path.write_text("old")
    ours = book.folder / "code/only_execution.py"
    ours.write_text(
        "from pathlib import Path\nfrom sidebyside_book.execution import pages\n"
        f"pages.PACKAGE = Path({str(copy)!r})\nsetup = pages.connect\n"
    )
    book.add("01_one")
    book.build()
    assert "0 added, 0 changed, 0 removed" in book.build().stdout
    page = book.folder / "_build/html/chapters/01_one.html"
    written = page.stat().st_mtime_ns
    path.write_text("new")
    assert how in book.build().stdout
    assert (page.stat().st_mtime_ns != written) is name.startswith("website/")
    assert book.runs("01_one") == 1


def test_the_page_of_a_chapter_that_is_gone_goes_too(book):
    book.add("01_one")
    book.add("02_two")
    book.build()
    assert book.page("02_two")
    (book.folder / "chapters/02_two.ipynb").unlink()
    book.remove("02_two")
    assert book.build().returncode == 0
    assert not (book.folder / "_build/html/chapters/02_two.html").exists()
    assert book.page("01_one")


def test_a_forced_execution_reaches_the_page(book):
    count = "print('run', len((trace / '01_one.runs').read_text()))"
    book.add("01_one", count)
    book.execute()
    book.build()
    assert "run 1" in book.page("01_one")
    book.execute("--force")
    book.build()
    assert "run 2" in book.page("01_one")


def test_a_build_killed_while_writing_leaves_no_stale_page(book):
    """Sphinx has then noted the page as read, and its source is older than the page."""
    book.add("01_one", SHOW)
    book.build()
    book.write("code/sidebyside/__init__.py", "VALUE = 2\n")
    ours = book.folder / "code/only_execution.py"
    kept = ours.read_text()
    ours.write_text(
        kept
        + KILL_WHILE_WRITING.replace(
            "def setup(app):",
            "def setup(app):\n"
            "    from sidebyside_book.execution import connect; connect(app)",
        )
    )
    assert book.build().returncode == -signal.SIGKILL
    ours.write_text(kept)
    assert "the value is 1" in book.page("01_one")
    assert book.build().returncode == 0
    assert "the value is 2" in book.page("01_one")
    assert "0 added, 0 changed, 0 removed" in book.build().stdout


def test_a_warning_is_repeated_until_its_cause_is_gone(book):
    book.add("01_one")
    page = book.folder / "index.md"
    good = page.read_text()
    page.write_text(good + "\n[nowhere](nowhere.md)\n")
    assert book.build().returncode == 1
    assert book.build().returncode == 1, "the page wasn't read again"
    page.write_text(good)
    assert book.build().returncode == 0
    assert "0 added, 0 changed, 0 removed" in book.build().stdout


def test_the_build_puts_the_environment_back(monkeypatch):
    from sidebyside_book.execution.pages import _Reading

    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("EDITOR", "ed")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    before = dict(os.environ)
    reading = _Reading()
    reading.begin(SimpleNamespace(sidebyside_cache=None))
    assert os.environ["OMP_NUM_THREADS"] == "1"
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "1"
    assert "EDITOR" not in os.environ
    reading.end()
    reading.end()
    assert dict(os.environ) == before


def test_pages_are_left_alone_where_the_book_does_not_use_the_cache(book):
    conf = book.folder / "conf.py"
    conf.write_text(conf.read_text().replace('= "cache"', '= "off"'))
    book.add("01_one")
    result: subprocess.CompletedProcess = book.build()
    assert result.returncode == 0, result.stderr
    assert not (book.folder / "_build/.jupyter_cache").exists()
