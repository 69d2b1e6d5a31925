"""Chapters run at the same time, and in an order that keeps the end short."""

import json

MEET = """
import time
(trace / "{me}.here").touch()
begin = time.monotonic()
while not (trace / "{other}.here").exists():
    assert time.monotonic() - begin < {patience_s}, "the other one never came"
    time.sleep(0.02)
"""


def _add_meeting(book, patience_s: float) -> None:
    """Add two chapters each of which waits until the other one runs, too."""
    for me, other in (("01_left", "02_right"), ("02_right", "01_left")):
        source = MEET.format(me=me, other=other, patience_s=patience_s)
        book.add(me, source)


def test_two_jobs_really_run_at_the_same_time(book):
    _add_meeting(book, patience_s=30)
    result = book.execute("--jobs", "2")
    assert result.returncode == 0, result.stdout


def test_one_job_runs_one_chapter_after_the_other(book):
    _add_meeting(book, patience_s=0.5)
    result = book.execute("--jobs", "1")
    assert result.returncode == 1
    assert "01_left failed" in result.stdout
    assert "02_right executed" in result.stdout, "the first one had left its sign"


def test_no_more_kernels_than_jobs(book):
    source = (
        "import time\n(trace / f'{os.getpid()}.now').touch()\ntime.sleep(0.3)\n"
        "assert len(list(trace.glob('*.now'))) <= 2\n"
        "(trace / f'{os.getpid()}.now').unlink()"
    )
    for number in range(4):
        book.add(f"0{number}_one", f"{source}\n{number}")
    result = book.execute("--jobs", "2")
    assert result.returncode == 0, result.stdout


def test_the_longest_of_the_last_run_begins_first(book):
    for name, seconds in (("01_short", 0.1), ("02_long", 1.5), ("03_middle", 0.7)):
        book.add(name, f"import time\ntime.sleep({seconds})")
    book.execute()
    lines = book.execute("--force", "--jobs", "1").stdout.splitlines()
    begun = [line.split()[0] for line in lines if line.endswith("begins")]
    assert begun == ["02_long", "03_middle", "01_short"]
    last = json.loads((book.folder / "_build/.jupyter_cache/last-run.json").read_text())
    assert set(last["seconds"]) == set(book.names)
