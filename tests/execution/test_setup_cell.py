"""The setup cell, as it stands in the chapters, run in a room like Colab's.

The room is a new virtual environment with IPython, pip, what the package needs, and
stand-ins for the frameworks: real metadata, and modules that fail when imported. The
address of the book leads to a copy of this working tree, so no network is needed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "https://github.com/side-by-side-book/side-by-side"
AGAIN = f"%pip install --no-deps --force-reinstall git+{ADDRESS}"
COLAB = {"torch": "2.11.0+cu128", "tensorflow": "2.20.0", "keras": "3.13.2"}
BROUGHT = ("ipykernel", "pip", "hatchling")
"""With what these need, and what the package needs: linked from our environment."""

NOW = """
import sys, sidebyside
print(sidebyside.__file__)
print([name for name in ("torch", "tensorflow", "keras") if name in sys.modules])
print(os.environ["KERAS_BACKEND"])"""


def setup_cell() -> str:
    """Return the source of the setup cell, which is the same in all notebooks."""
    chapter = min((ROOT / "chapters").glob("*.ipynb"))
    notebook = nbformat.v4.reads(chapter.read_text(encoding="utf-8"))
    (source,) = [cell.source for cell in notebook.cells if cell.id == "setup"]
    return source


def with_needs(names: list[str]) -> set[str]:
    """Return distributions with all that they require on this machine."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in seen:
            seen.add(name)
            for need in map(Requirement, metadata.requires(name) or []):
                if not need.marker or need.marker.evaluate({"extra": ""}):
                    waiting.append(need.name)
    return seen


def link(distribution: metadata.Distribution, site: Path) -> None:
    """Link the top-level folders and modules of a distribution into another place."""
    tops = {path.parts[0] for path in distribution.files or () if path.parts[0] != ".."}
    for top in tops - {"__pycache__"}:
        if not (site / top).exists():
            (site / top).symlink_to(Path(str(distribution.locate_file(top))))


def stand_in(site: Path, name: str, version: str) -> None:
    """Install a distribution that has metadata, and a module that can't be imported."""
    for old in site.glob(f"{name}-*.dist-info"):
        shutil.rmtree(old)
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(head, encoding="utf-8")
    (info / "INSTALLER").write_text("pip\n", encoding="utf-8")
    (info / "RECORD").write_text(f"{name}/__init__.py,,\n", encoding="utf-8")
    (site / name).mkdir(exist_ok=True)
    (site / name / "__init__.py").write_text(
        f"raise AssertionError('{name} was imported')\n", encoding="utf-8"
    )


def repository(folder: Path) -> Path:
    """Return a Git repository that holds this working tree, changes and all."""
    parts = ["code", "data", "pyproject.toml", "README.md", "LICENSE"]
    listed = ["git", "ls-files", "-co", "--exclude-standard", "--", *parts]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).splitlines()
    for name in filter(lambda one: (ROOT / one).is_file(), names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Now"]):
        subprocess.run(["git", *author, *command], cwd=folder, check=True)
    return folder


@dataclass
class Room:
    """An environment that has what Colab has, and no helpers of the book."""

    python: Path
    site: Path
    repository: Path
    printed: list[str] = field(default_factory=list)
    """What each cell of the last run printed, also if one stopped it."""

    def environment(self, repository: Path) -> dict[str, str]:
        """Return variables that lead the book's address to a repository."""
        left_out = ("PYTHON", "PIP_", "GIT_", "KERAS_", "VIRTUAL_ENV")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
        redirect = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": ADDRESS,
        }
        offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
        quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CONFIG_FILE": os.devnull}
        return {**kept, **redirect, **offline, **quiet}

    def run(
        self, *sources: str, address: Path | None = None, cwd: Path | None = None
    ) -> list[str]:
        """Run cells in a new kernel, and return what each printed."""
        notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
        resources = {"metadata": {"path": str(cwd or self.repository.parent)}}
        client = NotebookClient(
            notebook, timeout=120, kernel_name="room", resources=resources
        )
        try:
            client.execute(env=self.environment(address or self.repository))
        finally:
            self.printed = [
                "".join(out.get("text", "") for out in cell.outputs)
                for cell in notebook.cells
            ]
        return self.printed

    def stop(self, **where: Path) -> CellExecutionError:
        """Run the setup cell where it must stop, and return its error."""
        with pytest.raises(CellExecutionError) as caught:
            self.run(setup_cell(), **where)
        return caught.value

    @contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """Take packages away for a while, or what has been installed since."""
        with TemporaryDirectory(dir=self.site.parent) as aside:
            for name in names:
                for path in [*self.site.glob(name), *self.site.glob(f"{name}-*")]:
                    path.rename(Path(aside, path.name))
            yield
            for name in names:
                for path in [*self.site.glob(name), *self.site.glob(f"{name}-*")]:
                    shutil.rmtree(path)
            for path in Path(aside).iterdir():
                path.rename(self.site / path.name)

    def files(self, name: str) -> dict[str, str]:
        """Return the files of an installed distribution with their hashes."""
        folders = [self.site / name, *self.site.glob(f"{name}-*.dist-info")]
        found = (path for one in folders for path in one.rglob("*") if path.is_file())
        return {
            str(path): f"{path.stat().st_mtime_ns} "
            + hashlib.sha256(path.read_bytes()).hexdigest()
            for path in found
            if "__pycache__" not in path.parts
        }


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A new environment as on Colab."""
    folder = tmp_path_factory.mktemp("colab")
    venv = [sys.executable, "-m", "venv", "--without-pip", folder / "venv"]
    subprocess.run(venv, check=True)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for name in with_needs([*BROUGHT, *project["project"]["dependencies"]]):
        link(metadata.distribution(name), site)
    for name, version in COLAB.items():
        stand_in(site, name, version)
    return Room(folder / "venv/bin/python", site, repository(folder / "book"))


@pytest.fixture(autouse=True)
def kernel(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel named `room` be the one of the room."""

    def spec(self: KernelSpecManager, name: str) -> object:
        command = [str(room.python), "-m", "ipykernel_launcher", "-f"]
        return self.kernel_spec_class(argv=[*command, "{connection_file}"])

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", spec)


