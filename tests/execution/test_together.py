"""Commands that execute the same book at the same time: one does, the others wait."""

import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from sidebyside_book.execution.alone import alone
from sidebyside_book.execution.cache import notebook_of, open_cache

HANG = """
import time
(trace / "runs").touch()
while not (trace / "go").exists():
    time.sleep(0.05)
"""
WAITS = "waiting for another `sidebyside execute` or build"


def _begin(command: list[str], book) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        env=book.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_until(condition: Callable[[], bool], process: subprocess.Popen) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.fixture
def holder(book):
    """A process that executes a chapter of the book until `trace/go` is there."""
    book.add("01_hangs", HANG)
    process = _begin(book.command(), book)
    _wait_until((book.trace / "runs").exists, process)
    yield process
    process.kill()
    process.communicate()


def test_three_on_a_cold_cache_execute_each_chapter_once(book):
    for name in ("01_one", "02_two", "03_three"):
        book.add(name)
    begun = [_begin(book.command("--jobs", "2"), book) for _ in range(3)]
    ended = [process.communicate(timeout=110) for process in begun]
    assert [process.returncode for process in begun] == [0, 0, 0], ended
    assert [book.runs(name) for name in book.names] == [1, 1, 1]
    assert len(book.cached_notebooks()) == 3
    assert book.build().returncode == 0
    assert [book.runs(name) for name in book.names] == [1, 1, 1]


def test_who_waits_says_so_and_can_be_interrupted(book, holder):
    waiting = _begin(book.command(), book)
    assert WAITS in waiting.stderr.readline()
    waiting.send_signal(signal.SIGINT)
    _, said = waiting.communicate(timeout=30)
    assert waiting.returncode == 130
    assert said == "Interrupted. What was finished is kept.\n"
    (book.trace / "go").touch()
    output, errors = holder.communicate(timeout=60)
    assert (holder.returncode, errors) == (0, ""), output
    assert book.runs("01_hangs") == 1


def test_who_waits_goes_on_when_the_other_one_is_killed(book, holder):
    waiting = _begin(book.command(), book)
    assert WAITS in waiting.stderr.readline()
    (book.trace / "runs").unlink()
    holder.kill()
    _wait_until((book.trace / "runs").exists, waiting)
    (book.trace / "go").touch()
    waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert book.runs("01_hangs") == 2


NO_LOCKS = """
import errno, fcntl, os, sys, warnings
def flock(file, operation):
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
fcntl.flock = flock
warnings.simplefilter("ignore")  # filelock says what it takes in its place
from pathlib import Path
from sidebyside_book.execution.alone import alone
with alone(Path(sys.argv[1]), "build"):
    print("alone", flush=True)
"""


def test_where_the_system_keeps_no_locks_a_file_that_is_left_over_is_named(book):
    """As on Lustre: a copied book brings the file along, and nobody works there."""
    left = book.cache.with_name(f"{book.cache.name}.lock")
    left.parent.mkdir(parents=True)
    command = [str(book.python), "-c", NO_LOCKS, str(book.cache)]
    ran = _begin(command, book)
    assert ran.communicate(timeout=60) == ("alone\n", "")
    left.touch()
    waiting = _begin(command, book)
    said = waiting.stderr.readline()
    assert said.startswith(f"build: {WAITS}")
    assert said.endswith(f"{left}. If there is none, remove that file\n")
    left.unlink()
    assert waiting.communicate(timeout=60) == ("alone\n", "")


def test_a_build_waits_too_and_finds_what_the_other_one_made(book, holder):
    folders = [book.folder, book.folder / "_build/html"]
    command = [book.python, "-m", "sphinx", "-b", "html", "-q", *folders]
    build = _begin(list(map(str, command)), book)
    assert f"build: {WAITS}" in build.stderr.readline()
    (book.trace / "go").touch()
    build.communicate(timeout=60)
    assert build.returncode == 0
    assert book.runs("01_hangs") == 1


KEEP = """
import sys, time
from pathlib import Path
from jupyter_cache.base import CacheBundleIn
from nbformat.v4 import new_code_cell, new_notebook
from sidebyside_book.execution.alone import alone
from sidebyside_book.execution.cache import open_cache
folder = Path(sys.argv[1])
with alone(folder, "keep"):
    bundle = CacheBundleIn(new_notebook(cells=[new_code_cell("1")]), "1.ipynb")
    cache = open_cache(folder)
    cache.cache_notebook_bundle(bundle, check_validity=False)
    print("kept", flush=True)
    time.sleep(60)
"""


def test_what_another_process_is_writing_is_not_thrown_away(book):
    """Its record is there, its file is not yet."""
    writer = _begin([str(book.python), "-c", KEEP, str(book.cache)], book)
    assert writer.stdout.readline() == "kept\n", writer.communicate()
    cache = open_cache(book.cache)
    (record,) = cache.list_cache_records()
    notebook_of(cache, record).unlink()
    assert len(open_cache(book.cache).list_cache_records()) == 1
    writer.kill()
    writer.communicate()
    assert open_cache(book.cache).list_cache_records() == []


def test_a_process_may_be_alone_twice(book):
    with alone(book.cache, "one"), alone(book.cache, "two"):
        assert open_cache(book.cache).list_cache_records() == []
