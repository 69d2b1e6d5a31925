"""How CI shares its time: shards, plans, and what took how long."""

import json
import os
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from jupyter_cache import get_cache
from jupyter_cache.cache.main import CacheBundleIn
from nbformat.v4 import new_code_cell, new_notebook
from test_ci_tools import ROOT, script

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


BEGIN = 1_000_000_000.0


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Return what a run leaves: 01 was executed in it, rosetta before it."""
    cache = get_cache(tmp_path / ".jupyter_cache")
    for name in ("01_tensors", "rosetta"):
        notebook = new_notebook(cells=[new_code_cell(name)])
        cache.cache_notebook_bundle(
            CacheBundleIn(notebook, f"chapters/{name}.ipynb"), check_validity=False
        )
    cache.db.dispose()
    with closing(sqlite3.connect(tmp_path / ".jupyter_cache/global.db")) as records:
        older = "UPDATE nbcache SET created = '2001-01-01 00:00:00.0' WHERE uri LIKE ?"
        assert records.execute(older, ["%rosetta%"]).rowcount == 1
        records.commit()
    last = {"seconds": {"01_tensors": 10.0, "rosetta": 6.0}}
    (tmp_path / ".jupyter_cache/last-run.json").write_text(json.dumps(last))
    (tmp_path / "ci").mkdir()
    case = '<testcase classname="{}" name="{}" time="{}"/>'
    proofs = case.format("tests", "test_each_fault[01_tensors]", 4)
    proofs += case.format("tests", "test_every_check[01_tensors]", 8)
    (tmp_path / "ci/proofs.xml").write_text(f"<testsuite>{proofs}</testsuite>")
    cells = "".join(case.format("chapters.rosetta", f"Cell {n}", 3) for n in (0, 1))
    (tmp_path / "ci/jax.xml").write_text(f"<testsuite>{cells}</testsuite>")
    passes = [("faults", "02_autodiff", 2.0)] * 5 + [("jax", "01_tensors", 8.0)]
    found = [dict(zip(("kind", "name", "seconds"), p, strict=True)) for p in passes]
    (tmp_path / "ci/share.json").write_text(json.dumps({"passed": found}))
    return tmp_path


def test_times_by_chapter_and_kind(build: Path) -> None:
    times = script("times")
    table = times.by_chapter(build, BEGIN)
    assert table == {
        "executed": {"01_tensors": 10.0},
        "faults": {"01_tensors": 4.0},
        "student": {"01_tensors": 8.0},
        "jax": {"rosetta": 6.0},
    }
    shown = "\n".join(times.lines(table, {"package": 20.0}, jobs=2, whole=60.0))
    assert re.search(r"01_tensors +10 +4 +8 *\n", shown)
    assert re.search(r"wall clock +5 +2 +4 +3\n", shown)
    assert re.search(r"package +10\nrest +36\nall +60 s, 1 minutes", shown)


def test_times_of_what_came_from_the_caches(build: Path) -> None:
    times = script("times")
    table, known = times.by_chapter(build, BEGIN), times.from_caches(build, BEGIN)
    faults = {"02_autodiff": 3 * 2.0}  # so many does a run try
    assert known == {
        "executed": {"rosetta": 6.0},
        "faults": faults,
        "jax": {"01_tensors": 8.0},
    }
    count, then = times.projection(table, known, jobs=2, whole=646.0)
    assert count.endswith("executed 1, faults 1, jax 1.")
    # 646 - 14 s that stay, and 45 times the half of 8 + 5 + 8 + 7
    assert f": {632 / 60:.0f} minutes if all come from the caches" in then
    assert f"caches, {(632 + 45 * 14) / 60:.0f} if all run again" in then


def test_a_run_without_caches_says_so(build: Path) -> None:
    times = script("times")
    count, _ = times.projection({"jax": {"01_tensors": 4.0}}, {}, jobs=2, whole=60.0)
    assert count == "Chapters that came from a cache: none."
