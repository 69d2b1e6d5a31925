"""However a command ends, it ends in a sentence and a status."""

import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest
from closed_pipe import into_closed_pipe

from sidebyside_book import cli

ROOT = Path(__file__).parents[2]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sidebyside_book.cli", *arguments]


def test_a_pipe_that_nobody_reads_ends_a_command_quietly() -> None:
    ran = into_closed_pipe("list", "--book", str(ROOT))
    assert (ran.returncode, ran.stderr) == (141, "")


def test_a_pipe_that_is_read_to_its_end_is_no_error() -> None:
    ran = subprocess.run(
        command("list", "--book", str(ROOT)), capture_output=True, timeout=120
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


def ends_with(error: BaseException, **more: str) -> Namespace:
    """Return a parsed command that ends with an error."""

    def run(arguments: Namespace) -> int:
        raise error

    return Namespace(run=run, **more)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (ends_with(ValueError("x: expected a, received b")), 2, "x: expected a, rec"),
        (ends_with(FileNotFoundError("no such book")), 2, "no such book"),
        (ends_with(KeyboardInterrupt()), 130, "Interrupted."),
        (ends_with(KeyboardInterrupt(), interrupted="It goes on."), 130, "It goes on."),
    ],
)
def test_an_error_is_a_sentence(
    arguments: Namespace, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run_parsed(arguments) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said)
    assert printed.err.count("\n") == 1


def test_a_mistake_in_the_program_keeps_its_traceback() -> None:
    with pytest.raises(TypeError, match="ours"):
        cli.run_parsed(ends_with(TypeError("ours")))


@pytest.mark.parametrize("name", ["run", "list", "sweep"])
def test_where_the_books_tools_are_missing_a_command_says_so(name: str) -> None:
    """As on Colab, where `pip install` has brought the package alone."""
    code = "import sys; sys.modules['sphinx_external_toc'] = None\n"
    code += f"from sidebyside_book import cli\nsys.exit(cli.main([{name!r}, '04']))"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"sidebyside {name}: expected the book's requirements")
    assert ran.stderr.count("\n") == 1
