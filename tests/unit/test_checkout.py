"""The commands work in any checkout, or say in a sentence why they can't."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from closed_pipe import into_closed_pipe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from tiny_book import PROJECT

import sidebyside
from sidebyside_book import surroundings
from sidebyside_book.execution import as_kernel
from sidebyside_book.execution.environment import kernel_environment

ROOT = Path(__file__).parents[2]
NAME = "Über → alles"
AIMS = "After this chapter you can\n\n- run it\n\nReading takes about 5 minutes."
RECORD = f"""
record = {{"schema": 1, "kind": "measurement", "name": "{NAME}", "rows": []}}
display({{"application/vnd.sidebyside.record+json": record}}, raw=True)"""
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
FILES = {
    "_config.yml": "execute: {execute_notebooks: cache, timeout: 60}\n",
    "_toc.yml": "format: jb-book\nroot: index\nchapters: [{file: chapters/01_one}]\n",
    "index.md": "# Tiny\n",
    "LICENSE": "Be kind.",
    "data/datasets.yaml": "{}\n",
    "tiny/__init__.py": "",
    "pyproject.toml": PROJECT,
    "_build/html/index.html": "",
    "_build/html/chapters/01_one.html": "",
}


def command(
    *arguments: str, cwd: Path, before: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command of the book, and return what it printed, in bytes."""
    return subprocess.run(
        [*before, sys.executable, "-m", "sidebyside_book.cli", *arguments],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        timeout=300,
        check=False,
    )


def make(folder: Path) -> Path:
    """Make a book of one chapter, which is not executed yet."""
    cells = [
        new_markdown_cell(f"# {NAME}\n\n**How?**", id="title"),
        new_markdown_cell(AIMS, id="aims"),
        new_code_cell("SEED = 0", id="parameters", metadata={"tags": ["parameters"]}),
        new_code_cell(RECORD.strip(), id="record"),
    ]
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "chapters").mkdir()
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, folder / "chapters/01_one.ipynb")
    return folder


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book, made and executed where paths are as odd as they get."""
    place = tmp_path_factory.mktemp("anywhere") / "my büch {x} 100%s"
    folder = make(place)
    for name in ("execute", "student", "slides", "offline"):
        ran = command(name, cwd=folder)
        assert ran.returncode == 0, ran.stderr.decode()
    return folder


def test_a_folder_may_have_any_name(book: Path) -> None:
    built = book / "_build"
    assert (built / "student/01_one.ipynb").is_file()
    assert (built / "slides/01_one.html").is_file()
    assert (built / "side-by-side-offline-1.2.zip").is_file()
    ran = command("run", "01", cwd=book)
    assert ran.returncode == 0, ran.stderr.decode()
    assert (built / "runs/01_one.ipynb").is_file()


@pytest.fixture(scope="module", params=["built", "fresh"])
def locked(
    request: pytest.FixtureRequest, book: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A book that nobody may write to: with all that was made, or with the site."""
    folder = tmp_path_factory.mktemp("locked") / "book"
    if request.param == "built":
        shutil.copytree(book, folder)
    else:
        make(folder)
        for edition in ("student", "slides"):
            shutil.copytree(book / "_build" / edition, folder / "_build" / edition)
    places = [folder, *folder.rglob("*")]
    for path in places:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in places:
        path.chmod(0o755)


def unprivileged() -> tuple[str, ...]:
    """Return what lets a command keep to modes that root may ignore."""
    return ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["evidence", "execute", "student", "slides", "offline"]
)
def test_a_book_that_cannot_be_written_is_named(name: str, locked: Path) -> None:
    arguments = [name]
    if name == "student":  # or what is there is what would be written
        arguments += ["--out", str(locked / "class")]
    ran = command(*arguments, cwd=locked, before=unprivileged())
    told = ran.stderr.decode()
    assert ran.returncode == 2, told
    assert told.startswith(f"{name}: expected to read or write {locked}/"), told
    option = "--out" if name == "student" else "--book"
    assert told.count("\n") == 1
    assert option in told


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LATIN = {"PYTHONIOENCODING": "latin-1"}


@pytest.mark.parametrize("locale", [ASCII, LATIN], ids=["ascii", "latin-1"])
@pytest.mark.parametrize("name", ["list", "evidence", "execute", "check", "translate"])
def test_a_locale_that_lacks_a_character_ends_no_command(
    name: str, locale: dict[str, str], book: Path
) -> None:
    arguments = [name, "\N{RIGHTWARDS ARROW}"] if name == "translate" else [name]
    ran = command(*arguments, cwd=book, **locale)
    assert ran.returncode == int(name in ("check", "translate")), ran.stderr.decode()
    assert b"Traceback" not in ran.stderr
    if name == "evidence":
        assert json.loads(ran.stdout.decode("utf-8"))[0]["record"]["name"] == NAME


COMMANDS = ["evidence", "execute", "list", "check", "student", "slides", "offline"]
COMMANDS += ["translate scatter", "doctor", "run 01", "--help", "check --help"]
COMMANDS += ["sweep 01 --over SEED=0..1"]


