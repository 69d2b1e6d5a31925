"""What has passed is known by its content: what changes a key, and what doesn't."""

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import keep_backend
import nbformat
import passed
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from sidebyside_book.chapter_data import Fault
from sidebyside_book.execution import digest, machine

FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['tests/notebooks']\n",
    ".ci/test-notebooks": "pytest",
    "code/sidebyside_book/__init__.py": "",
    "code/sidebyside_book/used.py": "from sidebyside_book import website",
    "code/sidebyside_book/unused.py": "",
    "code/sidebyside_book/execution/__init__.py": "",
    "code/sidebyside_book/execution/as_kernel.py": "",
    "code/sidebyside_book/execution/own/kernel.json": "{}",
    "code/sidebyside_book/website/__init__.py": "",
    "data/claims/01.yaml": "C01: it holds",
    "data/claims/02.yaml": "C02: it does not",
    "data/chapters/01_small.yaml": "faults: []",
    "tests/conftest.py": "",
    "tests/notebooks/helper.py": "import numpy",
    "tests/notebooks/test_perturbation.py": "def test():\n    import helper",
    "tests/notebooks/test_student.py": "from sidebyside_book import used",
}
NOTEBOOK = "chapters/01_small.ipynb"
SEEN = {
    "distributions": [["numpy", "2.0", []], ["pytest", "9.0", []], ["ruff", "1", []]],
    "modules": {"numpy": ["numpy"], "pytest": ["pytest"], "ruff": ["ruff"]},
}
ALL = {"faults", "student", "jax", "torch"}


