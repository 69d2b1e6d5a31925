"""What has passed, by its content: CI does not run the same once more.

A pass is a small file. Its name is a digest of all that decides how the test ends:

| part | what it holds |
|---|---|
| notebook | its code cells and metadata; of a student's edition, the whole file |
| package, data, beside, installed, machine | as for the book: `execution.digest` |
| environment | Keras' backend, threads, and where libraries are |
| test | the test's files: itself, and all that it imports of this repository |
| tools | the versions of the packages that these reach, and of pytest and nbval |
| which | the kind of test; of a fault, all its fields |

`CI_PASSED` names the folder, `_build/passed` if it is not set. (A name that begins with
`SIDEBYSIDE_` would be a choice for kernels, and count.) A pass is good for `DAYS` days.
"""

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat
from nbformat import NotebookNode

from sidebyside_book import chapter_data
from sidebyside_book.chapter_data import Fault
from sidebyside_book.execution import reach
from sidebyside_book.execution.digest import Around, combine, files_of, hash_files, look
from sidebyside_book.execution.environment import deciding

ROOT = Path(__file__).resolve().parents[1]
DAYS = 30
"""After so many days all runs again: no key knows everything of a machine."""
SITE = "sidebyside_book.website"
"""It reads what has run: no test here depends on it, and it changes often."""
RUNNERS = frozenset({"nbval", "pytest", "pytest-timeout", "pytest-xdist"})
CONFIGURED = ("pyproject.toml", "tests/conftest.py", ".ci/test-notebooks")
"""Files that decide beside the tests' own how all of them run."""
BACKENDS = ("jax", "torch")
TESTS = {
    "faults": "tests/notebooks/test_perturbation.py",
    "student": "tests/notebooks/test_student.py",
    **dict.fromkeys(BACKENDS, "code/sidebyside_book/execution/as_kernel.py"),
}
"""Kind of test -> where its own code begins."""


@dataclass(frozen=True)
class Pass:
    """A test that passed.

    Attributes:
        kind: Which one of `TESTS`.
        name: The notebook's name.
        which: What else says which test it is; empty if nothing does.
        seconds: How long it took.
        date: The day, as ISO 8601 writes it.
    """

    kind: str
    name: str
    which: str
    seconds: float
    date: str


def said(fault: Fault, chapter: str) -> str:
    """Return all that is to be said of a fault, so that another one differs."""
    return json.dumps({**vars(fault), "chapter": chapter}, sort_keys=True)


def which(kind: str, name: str) -> list[str]:
    """Return what says which tests of a kind a notebook has: its faults, or one."""
    if kind != "faults":
        return [""]
    path = ROOT / chapter_data.FOLDER / f"{name}.yaml"
    found = chapter_data.read(path).faults if path.is_file() else ()
    return [said(fault, name) for fault in found]


@dataclass(frozen=True)
class Keys:
    """Gives the tests their keys, from all as it stood at one moment."""

    around: Around
    tests: Mapping[str, Mapping[str, str]]
    """Kind -> digests of the test's files, and of the tools they reach."""

    def keys(self, kind: str, notebook: Path, which: Sequence[str]) -> list[str]:
        """Return a key for each test of a notebook.

        Args:
            kind: Which one of `TESTS`.
            notebook: The notebook's file.
            which: What says which tests.

        Returns:
            32 hexadecimal digits each, others when that test may end differently.
        """
        text = notebook.read_text(encoding="utf-8")
        node = nbformat.reads(text, as_version=4)
        backend = {"KERAS_BACKEND": kind} if kind in BACKENDS else {}
        same = {
            **self.around.inputs(notebook.stem, node),
            **self.tests[kind],
            "notebook": text if kind == "student" else _code(node),
            "environment": json.dumps(deciding({**os.environ, **backend})),
        }
        tests = [json.dumps([kind, notebook.stem, one]) for one in which]
        return [combine({**same, "which": one}) for one in tests]


def now(root: Path = ROOT, kinds: Iterable[str] = TESTS) -> Keys:
    """Look at everything that surrounds the tests of a repository.

    Args:
        root: The repository.
        kinds: The kinds of tests that get keys.
    """
    around = look(root)
    scripts = {TESTS[kind] for kind in kinds}
    tests = {script: _test(root, script, around) for script in scripts}
    return Keys(around, {kind: tests[TESTS[kind]] for kind in kinds})


@cache
def begun() -> Keys:
    """Return the keys as they were when this process asked first."""
    return now()


def _test(root: Path, script: str, around: Around) -> dict[str, str]:
    files = sources(root, script)
    code = "\n".join(path.read_text("utf-8") for _, path in files)
    tools = reach.reached(reach.named(code) | RUNNERS, around.installed)
    return {"test": hash_files(files), "tools": json.dumps(tools)}