@pytest.mark.slow
@pytest.mark.parametrize("line", COMMANDS)
def test_a_pipe_that_nobody_reads_ends_every_command_quietly(
    line: str, book: Path
) -> None:
    ran = into_closed_pipe(*line.split(), cwd=book)
    assert ran.returncode == (0 if "--help" in line else 141)
    assert "Traceback" not in ran.stderr
    assert "Error" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
@pytest.mark.parametrize("name", ["list", "evidence"])
def test_a_full_disk_is_told_once(name: str, book: Path) -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "sidebyside_book.cli", name],
            cwd=book,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=300,
            check=False,
        )
    told = ran.stderr.decode()
    assert ran.returncode == 2
    assert told.startswith(f"{name}: expected to read or write its output")
    assert told.count("\n") == 1


@pytest.mark.parametrize("text", ["abc", "0", "-1", "1.5", " 2", "1e1"])
def test_a_number_of_threads_that_is_none_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(surroundings.THREADS, text)
    sentence = f"SIDEBYSIDE_THREADS: expected a whole number of 1 or more.*'{text}'"
    with pytest.raises(ValueError, match=sentence):
        surroundings.threads(os.environ)


def test_no_kernel_starts_with_such_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(surroundings.THREADS, "abc")
    # It replaces this process, if it is not kept from that.
    monkeypatch.setattr(os, "execvpe", lambda *_: pytest.fail("it starts"))
    with pytest.raises(SystemExit, match="as_kernel: SIDEBYSIDE_THREADS: expected"):
        as_kernel.main(["true"])


@pytest.mark.parametrize(
    "line", ["execute", "evidence", "slides", "run 01", "sweep 01 --over SEED=0..1"]
)
def test_every_command_that_reads_the_number_of_threads_refuses(
    line: str, book: Path
) -> None:
    ran = command(*line.split(), cwd=book, SIDEBYSIDE_THREADS="abc")
    assert ran.returncode == 2
    told = ran.stderr.decode()
    assert told.startswith("SIDEBYSIDE_THREADS: expected a whole number"), told
    assert told.count("\n") == 1


HOMELESS = """
import os, pwd, sys
def nobody(uid): raise KeyError(uid)
pwd.getpwuid = nobody
os.environ.pop("HOME", None)
from sidebyside_book import cli
from sidebyside_book.doctor import command
command.agreement = lambda: command.Finding("agreement", "not asked")
sys.exit(cli.main(sys.argv[1:]))
"""


def test_a_user_without_a_home_can_work(book: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", HOMELESS, "doctor"],
        cwd=book,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 0, ran.stderr


def test_a_home_is_given_where_there_is_none_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = str(tmp_path / "missing")
    monkeypatch.setenv("HOME", missing)
    with surroundings.home():
        made = Path.home()
        assert made.is_dir()
        assert kernel_environment()["HOME"] == str(made), "kernels look for it, too"
        (made / ".config").mkdir()
    assert not made.exists()
    assert os.environ["HOME"] == missing
    monkeypatch.setenv("HOME", str(tmp_path))
    with surroundings.home():
        assert Path.home() == tmp_path


def test_git_gives_the_same_bytes_whatever_it_makes_of_lines(tmp_path: Path) -> None:
    """As Git for Windows is set up: scripts run, digests hold."""
    clone = ["git", "-c", "core.autocrlf=true", "clone", "-q", "--no-hardlinks"]
    subprocess.run([*clone, ROOT, tmp_path / "book"], check=True)
    listed = ["git", "ls-files", "--eol"]
    lines = subprocess.check_output(listed, cwd=tmp_path / "book", text=True)
    assert len(lines.splitlines()) > 300
    for line in lines.splitlines():
        stored, here, *_ = line.split()
        assert stored.removeprefix("i/") == here.removeprefix("w/") != "crlf", line


def for_windows() -> list[str]:
    """Return the commands of the README for a system without a shell like bash."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```powershell\n(.*?)```", text, re.DOTALL)
    return block.splitlines()


def test_the_commands_for_windows_name_what_is_there() -> None:
    first, *others = for_windows()
    assert first == "py -3.11 -m venv .venv"
    assert len(others) == 5
    for line in others:
        assert not set("&|;$`~'\"/") & set(line.replace("_build/html", "")), line
        program, rest = re.match(r"\.venv\\Scripts\\(\S+) (.*)", line).groups()
        if program == "python":
            module = re.match(r"-m (\S+)", rest)[1]
            package = find_spec(module).submodule_search_locations
            assert find_spec(f"{module}.__main__" if package else module), module
        else:
            assert list(entry_points(group="console_scripts", name=program)), program
        for name in re.findall(r"-[rc] (\S+)", rest):
            assert (ROOT / name).is_file(), name


def test_the_package_is_the_command(capfd: pytest.CaptureFixture[str]) -> None:
    started = [sys.executable, "-m", "sidebyside_book", "--version"]
    assert subprocess.run(started, check=False).returncode == 0
    assert capfd.readouterr().out == f"{sidebyside.__version__}\n"
