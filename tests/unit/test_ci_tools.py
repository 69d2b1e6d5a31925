"""The scripts beside the workflows: their tables, and what Binder installs."""

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from types import ModuleType

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


CHAPTERS = [f"{number:02}_chapter" for number in range(1, 14)]
SECONDS = dict.fromkeys([*CHAPTERS, "rosetta"], 20.0)
FILES = [f"test_{number}.py" for number in range(9)]


def test_all_chapters_run_again_where_there_is_time() -> None:
    found = script("share").plan(SECONDS, FILES, jobs=2, left_s=float("inf"), day=3)
    assert sorted(found["faults"]) == sorted(found["student"]) == CHAPTERS
    assert sorted(found["jax"]) == sorted(SECONDS)
    assert len(found["torch"]) == len(SECONDS) // 3
    assert len(found["machines"]) == script("share").RUNS
    assert sorted(found["execution"]) == FILES


@pytest.mark.parametrize("left_s", [-100.0, 0.0, 300.0, 600.0])
def test_a_share_of_all_fits_into_the_time(left_s: float) -> None:
    share = script("share")
    found = share.plan(SECONDS, FILES, jobs=2, left_s=left_s, day=3)
    assert all(found.values()), "each kind has a chapter, whatever the time"
    once = sum(SECONDS.values()) / 2
    number = {**dict.fromkeys(share.COSTS, len(SECONDS)), "execution": len(FILES)}
    number |= {"machines": share.RUNS, "faults": 13, "student": 13}
    each = {kind: once * share.COSTS[kind] / number[kind] for kind in share.COSTS}
    cost = sum(each[kind] * len(found[kind]) for kind in found)
    room = max(left_s - share.FIXED * once, sum(each.values()))
    assert cost <= room + each["machines"]  # which is rounded
    assert found == share.plan(SECONDS, FILES, jobs=2, left_s=left_s, day=3)


def test_what_has_passed_does_not_run_again() -> None:
    share = script("share")
    passed = {"jax": list(SECONDS), "faults": CHAPTERS[1:], "torch": CHAPTERS}
    found = share.plan(SECONDS, FILES, 2, float("inf"), 3, passed)
    assert found["jax"] == []
    assert found["faults"] == CHAPTERS[:1]
    assert found["torch"] == ["rosetta"]
    assert sorted(found["student"]) == CHAPTERS


def test_the_time_goes_to_what_has_not_passed() -> None:
    share = script("share")
    without = share.plan(SECONDS, FILES, 2, 400.0, 3)
    passed = {kind: list(SECONDS) for kind in ("jax", "torch", "student")}
    found = share.plan(SECONDS, FILES, 2, 400.0, 3, passed)
    assert len(found["faults"]) > len(without["faults"])
    assert len(found["machines"]) > len(without["machines"])


def test_nothing_is_left_to_other_days_if_one_asks() -> None:
    share = script("share")
    found = share.plan(SECONDS, FILES, 2, float("inf"), 3, at_most={})
    assert sorted(found["torch"]) == sorted(SECONDS)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.34, 1.0])
def test_every_chapter_has_its_turn(share: float) -> None:
    turn = script("share").turn
    seen = [turn(CHAPTERS, share, day) for day in range(len(CHAPTERS))]
    assert set().union(*seen) == set(CHAPTERS)
    assert {len(chapters) for chapters in seen} == {max(1, int(share * 13))}


def test_tests_read_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share = script("share")
    monkeypatch.delenv(share.SHARE, raising=False)
    monkeypatch.delenv("FULL", raising=False)
    assert share.of("faults", CHAPTERS) == CHAPTERS
    plan = tmp_path / "share.json"
    passes = [{"kind": "faults", "name": CHAPTERS[4], "which": "one", "seconds": 1.0}]
    run = {"faults": [CHAPTERS[4], "rosetta"]}
    plan.write_text(json.dumps({"run": run, "passed": passes}))
    assert share.passed_of("faults", CHAPTERS[4]) == set()
    monkeypatch.setenv(share.SHARE, str(plan))
    assert share.of("faults", CHAPTERS) == [CHAPTERS[4]]
    assert share.passed_of("faults", CHAPTERS[4]) == {"one"}
    assert share.passed_of("faults", CHAPTERS[3]) == set()
    assert share.passed_of("student", CHAPTERS[4]) == set()
    monkeypatch.setenv("FULL", "1")
    assert share.of("faults", CHAPTERS) == CHAPTERS