def sources(root: Path, script: str) -> list[tuple[str, Path]]:
    """Return the files that make a test: what it imports of this repository, and how.

    Args:
        root: The repository.
        script: The test's file in it.
    """
    config = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    places = ["code", *config["tool"]["pytest"]["ini_options"]["pythonpath"]]
    finder = ModuleFinder([str(root / place) for place in places], excludes=[SITE])
    for name in (script, "tests/conftest.py"):
        finder.run_script(str(root / name))
    found = {Path(m.__file__) for m in finder.modules.values() if m.__file__}
    found |= {root / script, *(root / name for name in CONFIGURED)}
    found |= {path for _, path in files_of(root / "code/sidebyside_book/execution/own")}
    return sorted((path.relative_to(root).as_posix(), path) for path in found)


def _code(notebook: NotebookNode) -> str:
    cells = [
        [cell.get("id"), cell.source, cell.metadata]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    return json.dumps([notebook.metadata, cells], sort_keys=True)


def folder() -> Path:
    """Return where the passes are."""
    return Path(os.environ.get("CI_PASSED") or ROOT / "_build/passed")


def load(key: str) -> Pass | None:
    """Return a pass; None if there is none, or it is damaged or too old."""
    try:
        text = (folder() / f"{key}.json").read_text(encoding="utf-8")
        found = Pass(**json.loads(text))
        age = _today() - date.fromisoformat(found.date)
    except (FileNotFoundError, TypeError, ValueError):
        return None
    return found if timedelta() <= age <= timedelta(DAYS) else None


def keep(key: str, kind: str, name: str, which: str, seconds: float) -> None:
    """Write a pass."""
    folder().mkdir(parents=True, exist_ok=True)
    made = Pass(kind, name, which, round(seconds, 3), _today().isoformat())
    new = folder() / f"{key}.{os.getpid()}.new"
    new.write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
    new.replace(folder() / f"{key}.json")


@dataclass(frozen=True)
class Known:
    """What is known of the tests before they run.

    Attributes:
        passes: Those that have passed.
        whole: Kind -> notebooks of which every test has passed.
        keys: Backend -> notebook that is to run -> its key.
    """

    passes: list[dict[str, Any]]
    whole: dict[str, list[str]]
    keys: dict[str, dict[str, str]]


def look_up(tests: Mapping[str, Sequence[str]], *, ignore: bool = False) -> Known:
    """Say which tests have passed.

    Args:
        tests: Kind -> notebooks.
        ignore: Whether to take it that none has.
    """
    forget_old()
    known = Known([], {}, {})
    for kind, names in tests.items():
        for name in names:
            path = ROOT / f"chapters/{name}.ipynb"
            keys = begun().keys(kind, path, which(kind, name))
            found = [] if ignore else [vars(one) for one in map(load, keys) if one]
            known.passes.extend(found)
            if len(found) == len(keys):
                known.whole.setdefault(kind, []).append(name)
            elif kind in BACKENDS:
                known.keys.setdefault(kind, {})[name] = keys[0]
    return known


def forget_old() -> None:
    """Remove the passes that count no longer."""
    for path in folder().glob("*"):
        if path.suffix == ".new" or load(path.stem) is None:
            path.unlink(missing_ok=True)


def _today() -> date:
    return datetime.now(UTC).date()


@contextmanager
def keeping(kind: str, notebook: Path, which: Sequence[str] = ("",)) -> Iterator[None]:
    """Keep the tests of a notebook as passed if what happens here raises nothing.

    And only if nothing has changed meanwhile: not the notebook, and nothing else since
    this process imported the tests.

    Args:
        kind: Which one of `TESTS`.
        notebook: The notebook's file.
        which: Those that are tested at once.
    """
    before = dict(zip(which, begun().keys(kind, notebook, which), strict=True))
    begin = perf_counter()
    yield
    seconds = (perf_counter() - begin) / max(1, len(which))
    keep_same(before, now(kinds=[kind]), kind, notebook, seconds)


def keep_same(
    before: Mapping[str, str], keys: Keys, kind: str, notebook: Path, seconds: float
) -> None:
    """Keep the tests whose keys are still the same.

    Args:
        before: What says which test -> its key before it ran.
        keys: Gives the keys as they are now.
        kind: Which one of `TESTS`.
        notebook: The notebook's file.
        seconds: How long each test took.
    """
    after = keys.keys(kind, notebook, list(before))
    for (which, key), same in zip(before.items(), after, strict=True):
        if key == same:
            keep(key, kind, notebook.stem, which, seconds)