def notebook(code: str = "evidence.settle('C01', it)", **metadata: object) -> str:
    cell = new_code_cell(code, id="settle", metadata=metadata)
    cells = [new_markdown_cell("# Small", id="title"), cell]
    return nbformat.writes(new_notebook(cells=cells))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small one, with a package and versions of its own."""
    for name, text in {**FILES, NOTEBOOK: notebook(), "package/a.py": ""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    seen = {"package": [str(tmp_path / "package")], **SEEN}
    monkeypatch.setattr(digest, "_seen_by_kernels", lambda: seen)
    monkeypatch.setattr(passed, "ROOT", tmp_path)
    monkeypatch.setenv("CI_PASSED", str(tmp_path / "passed"))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    return tmp_path


def keys(root: Path, which: str = "") -> dict[str, str]:
    """Return the key of each kind of test."""
    found = passed.now(root)
    return {kind: found.keys(kind, root / NOTEBOOK, [which])[0] for kind in ALL}


def differ(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {kind for kind in before if before[kind] != after[kind]}


CHANGES = [
    (NOTEBOOK, notebook("evidence.settle('C01', other)"), ALL),
    (NOTEBOOK, notebook(tags=["parity"]), ALL),
    (NOTEBOOK, notebook().replace("# Small", "# Prose"), {"student"}),
    ("tests/notebooks/test_perturbation.py", "import helper  # other", {"faults"}),
    ("tests/notebooks/helper.py", "import numpy  # other", {"faults"}),
    ("tests/notebooks/test_student.py", "import helper", {"student"}),
    ("code/sidebyside_book/used.py", "1", {"student"}),
    ("code/sidebyside_book/execution/as_kernel.py", "1", {"jax", "torch"}),
    ("code/sidebyside_book/execution/own/kernel.json", "[]", ALL),
    ("tests/conftest.py", "import numpy", ALL),
    ("pyproject.toml", FILES["pyproject.toml"] + "addopts = '-x'\n", ALL),
    (".ci/test-notebooks", "pytest -x", ALL),
    ("package/a.py", "x = 1", ALL),
    ("package/new.py", "", ALL),
    ("data/claims/01.yaml", "C01: something else", ALL),
    ("chapters/beside.py", "x = 1", ALL),
    ("data/claims/02.yaml", "C02: something else", set()),
    ("data/chapters/01_small.yaml", "faults: []  # of which each has a key", set()),
    ("code/sidebyside_book/unused.py", "1", set()),
    ("code/sidebyside_book/website/__init__.py", "1", set()),
    ("tests/notebooks/test_other.py", "1", set()),
    ("chapters/other.md", "Prose.", set()),
    ("Makefile", "all:", set()),
]


@pytest.mark.parametrize(("name", "text", "kinds"), CHANGES)
def test_a_change_of_a_file(repository: Path, name: str, text: str, kinds) -> None:
    before = keys(repository)
    (repository / name).write_text(text, encoding="utf-8")
    assert differ(before, keys(repository)) == kinds


@pytest.mark.parametrize(
    ("variable", "kinds"),
    [
        ("KERAS_BACKEND", {"faults", "student"}),  # the others choose their own
        ("SIDEBYSIDE_THREADS", ALL),
        ("ATEN_CPU_CAPABILITY", ALL),
        ("CI_PASSED", set()),
        ("CI_SHARE", set()),
        ("EVERY", set()),
        ("JOBS", set()),
    ],
)
def test_a_change_of_the_environment(
    repository: Path, monkeypatch: pytest.MonkeyPatch, variable: str, kinds
) -> None:
    before = keys(repository)
    monkeypatch.setenv(variable, "7")
    assert differ(before, keys(repository)) == kinds


@pytest.mark.parametrize(
    ("name", "kinds"), [("numpy", {"faults"}), ("pytest", ALL), ("ruff", set())]
)
def test_a_change_of_a_version(
    repository: Path, monkeypatch: pytest.MonkeyPatch, name: str, kinds
) -> None:
    before = keys(repository)
    package = [str(repository / "package")]
    newer = [[n, "99" if n == name else v, r] for n, v, r in SEEN["distributions"]]
    seen = {**SEEN, "package": package, "distributions": newer}
    monkeypatch.setattr(digest, "_seen_by_kernels", lambda: seen)
    assert differ(before, keys(repository)) == kinds


def test_another_processor(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys(repository)
    monkeypatch.setattr(machine, "described", lambda: ["another"])
    assert differ(before, keys(repository)) == ALL


def test_every_test_has_a_key_of_its_own(repository: Path) -> None:
    found = keys(repository)
    assert len({*found.values()}) == len(ALL)
    assert differ(found, keys(repository, "a fault")) == ALL
    other = repository / "chapters/02_other.ipynb"
    other.write_text(notebook(), encoding="utf-8")
    assert passed.now(repository).keys("jax", other, [""]) != [found["jax"]]


def test_every_field_of_a_fault_counts() -> None:
    same = {field.name: "x" for field in fields(Fault)}
    every = [Fault(**same), *(Fault(**{**same, name: "y"}) for name in same)]
    said = {passed.said(fault, "01_small") for fault in every}
    said.add(passed.said(every[0], "02_other"))
    assert len(said) == len(same) + 2


def kept() -> list[passed.Pass]:
    return [
        found for p in passed.folder().glob("*.json") if (found := passed.load(p.stem))
    ]


@pytest.fixture
def begun(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose keys were taken as it is."""
    as_it_is = passed.now(repository)
    monkeypatch.setattr(passed, "begun", lambda: as_it_is)
    now = passed.now
    monkeypatch.setattr(
        passed, "now", lambda root=repository, kinds=ALL: now(root, kinds)
    )
    return repository


def test_what_passed_is_kept(begun: Path) -> None:
    with passed.keeping("faults", begun / NOTEBOOK, ["one", "two"]):
        assert not kept()
    assert {(p.kind, p.name, p.which) for p in kept()} == {
        ("faults", "01_small", "one"),
        ("faults", "01_small", "two"),
    }
    assert {path.suffix for path in passed.folder().iterdir()} == {".json"}


def test_what_failed_is_not_kept(begun: Path) -> None:
    student = passed.keeping("student", begun / NOTEBOOK)
    with pytest.raises(AssertionError, match="it failed"), student:
        raise AssertionError("it failed")
    assert not kept()


@pytest.mark.parametrize("name", [NOTEBOOK, "tests/notebooks/test_student.py"])
def test_what_changed_meanwhile_is_not_kept(begun: Path, name: str) -> None:
    with passed.keeping("student", begun / NOTEBOOK):
        text = (begun / name).read_text(encoding="utf-8").replace("Small", "Other")
        (begun / name).write_text(text.replace("used", "unused"), encoding="utf-8")
    assert not kept()


