"""`make book`: what it does when a chapter fails, or the build."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = "jupyter-book build -W --keep-going --quiet ."
STUB = """#!/bin/sh
echo "{name} $*" >>"$LOG"
[ "$2" = --failures ] && {{ echo "FAILED 04_loop, cell 'x'"; exit "$EXECUTE"; }}
exit "${variable}"
"""


def make_book(folder: Path, execute: int = 0, build: int = 0, **variables: str):
    """Run the script with commands that only say how they were called."""
    for name, variable in (("sidebyside", "EXECUTE"), ("jupyter-book", "BUILD")):
        stub = folder / ".venv/bin" / name
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(STUB.format(name=name, variable=variable))
        stub.chmod(0o755)
    (folder / ".ci").mkdir(exist_ok=True)
    script = shutil.copy(ROOT / ".ci/make-book", folder / ".ci")
    told = {"LOG": str(folder / "log"), "EXECUTE": str(execute), "BUILD": str(build)}
    result = subprocess.run(
        [script],
        env={**os.environ, "CI": "", **told, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return result, (folder / "log").read_text().splitlines()


def test_a_book_without_failures_is_executed_and_built(tmp_path):
    result, log = make_book(tmp_path)
    assert result.returncode == 0
    assert log[:2] == [
        "sidebyside execute",
        "jupyter-book build -W --keep-going --quiet .",
    ]
    assert "The site is in _build/html." in result.stdout


def test_a_failed_chapter_does_not_take_the_site_away(tmp_path):
    result, log = make_book(tmp_path, execute=1)
    assert result.returncode == 1
    assert log[1] == BUILD
    assert "The site is in _build/html." in result.stdout
    assert result.stdout.splitlines()[-1] == "FAILED 04_loop, cell 'x'"


def test_a_build_that_fails_is_named_with_the_chapters_last(tmp_path):
    result, _ = make_book(tmp_path, execute=1, build=3)
    assert result.returncode == 3
    assert "The site is in" not in result.stdout
    assert result.stdout.splitlines()[-1] == "FAILED 04_loop, cell 'x'"


@pytest.mark.parametrize(("status", "ci"), [(2, ""), (130, ""), (1, "true")])
def test_a_wrong_command_a_stop_and_ci_are_not_forgiven(tmp_path, status, ci):
    result, log = make_book(tmp_path, execute=status, CI=ci)
    assert result.returncode == status
    assert log == ["sidebyside execute"]


def test_the_port_of_make_serve_is_named(tmp_path):
    result, _ = make_book(tmp_path, PORT="9000")
    assert "http://localhost:9000" in result.stdout
