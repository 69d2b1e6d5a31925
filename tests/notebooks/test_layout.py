"""The repository shadows no library, and its address is the same everywhere."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PUBLIC_MODULES = [
    f"sidebyside.{path.stem if path.is_file() else path.name}"
    for path in sorted((ROOT / "code/sidebyside").iterdir())
    if (path.suffix == ".py" or (path / "__init__.py").exists())
    and path.stem not in ("__init__", "lanes", "tfcore")
]
FRAMEWORKS = ("torch", "tensorflow", "keras", "jax")
ADDRESS = re.compile(r"https?://github\.com/[\w.-]+/[\w-]+")


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder that stands first on its path, as a reader's would."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONSAFEPATH",)}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**kept, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def importable(project: Path) -> dict[Path, str]:
    """Return every module of a project by the name under which it can be imported."""
    found = {}
    for path in [*project.glob("code/**/*.py"), *project.glob("tests/*/*.py")]:
        found[path] = path.parent.name if path.name == "__init__.py" else path.stem
    return found


def taken() -> set[str]:
    """Return the names of the standard library and of what the book requires."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    required = {re.split(r"==|#", line)[0].strip().lower() for line in lines} - {""}
    names = {
        name
        for name, owners in metadata.packages_distributions().items()
        if required & {owner.lower() for owner in owners}
    }
    assert {"torch", "tensorflow", "keras", "yaml", "sklearn"} <= names
    return names | sys.stdlib_module_names


def shadows(project: Path) -> list[str]:
    """Return the modules of a project that are named like a library.

    The modules of `sidebyside.lanes` are named after their lane. They can be imported
    as `sidebyside.lanes.keras` only, which a test of its own checks.
    """
    lanes, names = project / "code/sidebyside/lanes", taken()
    return [
        f"{path.relative_to(project)}: expected no name of a library, received {name!r}"
        for path, name in importable(project).items()
        if name in names and path.parent != lanes
    ]


def test_no_module_is_named_like_a_library():
    assert importable(ROOT)
    assert shadows(ROOT) == []


def test_a_module_that_is_named_like_a_library_is_seen(tmp_path):
    for name in (
        "sidebyside/json.py",
        "sidebyside/yaml/__init__.py",
        "sidebyside/ok.py",
    ):
        path = tmp_path / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert {problem.split("'")[1] for problem in shadows(tmp_path)} == {"json", "yaml"}