def _older(days: int) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        made = json.loads(path.read_text())
        made["date"] = str(passed._today() - timedelta(days))
        path.write_text(json.dumps(made))

    return change


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (_older(0), True),
        (_older(passed.DAYS), True),
        (_older(passed.DAYS + 1), False),
        (_older(-1), False),  # a clock was wrong
        (lambda path: path.write_text(path.read_text()[:-5]), False),
        (lambda path: path.write_text("{}"), False),
        (lambda path: path.rename(path.with_name("other.json")), False),
    ],
    ids=["new", "not too old", "too old", "of tomorrow", "cut off", "empty", "other"],
)
def test_a_pass_counts_while_it_is_whole_and_new(
    begun: Path, change: Callable[[Path], object], counts: bool
) -> None:
    tests = {"student": ["01_small"], "jax": ["01_small"]}
    key = passed.begun().keys("student", begun / NOTEBOOK, [""])[0]
    passed.keep(key, "student", "01_small", "", 3.0)
    change(passed.folder() / f"{key}.json")
    found = passed.look_up(tests)
    assert found.whole == ({"student": ["01_small"]} if counts else {})
    assert [p["seconds"] for p in found.passes] == [3.0] * counts
    assert found.keys == {"jax": {"01_small": keys(begun)["jax"]}}
    assert len(kept()) == len([*passed.folder().iterdir()])  # others are removed


def test_a_full_run_takes_nothing_from_the_cache(begun: Path) -> None:
    key = passed.begun().keys("jax", begun / NOTEBOOK, [""])[0]
    passed.keep(key, "jax", "01_small", "", 3.0)
    found = passed.look_up({"jax": ["01_small"]}, ignore=True)
    assert found == passed.Known([], {}, {"jax": {"01_small": key}})


def test_a_chapter_is_done_when_all_its_faults_are(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passed, "which", lambda kind, name: ["one", "two"])
    one, two = passed.begun().keys("faults", begun / NOTEBOOK, ["one", "two"])
    passed.keep(one, "faults", "01_small", "one", 1.0)
    assert passed.look_up({"faults": ["01_small"]}).whole == {}
    passed.keep(two, "faults", "01_small", "two", 1.0)
    assert passed.look_up({"faults": ["01_small"]}).whole == {"faults": ["01_small"]}


CASE = (
    '<testcase classname="chapters.01_small.ipynb" name="Cell 0" time="2">{}</testcase>'
)
OTHER = '<testcase classname="chapters.02_other.ipynb" name="Cell 0" time="5"/>'


@pytest.mark.parametrize(
    ("cases", "passes"),
    [
        (CASE.format("") + OTHER, 1),
        (CASE.format('<failure message="no"/>'), 0),
        (CASE.format('<skipped message="timed out"/>'), 0),
        (CASE.format("") * 2, 0),
        (OTHER, 0),
        ("", 0),
    ],
    ids=["passed", "failed", "skipped", "twice", "another", "none"],
)
def test_a_notebook_passes_by_all_its_cells(
    begun: Path, monkeypatch: pytest.MonkeyPatch, cases: str, passes: int
) -> None:
    junit, plan = begun / "jax.xml", begun / "share.json"
    junit.write_text(f"<testsuite>{cases}</testsuite>")
    [key] = passed.begun().keys("jax", begun / NOTEBOOK, [""])
    plan.write_text(json.dumps({"keys": {"jax": {"01_small": key}}}))
    monkeypatch.setenv("CI_SHARE", str(plan))
    keep_backend.main("jax", junit)
    assert [(p.kind, p.name, p.seconds) for p in kept()] == [
        ("jax", "01_small", 2.0)
    ] * passes


def test_a_notebook_that_changed_meanwhile_has_not_passed(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = begun / "share.json"
    plan.write_text(json.dumps({"keys": {"jax": {"01_small": "as it was"}}}))
    monkeypatch.setenv("CI_SHARE", str(plan))
    (begun / "jax.xml").write_text(f"<testsuite>{CASE.format('')}</testsuite>")
    keep_backend.main("jax", begun / "jax.xml")
    assert not kept()