@pytest.fixture(scope="module")
def before(room: Room) -> dict[str, dict[str, str]]:
    """The files of the frameworks before anything ran."""
    return {name: room.files(name) for name in COLAB}


@pytest.mark.slow
def test_on_colab_it_installs_the_helpers_and_replaces_nothing(room, before):
    _, said = room.run(setup_cell(), NOW)
    place, imported, backend = said.splitlines()
    assert Path(place).is_relative_to(room.site)
    assert (imported, backend) == ("[]", "tensorflow")
    assert {name: room.files(name) for name in COLAB} == before

    helpers = room.files("sidebyside")
    nowhere = room.repository / "nowhere"  # whoever installs again fails
    first, again, _ = room.run(setup_cell(), setup_cell(), NOW, address=nowhere)
    assert (first, again) == ("", "")
    assert room.files("sidebyside") == helpers


@pytest.mark.slow
def test_it_says_what_is_too_old_before_anything_else_fails(room):
    stand_in(room.site, "keras", "3.10.0")
    try:
        with pytest.raises(CellExecutionError) as caught:
            room.run(setup_cell(), "import keras")
    finally:
        stand_in(room.site, "keras", COLAB["keras"])
    assert caught.value.ename == "VersionsError"
    assert "keras: expected 3.13 or newer, found 3.10.0" in caught.value.evalue
    assert '%pip install -q "keras>=3.13"' in caught.value.evalue
    assert "restart" in caught.value.evalue
    assert "File " not in caught.value.traceback.replace(setup_cell(), "")
    assert "was imported" not in str(caught.value)


@pytest.mark.slow
def test_a_bare_folder_named_like_the_helpers_is_not_taken_for_them(room, tmp_path):
    (tmp_path / "sidebyside").mkdir()
    with room.without("sidebyside"):
        _, said = room.run(setup_cell(), NOW, cwd=tmp_path)
    assert Path(said.splitlines()[0]).is_relative_to(room.site)


@pytest.mark.slow
def test_without_pip_it_says_how_to_get_it(room):
    with room.without("sidebyside", "pip"):
        error = room.stop()
    assert error.ename == "ImportError"
    assert "No module named 'sidebyside'" in error.evalue
    assert "import ensurepip; ensurepip.bootstrap()" in error.evalue
    assert "restart the kernel" in error.evalue


@pytest.mark.slow
def test_without_a_network_pip_says_why_and_the_cell_what_to_do(room):
    with room.without("sidebyside"):
        error = room.stop(address=room.repository / "nowhere")
    assert "fatal: " in room.printed[0], "the words of Git, which pip passes on"
    assert error.ename == "ImportError"
    assert f"With a network, run `{AGAIN}`, then restart the kernel." in error.evalue


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sidebyside.py", "sidebyside/__init__.py"])
def test_a_file_of_ones_own_that_hides_the_helpers_is_named(room, name, tmp_path):
    own = tmp_path / name
    own.parent.mkdir(exist_ok=True)
    own.write_text("notes = 1\n", encoding="utf-8")
    error = room.stop(cwd=tmp_path)
    assert error.ename == "ImportError"
    assert str(own) in error.evalue
    assert "Give your own file or folder `sidebyside` another name" in error.evalue


@pytest.mark.slow
def test_helpers_that_are_too_old_to_say_so_are_replaced_by_one_line(room):
    with room.without("sidebyside"):
        stand_in(room.site, "sidebyside", "0.0.1")
        (room.site / "sidebyside/__init__.py").write_text("", encoding="utf-8")
        error = room.stop()
    assert error.ename == "ImportError"
    assert f"run `{AGAIN}`, then restart the kernel." in error.evalue
    assert room.printed[0] == "", "nothing is replaced without being asked"
