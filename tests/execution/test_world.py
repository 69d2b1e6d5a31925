"""What a user's machine holds beside the book decides nothing, or is refused."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import json, subprocess, sys
import matplotlib, numpy, sidebyside
shell = get_ipython()
child = [sys.executable, "-c", "import numpy; print(hasattr(numpy, 'ndarray'))"]
seen = {
    "interactivity": shell.ast_node_interactivity,
    "history": shell.history_manager.enabled,
    "started": "STARTED" in globals(),
    "backend": os.environ["KERAS_BACKEND"],
    "width": matplotlib.rcParams["lines.linewidth"],
    "numpy": hasattr(numpy, "ndarray"),
    "sidebyside": getattr(sidebyside, "VALUE", 1),
    "child": subprocess.check_output(child, text=True).strip(),
    "double": os.environ.get("JAX_ENABLE_X64", "") + os.environ.get("MINE", ""),
    "optimize": sys.flags.optimize,
    "encoding": sys.getfilesystemencoding() + os.environ.get("LC_ALL", ""),
}
(trace / "seen.json").write_text(json.dumps(seen))
"""
CLEAN = {
    "interactivity": "last_expr",
    "history": False,
    "started": False,
    "backend": "tensorflow",
    "width": 1.5,
    "numpy": True,
    "sidebyside": 1,
    "child": "True",
    "double": "",
    "optimize": 0,
    "encoding": "utf-8",
}
OUTPUTS = "1\n2\n3"
"""A cell of three expressions: one of them is shown."""


@dataclass
class World:
    """A user's home, a folder of packages, and an environment."""

    home: Path
    chapters: Path
    variables: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> Path:
        """Write a file below the user's home."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def world(book, tmp_path) -> World:
    """An empty home, beside a book of one chapter."""
    book.add("01_one", "SEED = 0", PROBE, OUTPUTS, tags={0: ["parameters"]})
    home = tmp_path / "home"
    home.mkdir()
    return World(home, book.folder / "chapters", {"HOME": str(home)})


def _profile(world: World) -> None:
    settings = "c.InteractiveShell.ast_node_interactivity = 'all'\n"
    world.write(".ipython/profile_default/ipython_config.py", settings)
    world.write(".ipython/profile_default/startup/00.py", "STARTED = 1\n")


def _other_profile(world: World) -> None:
    settings = "c.InteractiveShell.ast_node_interactivity = 'all'\n"
    world.write("else/profile_default/ipython_kernel_config.py", settings)
    world.variables["IPYTHONDIR"] = str(world.home / "else")


def _startup(world: World) -> None:
    world.variables["PYTHONSTARTUP"] = str(world.write("start.py", "STARTED = 1\n"))


def _kernelspec(world: World) -> None:
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "P", "language": "python"}
    text = json.dumps({**spec, "env": {"KERAS_BACKEND": "jax", "MINE": "1"}})
    for folder in ("jupyter", ".local/share/jupyter"):
        world.write(f"{folder}/kernels/python3/kernel.json", text)
    world.variables["JUPYTER_PATH"] = str(world.home / "jupyter")
    world.variables["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "of-a-cluster"


def _matplotlibrc_beside(world: World) -> None:
    (world.chapters / "matplotlibrc").write_text("lines.linewidth: 7\n")


def _matplotlibrc(world: World) -> None:
    text = "lines.linewidth: 7\n"
    world.write(".config/matplotlib/matplotlibrc", text)
    world.write(".matplotlib/matplotlibrc", text)  # macOS
    world.variables["MATPLOTLIBRC"] = str(world.write("matplotlibrc", text))


def _package_beside(world: World) -> None:
    (world.chapters / "numpy").mkdir()
    (world.chapters / "numpy/__init__.py").touch()


def _module_beside(world: World) -> None:
    (world.chapters / "sidebyside.py").write_text("VALUE = 0\n")


def _pythonpath(world: World) -> None:
    world.write("packages/numpy/__init__.py", "")
    world.write("packages/sidebyside/__init__.py", "VALUE = 0\n")
    world.variables["PYTHONPATH"] = str(world.home / "packages")


def _variables(world: World) -> None:
    world.variables |= {"JAX_ENABLE_X64": "1", "MINE": "1", "LC_ALL": "C"}


PIECES = [
    _profile,
    _other_profile,
    _startup,
    _kernelspec,
    _matplotlibrc_beside,
    _matplotlibrc,
    _package_beside,
    _module_beside,
    _pythonpath,
    _variables,
]


def seen(book) -> dict[str, object]:
    """Return what the chapter's kernel saw."""
    return json.loads((book.trace / "seen.json").read_text())


def outputs(notebook: Path) -> int:
    """Return how many outputs the cell of three expressions has."""
    return len(json.loads(notebook.read_text())["cells"][-1]["outputs"])


