"""What a run of CI executes again: all, or as much as there is time for.

The book is executed once in any case. Then chapters run again, in several ways: with
faults put in, as a student's edition, with Keras on another backend; and the tests of
the execution itself make many small books. How long that takes is known by now: from
how long each chapter took on this very machine. Where it would take longer than CI may,
fewer chapters run again, and fewer files of those tests, each day others.

`CI_BEGIN` says when CI began, in seconds since 1970; without it there is no hurry.
"""

import json
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def plan(
    seconds: Mapping[str, float],
    files: Sequence[str],
    jobs: int,
    left_s: float,
    day: int,
) -> dict[str, list[str]]:
    """Return which chapters run again in which way.

    Args:
        seconds: Chapter -> how long it took.
        files: The files of the tests of the execution.
        jobs: How many ran at once.
        left_s: Seconds that all tests may take.
        day: Its number; each day other chapters begin.

    Returns:
        Kind -> chapters, at least one; for `machines` as many as runs are made; for
        `execution` files.
    """
    once = sum(seconds.values()) / jobs
    left_s -= FIXED * once
    whole = once * sum(cost * AT_MOST.get(kind, 1) for kind, cost in COSTS.items())
    share = min(1.0, max(0.0, left_s) / whole) if whole else 1.0
    chosen = {}
    for offset, kind in enumerate(COSTS):
        numbered = kind in OF_CHAPTERS
        names = [name for name in sorted(seconds) if name[0].isdigit() or not numbered]
        names = sorted(files) if kind == "execution" else names
        chosen[kind] = turn(names, share * AT_MOST.get(kind, 1), day + offset)
    chosen["machines"] = chosen["machines"][: max(1, round(share * RUNS))]
    return chosen


def turn(chapters: Sequence[str], share: float, day: int) -> list[str]:
    """Return a share of the chapters, at least one: each day those that come next."""
    count = max(1, math.floor(share * len(chapters) + 1e-9))
    begin = day * count % len(chapters)
    return [*chapters[begin:], *chapters[:begin]][:count]


def of(kind: str, names: Sequence[str]) -> list[str]:
    """Return the chapters or files of a kind that run: all, unless a plan chooses."""
    if not os.environ.get(SHARE) or os.environ.get("FULL") == "1":
        return list(names)
    chosen = planned(kind)
    return [name for name in names if name in chosen]


def planned(kind: str) -> list[str]:
    """Return what the plan has of a kind, the plan that `CI_SHARE` names."""
    return json.loads(Path(os.environ[SHARE]).read_text(encoding="utf-8"))[kind]


def make() -> None:
    """Make the plan, write it where `CI_SHARE` says, and print it."""
    last = json.loads((ROOT / "_build/.jupyter_cache/last-run.json").read_text())
    begin, now = float(os.environ.get("CI_BEGIN", "inf")), time.time()
    left_s = LIMIT_S - (now - begin)
    jobs = int(os.environ.get("JOBS", "2"))
    files = [path.name for path in ROOT.glob("tests/execution/test_*.py")]
    chosen = plan(last["seconds"], files, jobs, left_s, int(now) // 86_400)
    path = Path(os.environ[SHARE])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(chosen, indent=1), encoding="utf-8")
    print(f"{len(last['seconds'])} notebooks, {len(files)} files. This run tries:")
    for kind, names in chosen.items():
        print(f"  {kind:9s} {len(names):>2d}: {' '.join(names)}")


if __name__ == "__main__":
    if kinds := sys.argv[1:]:
        print(*(name for kind in kinds for name in planned(kind)), sep="\n")
    else:
        make()
