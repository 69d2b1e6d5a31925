"""Which chapters a run of CI executes again: all, or as many as there is time for.

The book is executed once in any case. Then chapters run again, in several ways: with
faults put in, as a student's edition, with Keras on another backend. How long that
takes is known by now: from how long each chapter took on this very machine. Where it
would take longer than CI may, fewer chapters run again, each day others.

`CI_BEGIN` says when CI began, in seconds since 1970; without it there is no hurry.
"""

import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARE = "SIDEBYSIDE_SHARE"
"""Names the variable that holds the path of the plan, for tests that read it."""
LIMIT_S = 60 * 60
"""So long may CI take here; where it runs, it is stopped after 90 minutes."""
AFTER_S = 0.1
"""Of the time so far: what is kept for the browser's tests, which come last."""
COSTS = {"faults": 1.0, "student": 1.1, "jax": 1.4, "torch": 1.4, "machines": 0.5}
"""Kind -> what it takes for all chapters, as a multiple of executing them once."""
AT_MOST = {"torch": 1 / 3}
"""Kind -> the share of chapters that is enough for a day."""
OF_CHAPTERS = ("faults", "student")
"""Kinds that pages of reference, which are no chapters, do not know."""
RUNS = 8
"""As other machines, at most: about three minutes where the book takes four."""


def plan(
    seconds: Mapping[str, float], jobs: int, left_s: float, day: int
) -> dict[str, list[str]]:
    """Return which chapters run again in which way.

    Args:
        seconds: Chapter -> how long it took.
        jobs: How many ran at once.
        left_s: Seconds that all of it may take.
        day: Its number; each day other chapters begin.

    Returns:
        Kind -> chapters, at least one; for `machines` as many as runs are made.
    """
    once = sum(seconds.values()) / jobs
    whole = once * sum(cost * AT_MOST.get(kind, 1) for kind, cost in COSTS.items())
    share = min(1.0, max(0.0, left_s) / whole) if whole else 1.0
    chosen = {}
    for offset, kind in enumerate(COSTS):
        numbered = kind in OF_CHAPTERS
        names = [name for name in sorted(seconds) if name[0].isdigit() or not numbered]
        chosen[kind] = turn(names, share * AT_MOST.get(kind, 1), day + offset)
    chosen["machines"] = chosen["machines"][: max(1, round(share * RUNS))]
    return chosen


def turn(chapters: Sequence[str], share: float, day: int) -> list[str]:
    """Return a share of the chapters, at least one: each day those that come next."""
    count = max(1, math.floor(share * len(chapters) + 1e-9))
    begin = day * count % len(chapters)
    return [*chapters[begin:], *chapters[:begin]][:count]


def of(kind: str, chapters: Sequence[str]) -> list[str]:
    """Return the chapters that a test runs again: all, unless a plan says which."""
    path = os.environ.get(SHARE)
    if not path or os.environ.get("FULL") == "1":
        return list(chapters)
    chosen = json.loads(Path(path).read_text(encoding="utf-8"))[kind]
    return [chapter for chapter in chapters if chapter in chosen]


def main() -> None:
    """Print the plan, and write it where `SIDEBYSIDE_SHARE` says."""
    last = json.loads((ROOT / "_build/.jupyter_cache/last-run.json").read_text())
    begin, now = float(os.environ.get("CI_BEGIN", "inf")), time.time()
    left_s = LIMIT_S - (1 + AFTER_S) * (now - begin)
    jobs = int(os.environ.get("JOBS", "2"))
    chosen = plan(last["seconds"], jobs, left_s, int(now) // 86_400)
    Path(os.environ[SHARE]).write_text(json.dumps(chosen, indent=1), encoding="utf-8")
    print(f"{len(last['seconds'])} notebooks. In this run are executed again:")
    for kind, chapters in chosen.items():
        print(f"  {kind:9s} {len(chapters):>2d}: {' '.join(chapters)}")


if __name__ == "__main__":
    main()
