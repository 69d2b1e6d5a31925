"""One display of progress, for whatever runs: bars on a terminal, lines elsewhere."""

import io

import pytest
from rich.console import Console

from sidebyside_book.execution.progress import make_progress

WHY = "failed, cell 'step': ValueError: no [b]"


@pytest.fixture
def told():
    """A function that shows two runs, and returns what was written."""

    def show(terminal: bool, total: int = 2) -> str:
        text = io.StringIO()
        console = Console(file=text, force_terminal=terminal, width=40)
        with make_progress(console, total, "runs") as progress:
            progress.started("01_one")
            progress.reached("01_one", 2, 5)
            progress.finished("01_one", "executed", 1.25, failed=False)
            progress.finished("SEED=3", WHY, 2.0, failed=True)
        return text.getvalue()

    return show


def test_a_log_has_a_line_for_what_begins_and_what_ends(told):
    lines = told(terminal=False).splitlines()
    assert lines[0].strip() == "01_one begins"
    assert lines[1].startswith("[1 of 2] 01_one executed after 1.2 s; 1 left, about ")
    assert lines[2:] == [f"[2 of 2] SEED=3 {WHY} after 2.0 s"]


def test_numbers_stand_below_each_other(told):
    assert "[ 1 of 10] 01_one" in told(terminal=False, total=10)


def test_a_terminal_has_bars_and_what_has_ended_above_them(told):
    said = told(terminal=True)
    assert "\x1b[32mexecuted\x1b[0m 01_one" in said
    assert "no [b]" in said, "what an error says is no markup"
    assert "runs" in said
    assert "2/2" in said


def test_what_did_not_say_that_it_started_may_end():
    text = io.StringIO()
    console = Console(file=text, force_terminal=True)
    with make_progress(console, 1) as progress:
        progress.finished("SEED=1", "finished", 1.0, failed=False)
    assert "1/1" in text.getvalue()
