"""The package as it is installed: the wheel, its data, its command, its doctests."""

import ast
import doctest
import importlib
import os
import pkgutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import sidebyside
from sidebyside import ledger
from sidebyside_book import cli

ROOT = Path(__file__).parents[2]
FRAMEWORKS = ("torch", "tensorflow", "keras", "jax")


def python(
    code: str, *flags: str, cwd: Path = ROOT, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *flags, "-c", code],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_importing_the_shared_modules_imports_no_framework() -> None:
    code = (
        "import sys\n"
        "from sidebyside import batches, datasets, layout, parity, plots\n"
        "from sidebyside import mishaps, quiet, records, report, timing\n"
        f"found = [name for name in {FRAMEWORKS} if name in sys.modules]\n"
        "print(found)"
    )
    ran = python(code)
    assert (ran.returncode, ran.stdout) == (0, "[]\n"), ran.stderr


@pytest.mark.parametrize(("lane", "others"), [("pytorch", FRAMEWORKS[1:])])
def test_a_lane_imports_its_own_framework_only(lane: str, others: list[str]) -> None:
    code = (
        f"import sys, sidebyside.lanes.{lane}\n"
        f"print([name for name in {tuple(others)} if name in sys.modules])"
    )
    ran = python(code)
    assert (ran.returncode, ran.stdout) == (0, "[]\n"), ran.stderr


def modules() -> list[str]:
    found = pkgutil.walk_packages(sidebyside.__path__, "sidebyside.")
    return ["sidebyside", *(module.name for module in found)]


def test_every_module_is_documented_and_its_examples_run() -> None:
    tried = 0
    for name in modules():
        module = importlib.import_module(name)
        assert module.__doc__, name
        result = doctest.testmod(module, raise_on_error=False)
        assert result.failed == 0, name
        tried += result.attempted
    assert tried >= 3


def sources() -> list[Path]:
    return sorted((ROOT / "code").rglob("*.py"))


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_the_sources_are_python_3_11_to_3_13(minor: int) -> None:
    assert len(sources()) > 20
    for path in sources():
        ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, minor))


def test_quiet_holds_back_what_c_writes_and_gives_it_back_on_an_error() -> None:
    code = (
        "import os\n"
        "from sidebyside import quiet\n"
        "with quiet():\n"
        "    os.write(2, b'noise\\n')\n"
        "os.write(2, b'after\\n')\n"
        "try:\n"
        "    with quiet():\n"
        "        os.write(2, b'a reason\\n')\n"
        "        raise KeyError('gone')\n"
        "except KeyError:\n"
        "    os.write(2, b'caught\\n')\n"
    )
    ran = python(code)
    assert ran.returncode == 0
    assert ran.stderr == "after\na reason\ncaught\n"


def test_quiet_leaves_no_file_open_and_can_be_nested() -> None:
    code = (
        "import os\n"
        "from sidebyside import quiet\n"
        "before = sorted(os.listdir('/proc/self/fd'))\n"
        "with quiet(), quiet():\n"
        "    os.write(2, b'noise\\n')\n"
        "assert sorted(os.listdir('/proc/self/fd')) == before\n"
    )
    ran = python(code, "-X", "dev", "-W", "error")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_hushed_holds_back_logs_and_warnings_and_lets_errors_through() -> None:
    code = (
        "import logging, os, sys, warnings\n"
        "from sidebyside import hushed\n"
        "logging.basicConfig()\n"
        "try:\n"
        "    with hushed():\n"
        "        logging.warning('noise')\n"
        "        warnings.warn('noise')\n"
        "        print('noise', file=sys.stderr)\n"
        "        raise KeyError('gone')\n"
        "except KeyError:\n"
        "    logging.warning('after')\n"
    )
    ran = python(code)
    assert (ran.returncode, ran.stderr) == (0, "WARNING:root:after\n")


def test_the_command_knows_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"{sidebyside.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["no-such-command"]])
def test_a_wrong_command_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: sidebyside" in capsys.readouterr().err


def test_without_the_tools_of_the_book_the_command_says_what_is_missing() -> None:
    without = "import sys; sys.modules['sphinx'] = None\n"
    without += "from sidebyside_book import cli\n"
    ran = python(without + "sys.exit(cli.main(['--version']))")
    assert (ran.returncode, ran.stdout) == (0, f"{sidebyside.__version__}\n")
    ran = python(without + "sys.exit(cli.main(['execute', '--jobs', '2']))")
    assert ran.returncode == 2
    assert "expected the book's requirements.txt" in ran.stderr
    assert "sphinx" in ran.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "-w", folder, ROOT],
        check=True,
        timeout=120,
    )
    (path,) = folder.glob("sidebyside-*.whl")
    return path


@pytest.mark.slow
def test_the_wheel_names_no_framework(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    required = metadata.get_all("Requires-Dist") or []
    assert "numpy" in required
    for line in required:
        assert not line.startswith(FRAMEWORKS), line
        assert not Requirement(line).specifier, f"{line} is pinned"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Version"] == sidebyside.__version__


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    target, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    options = ["--no-deps", "--no-index", "--quiet", "--target"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, target, wheel],
        check=True,
        timeout=120,
    )
    code = (
        "import sidebyside\n"
        "from sidebyside import datasets, ledger\n"
        "from sidebyside_book import cli\n"
        "from sidebyside.datasets import _catalogue\n"
        "print(sidebyside.__file__)\n"
        "print(_catalogue.data_file('datasets.yaml'))\n"
        "print(datasets.load_digits('test')[0].shape)\n"
        "print(len(ledger.load().claims))\n"
        "cli.main(['--version'])\n"
    )
    ran = python(code, "-P", cwd=empty, PYTHONPATH=str(target))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split("\n")[:-1] == [
        str(target / "sidebyside/__init__.py"),
        str(target / "sidebyside/_data/datasets.yaml"),
        "(360, 8, 8, 1)",
        str(len(ledger.load().claims)),
        sidebyside.__version__,
    ]
