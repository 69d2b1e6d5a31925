"""Killed at any moment, the next run goes on from what was finished."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HANG = """
import time
(trace / f"{os.getpid()}.kernel").touch()
while not (trace / "go").exists():
    time.sleep(0.05)
"""
DIE_BEFORE_THE_FILE = """
import os, signal, sys
from jupyter_cache.cache import main
create = main.NbCacheRecord.create_record

def create_and_die(**record):
    create(**record)
    os.kill(os.getpid(), signal.SIGKILL)

main.NbCacheRecord.create_record = staticmethod(create_and_die)
from pathlib import Path
from sidebyside_book.execution.book import execute
execute(Path(sys.argv[1]))
"""


def _wait_until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds, f"waited in vain until {what}"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    """Say whether the process runs; one that only waits to be reaped doesn't."""
    status = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        return (
            status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
        )
    return subprocess.run(["kill", "-0", str(pid)], check=False).returncode == 0


def _kernels(book) -> list[int]:
    return [int(path.stem) for path in book.trace.glob("*.kernel")]


def _interrupt(book, number: signal.Signals) -> subprocess.CompletedProcess:
    """Stop the command when one chapter is finished and two others run."""
    process = subprocess.Popen(
        book.command("--jobs", "2"),
        env=book.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        last = book.folder / "_build/.jupyter_cache/last-run.json"
        _wait_until(lambda: len(_kernels(book)) == 2, "two kernels run")
        _wait_until(lambda: "01_quick" in last.read_text(), "the quick one is finished")
        assert all(map(_is_alive, _kernels(book)))
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    return subprocess.CompletedProcess([], process.returncode, output, errors)


def _kernels_have_ended(book) -> bool:
    return not any(map(_is_alive, _kernels(book)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_what_was_finished_is_kept_and_nothing_else_is_left(book, number):
    book.add("01_quick")
    book.add("02_hanging", HANG)
    book.add("03_hanging", HANG + "3")
    stopped = _interrupt(book, number)
    assert stopped.returncode == (130 if number is signal.SIGINT else -number)
    _wait_until(lambda: _kernels_have_ended(book), "the kernels have ended", 10)
    assert len(book.cached_notebooks()) == 1
    _assert_nothing_but_the_cache(book)

    (book.trace / "go").touch()
    assert book.execute().returncode == 0
    assert [book.runs(name) for name in book.names] == [1, 2, 2]
    assert len(book.cached_notebooks()) == 3


def _assert_nothing_but_the_cache(book) -> None:
    """No lock, no journal, no half-written file."""
    names = {path.name for path in book.cache.iterdir()}
    assert names == {"global.db", "__version__.txt", "executed", "last-run.json"}


def test_killed_between_the_record_and_its_file(book):
    """Here jupyter-cache leaves a record without a notebook; see that it does."""
    book.add("01_one")
    command = [str(book.python), "-c", DIE_BEFORE_THE_FILE, str(book.folder)]
    killed = subprocess.run(command, env=book.environment(), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert book.cached_notebooks() == []
    assert _records(book.cache) == 1
    assert book.execute().returncode == 0
    assert book.runs("01_one") == 2
    assert book.build().returncode == 0


def _records(cache: Path) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(cache / "global.db")) as connection:
        return connection.execute("select count(*) from nbcache").fetchone()[0]
