"""Print what took how long in a run of CI, by chapter and kind, and what 45 would take.

It reads what the parts of `make test` leave in `_build`. Times of what runs side by
side are added up, and divided by how many ran at once. What came from a cache took no
time; how long it took once says what a run takes that finds its caches empty.
"""

import json
import os
import re
import sys
import time
import xml.etree.ElementTree as ET
from collections import defaultdict
from datetime import UTC
from pathlib import Path

import share
from jupyter_cache import get_cache

BUILD = Path(__file__).resolve().parents[1] / "_build"
PLANNED = 45
"""Chapters that the book will have."""
TESTS = ("package", "browser")
"""Files of tests that do not grow with each chapter, or hardly."""
_CHAPTER = re.compile(r"\d\d_\w+|defaults|move_your_model|one_task|rosetta|scoreboard")
Table = dict[str, dict[str, float]]
"""Kind -> chapter -> seconds."""


def by_chapter(build: Path, begin: float) -> Table:
    """Return what ran a chapter, and how long, since CI began."""
    table: Table = {"executed": executed(build, begin)[0]}
    for case in _cases(build / "ci/proofs.xml"):
        kind = "faults" if "each_fault" in case.get("name", "") else "student"
        _add(table, kind, case)
    for backend in ("jax", "torch"):
        for case in _cases(build / f"ci/{backend}.xml"):
            _add(table, backend, case)
    machines = build / "machines.json"
    for run in json.loads(machines.read_text())["runs"] if machines.is_file() else []:
        if not run["reused"]:
            kinds = table.setdefault("machines", {})
            kinds[run["chapter"]] = kinds.get(run["chapter"], 0.0) + run["seconds"]
    return table


def from_caches(build: Path, begin: float) -> Table:
    """Return what came from a cache, and how long it took when it ran.

    Of a chapter's faults no more count than one run tries.
    """
    table: Table = {"executed": executed(build, begin)[1]}
    plan = build / "ci/share.json"
    passes = json.loads(plan.read_text())["passed"] if plan.is_file() else []
    tests: dict[tuple[str, str], list[float]] = defaultdict(list)
    for found in passes:
        tests[found["kind"], found["name"]].append(found["seconds"])
    for (kind, name), seconds in tests.items():
        number = min(len(seconds), share.FAULTS)
        table.setdefault(kind, {})[name] = number * sum(seconds) / len(seconds)
    return table


def executed(build: Path, begin: float) -> tuple[dict[str, float], dict[str, float]]:
    """Return chapter -> seconds of those executed since CI began, and of the others."""
    last = json.loads((build / ".jupyter_cache/last-run.json").read_text())["seconds"]
    new = {
        Path(record.uri).stem
        for record in get_cache(build / ".jupyter_cache").list_cache_records()
        if record.created.replace(tzinfo=UTC).timestamp() >= begin
    }
    ran = {name: seconds for name, seconds in last.items() if name in new}
    return ran, {name: seconds for name, seconds in last.items() if name not in new}


def _cases(path: Path) -> list[ET.Element]:
    return list(ET.parse(path).iter("testcase")) if path.is_file() else []


def _add(table: Table, kind: str, case: ET.Element) -> None:
    found = _CHAPTER.search(f"{case.get('name')} {case.get('classname')}")
    if found:
        row = table.setdefault(kind, {})
        row[found[0]] = row.get(found[0], 0.0) + float(case.get("time", 0))


def lines(table: Table, tests: dict[str, float], jobs: int, whole: float) -> list[str]:
    """Return the table of what ran, line by line.

    Args:
        table: What ran the chapters.
        tests: File of tests -> seconds, added up.
        jobs: How many ran at once.
        whole: Seconds since CI began.
    """
    chapters = sorted({name for row in table.values() for name in row})
    found = [f"{'':26s}" + "".join(f"{kind:>10s}" for kind in table)]
    for name in chapters:
        cells = (row.get(name) for row in table.values())
        shown = "".join(f"{'':>10s}" if c is None else f"{c:>10.0f}" for c in cells)
        found.append(f"{name:26s}{shown}")
    sums = [sum(row.values()) / jobs for row in table.values()]
    found.append(f"{'wall clock':26s}" + "".join(f"{s:>10.0f}" for s in sums))
    fixed = {name: seconds / jobs for name, seconds in tests.items()}
    fixed["rest"] = whole - sum(sums) - sum(fixed.values())
    found += [f"{name:26s}{seconds:>10.0f}" for name, seconds in fixed.items()]
    return [*found, f"{'all':26s}{whole:>10.0f} s, {whole / 60:.0f} minutes"]


def projection(table: Table, known: Table, jobs: int, whole: float) -> list[str]:
    """Return what came from the caches, and what a run takes of all planned chapters.

    Args:
        table: What ran the chapters.
        known: What came from a cache, and what it took once.
        jobs: How many ran at once.
        whole: Seconds since CI began.
    """
    count = ", ".join(f"{kind} {len(row)}" for kind, row in known.items() if row)
    fixed = whole - sum(sum(row.values()) for row in table.values()) / jobs
    kinds = {**known, **table}
    rows = [{**known.get(kind, {}), **table.get(kind, {})} for kind in kinds]
    each = sum(sum(row.values()) / len(row) for row in rows if row) / jobs
    return [
        f"Chapters that came from a cache: {count or 'none'}.",
        f"With {PLANNED} chapters on this machine: {fixed / 60:.0f} minutes if all "
        f"come from the caches, {(fixed + PLANNED * each) / 60:.0f} if all run again "
        f"in every way; .ci/share.py lets so many run as there is time for.",
    ]


def main() -> None:
    """Print the table of the run that began at `CI_BEGIN`."""
    if "CI_BEGIN" not in os.environ:
        sys.exit("times: expected CI_BEGIN, in seconds since 1970, received nothing")
    tests: dict[str, float] = defaultdict(float)
    for name in TESTS:
        for case in _cases(BUILD / f"ci/{name}.xml"):
            tests[name] += float(case.get("time", 0))
    begin = float(os.environ["CI_BEGIN"])
    whole = time.time() - begin
    jobs = int(os.environ.get("JOBS", "2"))
    table = by_chapter(BUILD, begin)
    print("Seconds of this run, by chapter and kind:")
    print("\n".join(lines(table, dict(tests), jobs, whole)))
    print("\n".join(projection(table, from_caches(BUILD, begin), jobs, whole)))


if __name__ == "__main__":
    main()