def test_a_shard_is_a_share_of_the_chapters() -> None:
    shards = script("shards")
    names = shards.names(45, 12)
    assert names == ["1/4", "2/4", "3/4", "4/4"]
    assert shards.names(12, 12) == ["1/1"]
    chapters = [f"{number:02}_chapter" for number in range(45)]
    parts = [shards.of(name, chapters) for name in names]
    assert sorted(name for part in parts for name in part) == chapters
    assert {len(part) for part in parts} <= {11, 12}
    assert shards.of("", chapters) == chapters
    said = subprocess.check_output([ROOT / ".ci/shards.py", "5"], text=True)
    count = len([*ROOT.glob("chapters/[0-9]*.ipynb")])
    assert json.loads(said) == shards.names(count, 5)


@pytest.mark.parametrize("wrong", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3"])
def test_no_other_shard_is_taken(wrong: str) -> None:
    with pytest.raises(ValueError, match="expected SHARD=1/2 or the like, received"):
        script("shards").of(wrong, CHAPTERS)


def test_shards_need_chapters() -> None:
    for count, size in ((0, 3), (3, 0)):
        with pytest.raises(ValueError, match="expected a chapter or more"):
            script("shards").names(count, size)


def test_a_plan_knows_the_notebooks_of_its_shard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = script("share")
    (tmp_path / "chapters").mkdir()
    for name in CHAPTERS[:4]:
        (tmp_path / f"chapters/{name}.ipynb").touch()
    monkeypatch.setenv("SHARD", "2/2")
    assert share.times(tmp_path) == {CHAPTERS[1]: 1.0, CHAPTERS[3]: 1.0}
    last = tmp_path / "_build/.jupyter_cache/last-run.json"
    last.parent.mkdir(parents=True)
    last.write_text(json.dumps({"seconds": {CHAPTERS[1]: 4.0, "gone": 9.0}}))
    assert share.times(tmp_path) == {CHAPTERS[1]: 4.0, CHAPTERS[3]: 9.0}


def test_a_plan_says_what_comes_from_the_cache() -> None:
    passes = [{"kind": "faults"}, {"kind": "faults"}, {"kind": "jax"}]
    found = script("share").told({"faults": ["01_x"], "jax": []}, passes)
    assert [line.split() for line in found[1:]] == [
        ["faults", "2", "and", "1:", "01_x"],
        ["jax", "1", "and", "0:"],
    ]


def test_another_kind_of_test_is_not_taken(tmp_path: Path) -> None:
    plan = tmp_path / "share.json"
    plan.write_text(json.dumps({"run": {}}))
    command = [ROOT / ".ci/test-chapters", "fault"]
    environ = {**os.environ, "CI_SHARE": str(plan)}
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environ
    )
    assert ran.returncode == 2
    assert "received fault" in ran.stderr


def test_times_by_chapter_and_kind(tmp_path: Path) -> None:
    times = script("times")
    (tmp_path / "ci").mkdir()
    (tmp_path / ".jupyter_cache").mkdir()
    last = {"seconds": {"01_tensors": 10.0, "rosetta": 6.0}}
    (tmp_path / ".jupyter_cache/last-run.json").write_text(json.dumps(last))
    case = '<testcase classname="{}" name="{}" time="{}"/>'
    proofs = case.format("tests", "test_each_fault[01_tensors]", 4)
    proofs += case.format("tests", "test_every_check[01_tensors]", 8)
    (tmp_path / "ci/proofs.xml").write_text(f"<testsuite>{proofs}</testsuite>")
    cells = "".join(case.format("chapters.rosetta", f"Cell {n}", 3) for n in (0, 1))
    (tmp_path / "ci/jax.xml").write_text(f"<testsuite>{cells}</testsuite>")
    table = times.by_chapter(tmp_path)
    assert table == {
        "executed": last["seconds"],
        "faults": {"01_tensors": 4.0},
        "student": {"01_tensors": 8.0},
        "jax": {"rosetta": 6.0},
    }
    shown = "\n".join(times.lines(table, {"package": 20.0}, jobs=2, whole=60.0))
    assert re.search(r"01_tensors +10 +4 +8 *\n", shown)
    assert re.search(r"wall clock +8 +2 +4 +3\n", shown)
    assert re.search(r"package +10\nrest +33\nall +60 s, 1 minutes", shown)
    # 43 s that stay, and 45 times (8 + 4 + 8 + 6) / 2
    assert f"With 45 chapters, if all ran again in every way: {628 / 60:.0f} m" in shown
