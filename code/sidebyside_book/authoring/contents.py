"""Enters a new chapter in the book's table of contents.

Lines that stand there stay as they are, comments and all.
"""

import re
from itertools import takewhile

import yaml

from sidebyside_book.authoring.skeleton import NewChapter

FILE = "_toc.yml"
_PAGE = re.compile(r"(?P<indent>\s*)- file: chapters/(?P<number>\d\d)_\w+\s*(#.*)?")
_PART = re.compile(r"(?P<indent>\s*)- caption: .*")


def entered(text: str, new: NewChapter) -> str:
    """Return the file's text with the chapter in its part, which is begun if need be.

    Raises:
        ValueError: If the file is not written with one chapter a line.
    """
    lines = text.splitlines()
    numbers = {i: m["number"] for i, m in _matches(_PAGE, lines)}
    mates = {i: n for i, n in numbers.items() if n[0] == new.number[0]}
    before = [i for i, number in mates.items() if number < new.number]
    if mates:
        place = max(before) + 1 if before else min(mates)
        indent = _PAGE.fullmatch(lines[min(mates)])["indent"]
        added = [f"{indent}- file: chapters/{new.stem}"]
    else:
        place, added = _new_part(lines, numbers, new)
    made = _with(lines, place, added)
    _check_contents(text, made, new)
    return made


def _new_part(
    lines: list[str], numbers: dict[int, str], new: NewChapter
) -> tuple[int, list[str]]:
    """Return where the chapter's part begins, and its lines."""
    parts = dict(_matches(_PART, lines))
    later = [i for i, number in numbers.items() if number > new.number]
    earlier = [i for i, number in numbers.items() if number < new.number]
    behind = min(later) if later else len(lines)  # not behind this line
    ahead = max(earlier, default=-1)  # and not before this one
    starts = [i for i in parts if ahead < i < behind]
    place = min(starts, default=len(lines))
    place -= len(list(takewhile(_is_comment, reversed(lines[:place]))))
    indent = next(iter(parts.values()))["indent"] if parts else "  "
    return place, [
        f"{indent}- caption: {new.part}",
        f"{indent}  chapters:",
        f"{indent}    - file: chapters/{new.stem}",
    ]


def _check_contents(text: str, made: str, new: NewChapter) -> None:
    """Check that the change has added one page, in order, and moved no other."""
    before, after = _pages(text), _pages(made)
    page = f"chapters/{new.stem}"
    numbered = [name for name in after if name[9:11].isdigit()]
    rest = [name for name in after if name != page]
    if rest != before or page not in after or numbered != sorted(numbered):
        raise ValueError(
            f"new-chapter: expected {FILE} with parts, the chapters in order and one "
            f"a line, received one where {page} finds no place"
        )


def _pages(text: str) -> list[str]:
    """Return the pages of a table of contents; none if it is in another form."""
    try:
        parts = yaml.safe_load(text)["parts"]
        return [page["file"] for part in parts for page in part["chapters"]]
    except (yaml.YAMLError, KeyError, TypeError):
        return []


def _matches(pattern: re.Pattern[str], lines: list[str]) -> list[tuple[int, re.Match]]:
    matches = ((i, pattern.fullmatch(line)) for i, line in enumerate(lines))
    return [(i, match) for i, match in matches if match]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _with(lines: list[str], place: int, added: list[str]) -> str:
    return "\n".join([*lines[:place], *added, *lines[place:]]) + "\n"
