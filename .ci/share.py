"""What a run of CI executes again: all that has not passed, as far as there is time.

The book is executed once in any case. Then chapters run again, in several ways: with
faults put in, as a student's edition, with Keras on another backend; and the tests of
the execution itself make many small books. What has passed with the same content is
left out, see `.ci/passed.py`. How long the rest takes is known by now: from how long
each chapter took on this very machine. Where it would take longer than CI may, fewer
chapters run again, and fewer files of those tests, each day others.

| variable | what it says |
|---|---|
| `CI_BEGIN` | when CI began, in seconds since 1970; without it there is no hurry |
| `EVERY=1` | leave nothing to other days |
| `FULL=1` | that, and run what has passed, too |
| `SHARD=2/3` | of the chapters, only these, see `.ci/shards.py` |
"""

import json
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import shards

ROOT = Path(__file__).resolve().parents[1]
SHARE = "CI_SHARE"
"""Names the variable that holds the path of the plan, for tests that read it."""
LIMIT_S = 60 * 60
"""So long may CI take here; where it runs, it is stopped after 90 minutes."""
FIXED = 1.5
"""What all other tests take, the browser's included, as a multiple of executing all
chapters once."""
COSTS = {
    "execution": 1.2,
    "faults": 1.0,
    "student": 1.1,
    "jax": 1.4,
    "torch": 1.4,
    "machines": 0.5,
}
"""Kind -> what it takes for all chapters or files, as a multiple of the same."""
AT_MOST = {"torch": 1 / 3}
"""Kind -> the share of chapters that is enough for a day."""
OF_CHAPTERS = ("faults", "student")
"""Kinds that pages of reference, which are no chapters, do not know."""
RUNS = 8
"""As other machines, at most: about three minutes where the book takes four."""
FAULTS = 3
"""So many faults of a chapter are tried in a run."""


def plan(
    seconds: Mapping[str, float],
    files: Sequence[str],
    jobs: int,
    left_s: float,
    day: int,
    passed: Mapping[str, Collection[str]] | None = None,
    at_most: Mapping[str, float] = AT_MOST,
) -> dict[str, list[str]]:
    """Return which chapters run again in which way.

    Args:
        seconds: Chapter -> how long it took.
        files: The files of the tests of the execution.
        jobs: How many ran at once.
        left_s: Seconds that all tests may take.
        day: Its number; each day other chapters begin.
        passed: Kind -> chapters of which all has passed.
        at_most: Kind -> the share of chapters that is enough.

    Returns:
        Kind -> chapters, at least one that has not passed; for `machines` as many as
        runs are made; for `execution` files.
    """
    names = {
        kind: _without(_names(kind, seconds, files), (passed or {}).get(kind, ()))
        for kind in COSTS
    }
    once = sum(seconds.values()) / jobs
    whole = sum(
        once * cost * at_most.get(kind, 1) * _part(names[kind], seconds)
        for kind, cost in COSTS.items()
    )
    left_s -= FIXED * once
    share = min(1.0, max(0.0, left_s) / whole) if whole else 1.0
    chosen = {
        kind: turn(names[kind], share * at_most.get(kind, 1), day + offset)
        for offset, kind in enumerate(COSTS)
    }
    chosen["machines"] = chosen["machines"][: max(1, round(share * RUNS))]
    return chosen


def _names(kind: str, seconds: Mapping[str, float], files: Sequence[str]) -> list[str]:
    if kind == "execution":
        return sorted(files)
    return [n for n in sorted(seconds) if n[0].isdigit() or kind not in OF_CHAPTERS]


def _without(names: Sequence[str], passed: Collection[str]) -> list[str]:
    return [name for name in names if name not in passed]


def _part(names: Sequence[str], seconds: Mapping[str, float]) -> float:
    """Return what these chapters take of what all take; files are always all."""
    if not names or names[0] not in seconds:
        return float(bool(names))
    return sum(seconds[name] for name in names) / sum(seconds.values())


def turn(chapters: Sequence[str], share: float, day: int) -> list[str]:
    """Return a share of the chapters, at least one: each day those that come next."""
    if not chapters:
        return []
    count = max(1, math.floor(share * len(chapters) + 1e-9))
    begin = day * count % len(chapters)
    return [*chapters[begin:], *chapters[:begin]][:count]


def of(kind: str, names: Sequence[str]) -> list[str]:
    """Return the chapters or files of a kind that run: all, unless a plan chooses."""
    if not os.environ.get(SHARE) or os.environ.get("FULL") == "1":
        return list(names)
    chosen = planned("run")[kind]
    return [name for name in names if name in chosen]


def planned(part: str) -> Any:
    """Return a part of the plan that `CI_SHARE` names: `run`, `passed`, or `keys`."""
    return json.loads(Path(os.environ[SHARE]).read_text(encoding="utf-8"))[part]


def passed_of(kind: str, name: str) -> set[str]:
    """Return what has passed of a notebook: nothing, if there is no plan."""
    if not os.environ.get(SHARE):
        return set()
    passes = planned("passed")
    return {p["which"] for p in passes if (p["kind"], p["name"]) == (kind, name)}


def make() -> None:
    """Make the plan, write it where `CI_SHARE` says, and print it."""
    import passed  # what else reads a plan needs no more than Python

    full = os.environ.get("FULL") == "1"
    every = full or os.environ.get("EVERY") == "1"
    seconds = times(ROOT)
    files = [path.name for path in ROOT.glob("tests/execution/test_*.py")]
    tests = {kind: _names(kind, seconds, files) for kind in passed.TESTS}
    found = passed.look_up(tests, ignore=full)
    begin, now = float(os.environ.get("CI_BEGIN", "inf")), time.time()
    left_s = math.inf if every else LIMIT_S - (now - begin)
    jobs, day = int(os.environ.get("JOBS", "2")), int(now) // 86_400
    at_most = {} if every else AT_MOST
    run = plan(seconds, files, jobs, left_s, day, found.whole, at_most)
    path = Path(os.environ[SHARE])
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"run": run, "passed": found.passes, "keys": found.keys}
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    text = "\n".join(told(run, found.passes)) + "\n"
    path.with_suffix(".txt").write_text(text, encoding="utf-8")
    print(text, end="")


def times(root: Path) -> dict[str, float]:
    """Return how long each notebook of this shard took when it was executed.

    One that was not executed here is taken to be as long as the longest.
    """
    last = root / "_build/.jupyter_cache/last-run.json"
    known = json.loads(last.read_text())["seconds"] if last.is_file() else {}
    names = sorted(path.stem for path in root.glob("chapters/*.ipynb"))
    longest = max(known.values(), default=1.0)
    mine = shards.of(os.environ.get("SHARD", ""), names)
    return {name: known.get(name, longest) for name in mine}


def told(
    run: Mapping[str, Sequence[str]], passes: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return what a plan says, line by line."""
    known = Counter(found["kind"] for found in passes)
    lines = ["From the cache, since they have passed, and to run:"]
    return lines + [
        f"  {kind:9s} {known[kind]:>3d} and {len(names):>2d}: {' '.join(names)}"
        for kind, names in run.items()
    ]


if __name__ == "__main__":
    if kinds := sys.argv[1:]:
        print(*(name for kind in kinds for name in planned("run")[kind]), sep="\n")
    else:
        make()
