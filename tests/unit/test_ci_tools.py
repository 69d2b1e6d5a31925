"""The scripts beside the workflows: their tables, and what Binder installs."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import passed
import pytest

ROOT = Path(__file__).parents[2]
PASSED = '<testcase name="Cell 0" time="1.5" />'
FAILED = """<testcase name="Cell 1" time="2.0"><failure message="it failed">
#x1B[91mNotebook cell execution failed#x1B[0m
ValueError: first
#x1B[0;31mAssertionError#x1B[0m: a &lt; b | c
</failure></testcase>"""
SKIPPED = '<testcase name="Cell 2"><skipped message="timed out" /></testcase>'


def script(name: str) -> ModuleType:
    """Import a script of `.ci`."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f".ci/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def junit(tmp_path: Path):
    """Return a function that writes a JUnit file of these cases."""
    cells = [{"id": name, "cell_type": "code"} for name in ("setup", "imports")]
    cells.insert(1, {"id": "text", "cell_type": "markdown"})
    (tmp_path / "01_tensors.ipynb").write_text(json.dumps({"cells": cells}))

    def write(*cases: str) -> Path:
        path = tmp_path / "01_tensors.xml"
        path.write_text(
            f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"
        )
        return path

    return write


@pytest.mark.parametrize(
    ("cases", "row"),
    [
        ([PASSED], "| 01_tensors | passed | 1 | 0 | 2 s |  |"),
        (
            [PASSED, FAILED, SKIPPED],
            "| 01_tensors | failed | 3 | 2 | 4 s "
            "| `imports`: AssertionError: a &lt; b \\| c |",
        ),
        ([SKIPPED], "| 01_tensors | failed | 1 | 1 | 0 s | `Cell 2`: timed out |"),
    ],
)
def test_the_row_of_a_chapter(junit, cases: list[str], row: str) -> None:
    path = junit(*cases)
    assert script("status_table").row(path, path.parent) == row


def test_no_result_is_no_success(junit, tmp_path: Path) -> None:
    table = script("status_table")
    with pytest.raises(ValueError, match="expected cells in"):
        table.row(junit())
    (tmp_path / "x.xml").write_text("")
    with pytest.raises(ValueError, match="expected JUnit in"):
        table.row(tmp_path / "x.xml")
    with pytest.raises(SystemExit, match="expected JUnit files, received none"):
        table.main([])


def test_the_table_names_the_versions(junit, capsys: pytest.CaptureFixture) -> None:
    script("status_table").main([str(junit(PASSED))])
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"Python 3\.\S+, torch \d.*, keras \d.*", lines[0])
    assert [line.count("|") for line in lines[2:]] == [7, 7, 7]