@pytest.mark.parametrize("lay", PIECES)
def test_a_piece_of_the_users_world_decides_nothing(book, world, lay):
    lay(world)
    result = book.execute(**world.variables)
    assert result.returncode == 0, result.stdout + result.stderr
    assert seen(book) == CLEAN
    assert outputs(*book.cached_notebooks()) == 1


def _python(*command: object, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _build(book, variables: dict[str, str]) -> subprocess.CompletedProcess:
    return book.build(**variables)


def _run(book, variables: dict[str, str]) -> subprocess.CompletedProcess:
    path, out = book.folder / "chapters/01_one.ipynb", book.folder / "out.ipynb"
    return _python("sidebyside_book.cli", "run", path, "--out", out, **variables)


def _nbval(book, variables: dict[str, str]) -> subprocess.CompletedProcess:
    path = book.folder / "chapters/01_one.ipynb"
    options = ["-p", "no:cacheprovider", "--nbval-lax", "--nbval-kernel-name=python3"]
    command = [sys.executable, "-m", "pytest", *options, path]
    return _python("sidebyside_book.execution.as_kernel", *command, **variables)


@pytest.mark.parametrize("way", [_build, _run, _nbval])
def test_all_of_it_at_once_decides_nothing_whatever_starts_the_kernel(book, world, way):
    for lay in PIECES:
        lay(world)
    if way is _run:  # the command itself imports both packages, and would not start
        del world.variables["PYTHONPATH"]
    variables = {"SIDEBYSIDE_TRACE": str(book.trace), **world.variables}
    result = way(book, variables)
    assert result.returncode == 0, result.stdout + result.stderr
    assert seen(book) == CLEAN
    if way is _run:
        assert outputs(book.folder / "out.ipynb") == 1
    if way is _build:
        assert outputs(*book.cached_notebooks()) == 1


def test_what_the_perturbations_run_in_is_the_same_kernel(book, world, monkeypatch):
    import nbformat
    import perturb

    for lay in PIECES:
        lay(world)
    variables = {"SIDEBYSIDE_TRACE": str(book.trace), **world.variables}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    path = world.chapters / "01_one.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert perturb.first_failure(notebook, path.parent) is None
    assert seen(book) == CLEAN


@pytest.mark.slow
def test_the_users_settings_of_keras_decide_nothing(book, world):
    stored = {"floatx": "float64", "epsilon": 0.1, "backend": "jax"}
    world.write(".keras/keras.json", json.dumps(stored))
    world.variables["KERAS_HOME"] = str(world.home / ".keras")
    source = "import keras\nprint(keras.config.floatx(), keras.config.backend())"
    book.add("01_one", source)
    result = book.execute(**world.variables)
    assert result.returncode == 0, result.stdout
    assert "float32 tensorflow" in book.cached_notebooks()[0].read_text()


SENTENCE = (
    "expected Python to keep assert, by which the book checks itself, received the "
    "option -O: unset PYTHONOPTIMIZE, and start Python again"
)


WHOLE = """
from pkgutil import extend_path
__path__ = extend_path(__path__, __name__)
"""
"""The tiny book's package, with all that the real one holds."""


def _execute(book, variables: dict[str, str]) -> subprocess.CompletedProcess:
    return book.execute(**variables)


def _command(name: str) -> Callable[..., subprocess.CompletedProcess]:
    def run(book, variables: dict[str, str]) -> subprocess.CompletedProcess:
        arguments = ["--over", "SEED=1"] if name == "sweep" else []
        chapter = ["01", *arguments] if name in ("run", "sweep") else []
        return _python(
            *("sidebyside_book.cli", name, *chapter, "--book", book.folder), **variables
        )

    run.__name__ = name
    return run


WAYS = [_execute, _build, _run, _nbval, _command("execute"), _command("sweep")]
WAYS += [_command("student"), _command("evidence")]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_runs_where_asserts_are_taken_out(book, world, way):
    book.write("code/sidebyside/__init__.py", WHOLE)
    result = way(book, {"PYTHONOPTIMIZE": "1"})
    assert result.returncode != 0
    assert SENTENCE in result.stderr.replace("\n", " ")
    assert book.runs("01_one") == 0


def test_the_books_own_code_asserts_nothing():
    """Its checks, the proof's above all, raise: they hold in every Python."""
    files = sorted((ROOT / "code").rglob("*.py"))
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)}, line {node.lineno}"
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_a_notebook_says_so_by_itself(tmp_path):
    """In a reader's own Jupyter, through the setup cell."""
    code = "from sidebyside import versions; versions.check(book='0.1.0')"
    for variables, status in (({"PYTHONOPTIMIZE": "1"}, 1), ({}, 0)):
        result = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == status, result.stderr
        assert (f"This notebook: {SENTENCE}." in result.stderr) == bool(status)
