"""Print what took how long in a run of CI, by chapter and kind, and what 45 would take.

It reads what the parts of `make test` leave in `_build`. Times of what runs side by
side are added up, and divided by how many ran at once.
"""

import json
import os
import re
import sys
import time
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

BUILD = Path(__file__).resolve().parents[1] / "_build"
PLANNED = 45
"""Chapters that the book will have."""
TESTS = ("package", "browser")
"""Files of tests that do not grow with each chapter, or hardly."""
_CHAPTER = re.compile(r"\d\d_\w+|defaults|rosetta|scoreboard")
Table = dict[str, dict[str, float]]
"""Kind -> chapter -> seconds."""


def by_chapter(build: Path) -> Table:
    """Return what ran a chapter, and how long."""
    last = json.loads((build / ".jupyter_cache/last-run.json").read_text())
    table: Table = {"executed": last["seconds"]}
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


def _cases(path: Path) -> list[ET.Element]:
    return list(ET.parse(path).iter("testcase")) if path.is_file() else []


def _add(table: Table, kind: str, case: ET.Element) -> None:
    found = _CHAPTER.search(f"{case.get('name')} {case.get('classname')}")
    if found:
        row = table.setdefault(kind, {})
        row[found[0]] = row.get(found[0], 0.0) + float(case.get("time", 0))


def lines(table: Table, tests: dict[str, float], jobs: int, whole: float) -> list[str]:
    """Return the table and the projection, line by line.

    Args:
        table: What ran the chapters.
        tests: File of tests -> seconds, added up.
        jobs: How many ran at once.
        whole: Seconds since CI began.
    """
    chapters = sorted({name for row in table.values() for name in row})
    head = f"{'':26s}" + "".join(f"{kind:>10s}" for kind in table)
    found = [head]
    for name in chapters:
        cells = (row.get(name) for row in table.values())
        shown = "".join(f"{'':>10s}" if c is None else f"{c:>10.0f}" for c in cells)
        found.append(f"{name:26s}{shown}")
    sums = {kind: sum(row.values()) / jobs for kind, row in table.items()}
    found.append(f"{'wall clock':26s}" + "".join(f"{s:>10.0f}" for s in sums.values()))
    rest = whole - sum(sums.values()) - sum(tests.values()) / jobs
    fixed = {name: seconds / jobs for name, seconds in tests.items()} | {"rest": rest}
    found += [f"{name:26s}{seconds:>10.0f}" for name, seconds in fixed.items()]
    each = sum(sum(row.values()) / len(row) for row in table.values() if row) / jobs
    found.append(f"{'all':26s}{whole:>10.0f} s, {whole / 60:.0f} minutes")
    then = (sum(fixed.values()) + PLANNED * each) / 60
    found.append(
        f"With {PLANNED} chapters, if all ran again in every way: {then:.0f} minutes "
        f"on this machine; .ci/share.py lets so many run as there is time for."
    )
    return found


def main() -> None:
    """Print the table of the run that began at `CI_BEGIN`."""
    if "CI_BEGIN" not in os.environ:
        sys.exit("times: expected CI_BEGIN, in seconds since 1970, received nothing")
    tests = defaultdict(float)
    for name in TESTS:
        for case in _cases(BUILD / f"ci/{name}.xml"):
            tests[name] += float(case.get("time", 0))
    whole = time.time() - float(os.environ["CI_BEGIN"])
    jobs = int(os.environ.get("JOBS", "2"))
    print("Seconds of this run, by chapter and kind:")
    print("\n".join(lines(by_chapter(BUILD), dict(tests), jobs, whole)))


if __name__ == "__main__":
    main()