def test_links_that_need_a_look(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    found = [("working", "a"), ("redirected", "b"), ("broken", "c"), ("timeout", "d")]
    lines = [
        json.dumps({"status": s, "uri": u, "filename": "p.md", "info": "why|\nso"})
        for s, u in found
    ]
    path = tmp_path / "output.json"
    path.write_text("\n".join(lines))
    table = script("link_table")
    table.main(str(path))
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "4 links, 3 that need a look."
    assert [line.split(" | ")[1] for line in out[4:]] == ["c", "d", "b"]
    assert all(line.endswith("| why\\| so |") for line in out[4:])
    path.write_text("")
    with pytest.raises(SystemExit, match="expected links in"):
        table.main(str(path))


def test_other_versions_have_a_name() -> None:
    wrong = [ROOT / ".ci/test-versions", "latest"]
    ran = subprocess.run(wrong, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "expected colab or newest, received latest" in ran.stderr


def pins(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and line[0] != "#"]
    return dict(line.split("==") for line in lines)


def test_binder_installs_the_books_own_versions(tmp_path: Path) -> None:
    """Its script runs here, with a `python` that only notes what it is asked."""
    for name in ("requirements.txt", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / ".binder").mkdir()
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "$PIP_EXTRA_INDEX_URL $@" >>asked\n')
    python.chmod(0o755)
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [ROOT / ".binder/postBuild"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        check=True,
    )
    first, second = (tmp_path / "asked").read_text().splitlines()
    assert first.endswith("install -r .binder/notebooks.txt -c constraints.txt")
    assert first.startswith("https://download.pytorch.org/whl/cpu ")
    assert second.endswith("-m pip install --no-deps .")
    installed = pins((tmp_path / ".binder/notebooks.txt").read_text())
    ours = pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert installed.items() < ours.items()
    needed = {"torch", "tensorflow", "keras", "jax", "onnx", "statsmodels", "ipykernel"}
    assert needed <= installed.keys()
    assert not {"jupyter-book", "pytest", "ruff", "ray"} & installed.keys()


NOTEBOOK = {
    "cells": [
        {"id": "setup", "cell_type": "code", "source": ["%pip install x"]},
        {
            "id": "imports",
            "cell_type": "code",
            "source": ["versions.require('ONNX', 'ai_edge.litert')\n", "import onnx"],
        },
    ]
}


def test_what_a_chapter_needs_stands_in_it(tmp_path: Path) -> None:
    needs = script("needs")
    (tmp_path / "80_exchange.ipynb").write_text(json.dumps(NOTEBOOK))
    assert needs.required(tmp_path / "80_exchange.ipynb") == {"onnx", "ai-edge-litert"}
    chapters = ROOT / "chapters"
    assert "tf2onnx" in needs.required(chapters / "51_exchange.ipynb")
    assert needs.required(chapters / "01_tensors.ipynb") == set()


def test_chapters_that_need_the_same_run_together() -> None:
    groups = script("needs").groups
    needs = {"a": {"x"}, "b": {"jax"}, "c": {"x", "jax"}, "d": set(), "e": {"x", "y"}}
    book = {"x": "x==1", "y": "y==2", "jax": "jax==0"}
    found = groups({Path(name): wants for name, wants in needs.items()}, ["jax"], book)
    assert [([str(p) for p in paths], packages) for paths, packages in found] == [
        (["b", "d"], []),
        (["a", "c"], ["x==1"]),
        (["e"], ["x==1", "y==2"]),
    ]
    with pytest.raises(ValueError, match=r"needs: a: expected packages of req.*z"):
        groups({Path("a"): ["z"]}, [], book)


def test_chapters_are_named_by_their_numbers() -> None:
    needs = script("needs")
    found = needs.wanted(["51", "01"], ROOT / "chapters")
    assert [path.stem for path in found] == ["51_exchange", "01_tensors"]
    every = needs.wanted([], ROOT / "chapters")
    assert every == sorted((ROOT / "chapters").glob("*.ipynb"))
    with pytest.raises(ValueError, match="expected a chapter's number, received '00'"):
        needs.wanted(["00"], ROOT / "chapters")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["faults", "student", "jax"])
def test_no_file_that_a_test_is_made_of_is_overlooked(kind: str) -> None:
    """A new Python imports the test, and says which files of ours it has read."""
    root, script = Path(__file__).parents[2], passed.TESTS[kind]
    code = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("it", sys.argv[1])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(*filter(None, (getattr(m, "__file__", None) for m in [*sys.modules.values()])))
"""
    folders = ["code", ".ci", "tests/notebooks"]
    path = os.pathsep.join(str(root / folder) for folder in folders)
    command = [sys.executable, "-c", code, str(root / script)]
    environ = {**os.environ, "PYTHONPATH": path}
    said = subprocess.check_output(command, env=environ, text=True).split()
    read = {Path(name) for name in said if Path(name).is_relative_to(root)}
    known = {path for _, path in passed.sources(root, script)}
    site = root / "code/sidebyside_book/website"
    left = {p for p in read - known if not p.is_relative_to(site)}
    assert not {p for p in left if ".venv" not in p.parts}
    assert root / "code/sidebyside_book/execution/environment.py" in read & known


PYTHON = """#!/usr/bin/env bash
# The Python of another environment: it runs scripts, and notes what it is asked for.
case "$*" in
  .ci/*) exec REAL "$@" ;;
  *" pip "*) echo "pip ${@: -1} ${@: -2:1}" >>asked ;;
  *" pytest "*)
    for word; do [[ $word != --junit-xml=* ]] || junit=${word#*=}; done
    echo "run ${@: -1}" >>asked
    echo '<testsuite><testcase name="Cell 0" time="1"/></testsuite>' >"$junit"
    [[ ${@: -1} != *FAILS* ]]
    ;;
esac
"""


@pytest.mark.parametrize(("fails", "status"), [("none", 0), ("02_autodiff", 1)])
def test_packages_that_colab_lacks_come_last(
    tmp_path: Path, fails: str, status: int
) -> None:
    """The script runs here, with a `python` that only notes what it is asked."""
    names = ["01_tensors", "02_autodiff", "51_exchange", "03_model_styles"]
    copied = ["requirements.txt", "requirements-colab.txt", "pyproject.toml"]
    copied += [f"chapters/{name}.ipynb" for name in names]
    for name in ("test-versions", "make-venv", "needs.py", "status_table.py"):
        copied.append(f".ci/{name}")
    for name in copied:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / ".venv-colab/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON.replace("REAL", sys.executable).replace("FAILS", fails))
    python.chmod(0o755)
    command = [tmp_path / ".ci/test-versions", "colab"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == status, ran.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    of_book = pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    last, first = (f"{name}=={of_book[name]}" for name in ("tf2onnx", "onnxscript"))
    runs = [f"run chapters/{name}.ipynb" for name in names]
    assert sorted(asked[2:5]) == [runs[0], runs[1], runs[3]]  # side by side
    assert asked[5:] == [f"pip {last} {first}", runs[2]]
    assert [name in ran.stdout for name in names] == [True] * len(names)