def test_the_book_reads_no_environment():
    """Sphinx would take the texts of installed packages for pages."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    made = re.findall(r"\.venv[\w-]*", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert {".venv", ".venv-lab"} <= set(made)
    for folder in set(made):
        patterns = config["exclude_patterns"]
        assert any(fnmatch(folder, pattern) for pattern in patterns), folder


def test_code_is_a_plain_folder():
    assert not (ROOT / "code/__init__.py").exists()
    assert not (ROOT / "code.py").exists()
    assert not (ROOT / "code/code.py").exists()


DEBUGGER = "import code, pdb; assert 'InteractiveConsole' in dir(code)"


@pytest.mark.parametrize("folder", ["", "code", "chapters"])
def test_the_debugger_can_be_imported(folder):
    done = run(DEBUGGER, ROOT / folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["code.py", "code/__init__.py"])
def test_a_folder_that_breaks_the_debugger_is_seen(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert run(DEBUGGER, tmp_path).returncode != 0


def test_the_package_imports_no_framework(tmp_path):
    modules = ", ".join(["sidebyside", *PUBLIC_MODULES])
    assert len(PUBLIC_MODULES) > 5
    code = f"import sys, {modules}; print(*(set({FRAMEWORKS}) & set(sys.modules)))"
    done = run(code, tmp_path)
    assert (done.stdout.split(), done.returncode) == ([], 0), done.stderr


def test_the_lanes_do_not_shadow_their_frameworks(tmp_path):
    code = (
        "import importlib\n"
        "for lane in ('pytorch', 'tensorflow', 'keras'):\n"
        "    importlib.import_module(f'sidebyside.lanes.{lane}')\n"
        "import torch, tensorflow, keras\n"
        "print(torch.nn.Module, tensorflow.Module, keras.Model)\n"
        "assert not any('sidebyside' in m.__file__ for m in (torch, tensorflow, keras))"
    )
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("<class") == 3


def arrows_back(project: Path) -> list[str]:
    """Return where the package that notebooks import reaches for what makes the book.

    Looked at are imports at any depth, and names of modules as texts.
    """
    return [
        f"{path.relative_to(project)}, line {line}: expected nothing of "
        f"sidebyside_book, received {name}"
        for path in sorted((project / "code/sidebyside").rglob("*.py"))
        for line, name in module_names(ast.parse(path.read_text(encoding="utf-8")))
        if re.fullmatch(r"sidebyside_book(\.\w+)*(:\w+)?", name)
    ]


def module_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of every module that is imported, and every text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "."
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_what_notebooks_import_needs_nothing_that_makes_the_book():
    assert len(list((ROOT / "code/sidebyside").rglob("*.py"))) > 20
    assert arrows_back(ROOT) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import sidebyside_book", "sidebyside_book"),
        ("import os, sidebyside_book.cli as c", "sidebyside_book.cli"),
        ("from sidebyside_book.chapter import about", "sidebyside_book.chapter"),
        ("def f():\n    from sidebyside_book import cli", "sidebyside_book"),
        ("__import__('sidebyside_book.cli')", "sidebyside_book.cli"),
    ],
)
def test_an_arrow_back_is_seen(tmp_path, line, name):
    path = tmp_path / "code/sidebyside/deep/module.py"
    path.parent.mkdir(parents=True)
    path.write_text(f'"""Not `sidebyside_book`."""\nimport sidebyside\n{line}\n')
    [problem] = arrows_back(tmp_path)
    assert problem.startswith("code/sidebyside/deep/module.py, line ")
    assert problem.endswith(f"received {name}")


def address() -> str:
    """Return the address of the repository from its one source."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["project"]["urls"]["Repository"]


def setup_cells() -> dict[str, str]:
    """Return the source of each chapter's setup cell."""
    return {
        path.name: cell.source
        for path in (ROOT / "chapters").glob("*.ipynb")
        for cell in nbformat.v4.reads(path.read_text(encoding="utf-8")).cells
        if cell.id == "setup"
    }


def test_the_book_and_the_citation_have_the_address():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["repository"]["url"] == address()
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["repository-code"] == address()


def test_the_readme_clones_from_the_address():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"git clone (\S+)", readme) == [f"{address()}.git"]


def test_setup_cells_install_from_the_address():
    assert setup_cells()
    for name, source in setup_cells().items():
        assert re.findall(r"git\+([^\s\"'@]+)", source) == [address()], name


def others(text: str, expected: str) -> list[str]:
    """Return the addresses that share owner or name with the expected one only."""
    owner, name = expected.rsplit("/", 1)
    ours = (
        a
        for a in ADDRESS.findall(text)
        if a.startswith(f"{owner}/") or a.endswith(f"/{name}")
    )
    return [found for found in ours if found != expected]


def test_no_other_address_of_the_book_is_left():
    """A fork that moves the book finds here what it forgot."""
    command = ["git", "grep", "-lI", "github.com/", "--", ":!tests/notebooks"]
    found = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {"pyproject.toml", "README.md"} <= set(found.stdout.splitlines())
    for name in found.stdout.splitlines():
        assert others((ROOT / name).read_text(encoding="utf-8"), address()) == [], name


def test_another_address_of_the_book_is_seen():
    book, fork = "https://github.com/we/book", "https://github.com/they/book"
    assert others(f"{book}.git, {fork}/issues and {book}/pulls", book) == [fork]
    assert others("https://github.com/they/else", book) == []
