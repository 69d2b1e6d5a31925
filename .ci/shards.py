#!/usr/bin/env python3
"""Chapters in shards: machines that work side by side take one each.

`.ci/shards.py 12` prints the names of as many shards as are needed for 12 chapters in
each, as JSON: `["1/2", "2/2"]`. It needs nothing but Python.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

CHAPTERS = Path(__file__).resolve().parents[1] / "chapters"


def names(count: int, size: int) -> list[str]:
    """Return the shards' names for so many chapters.

    Args:
        count: How many chapters there are.
        size: How many of them a shard has at most.

    Raises:
        ValueError: If there is no chapter, or no room for any.
    """
    if count < 1 or size < 1:
        raise ValueError(
            f"shards: expected a chapter or more, and a size of 1 or more; "
            f"received {count} and {size}"
        )
    number = -(-count // size)
    return [f"{shard}/{number}" for shard in range(1, number + 1)]


def of(shard: str, chapters: Sequence[str]) -> list[str]:
    """Return the chapters of a shard; neighbours go to different ones.

    Args:
        shard: Its name, such as `2/3`; empty for all chapters.
        chapters: The names of all.

    Raises:
        ValueError: If there can be no such shard.
    """
    if not shard:
        return list(chapters)
    found = re.fullmatch(r"(\d+)/(\d+)", shard)
    which, number = map(int, found.groups()) if found else (0, 0)
    if not 1 <= which <= number:
        raise ValueError(f"shards: expected SHARD=1/2 or the like, received {shard!r}")
    return sorted(chapters)[which - 1 :: number]


if __name__ == "__main__":
    print(json.dumps(names(len([*CHAPTERS.glob("[0-9]*.ipynb")]), int(sys.argv[1]))))
