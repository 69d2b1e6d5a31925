"""What became of one mistake in one lane: what was said, and what can be counted."""

import ast
import html
import importlib.util
import re
import sysconfig
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from sidebyside import records
from sidebyside.plots import LANES

KINDS = {
    "raises": "an error",
    "warns": "a warning, and it goes on",
    "silent": "not a word, and the result is not what was meant",
    "right": "not a word, and the result is what was meant",
    "impossible": "it can't happen here",
}
"""What can become of a mistake."""

Tell = str | tuple[int | None, ...]
Tells = Sequence[Tell] | Mapping[str, str]
Curve = tuple[list[float], list[float]]

LONGEST = 900  # characters of a message that a card shows
_SPEC = importlib.util.find_spec("sidebyside")  # none in a program of one lane
_OURS = [PurePath(p) for p in (_SPEC and _SPEC.submodule_search_locations) or ()]
_STDLIB = PurePath(sysconfig.get_path("stdlib"))
_SHORTER = {
    r"\x1b\[[\d;]*m": "",  # bold and colours of a terminal
    r'(?<=")[^"\n]*(?:(?:site|dist)-packages|/lib/python3\.\d+)/': "",
    r'(?<=")[^"\n]*/(?=sidebyside(?:_book)?/)': "",
    r'[^"\s]*ipykernel_\d+/\d+\.py': "cell.py",
    r"0x[0-9a-f]{6,}": "0x...",
}
_BOX = (
    "max-height: 16em; overflow: auto; overflow-wrap: anywhere; white-space: pre-wrap"
)


@dataclass(frozen=True)
class Mishap:
    """What became of one mistake in one lane.

    Attributes:
        mistake: Its name.
        lane: The lane.
        kind: One of `KINDS`.
        error: The class of the error, or of the first warning; else empty.
        message: What was said, the error first, then warnings and logs; without
            colours, with short paths.
        at: The last line of the reader's own code in the traceback.
        where: In which function or call that is, in a word.
        frames: How many frames of libraries lie below that line.
        named: What a helpful message would name -> whether this one does.
        note: What was measured, in words.
        seen: When one sees it.
        curve: The values of the run, and of the healthy one.
        exception: The error itself, for a debugger.
    """

    mistake: str
    lane: str
    kind: str
    error: str = ""
    message: str = ""
    at: str = ""
    where: str = ""
    frames: int = 0
    named: Mapping[str, bool] = field(default_factory=dict)
    note: str = ""
    seen: str = ""
    curve: Curve | None = None
    exception: BaseException | None = None

    @property
    def loud(self) -> bool:
        """Whether the framework said anything."""
        return self.kind in ("raises", "warns")

    @property
    def short(self) -> str:
        """The outcome in a few words, for a table."""
        if self.kind == "silent":
            return f"SILENT, {self.seen}"
        if self.kind == "impossible":
            return "can't happen here"
        return f"{self.kind} in {self.where}" if self.where else self.kind

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What was counted, as pairs of a name and a value."""
        pairs = []
        if self.at:
            pairs.append(("stops in", self.where))
            pairs.append(("at", self.at))
            pairs.append(("library frames below", str(self.frames)))
        if self.message:
            pairs.append(("characters", f"{len(self.message):,}"))
        pairs += [(f"names {k}", "yes" if v else "no") for k, v in self.named.items()]
        if self.note:
            name = "why" if self.kind == "impossible" else "measured"
            pairs.append((name, self.note))
        if self.curve:
            pairs.append(("seen", self.seen))
        return pairs


def shorten(message: str) -> str:
    """Return a message without what differs from machine to machine.

    Colours go; of a path the part before `site-packages`, of a notebook's cell the
    folder, and of an address its digits are left out.
    """
    for pattern, short in _SHORTER.items():
        message = re.sub(pattern, short, message)
    return message.strip()


def names_in(message: str, tells: Tells) -> dict[str, bool]:
    """Return for each thing that a message could name whether it does.

    Args:
        message: The message.
        tells: Texts, `"a|b"` for either, and shapes, found in whatever notation; or
            what it is called -> the pattern that finds it.
    """
    if not message:
        return {}
    patterns = tells if isinstance(tells, Mapping) else _patterns(tells)
    return {
        words: bool(re.search(pattern, message, re.IGNORECASE))
        for words, pattern in patterns.items()
    }


def _patterns(tells: Sequence[Tell]) -> dict[str, str]:
    """Return what each thing is called -> the pattern that finds it."""
    patterns = {}
    for tell in tells:
        if isinstance(tell, str):
            pattern, words = tell, tell.replace("|", " or ")
        else:
            dimensions = r"\D{1,3}".join(map(str, tell))
            pattern, words = rf"(?<!\d){dimensions}(?!\d)", str(tell)
        patterns[words] = pattern
    return patterns


def is_about(text: str, tells: Tells) -> bool:
    """Return whether a text names one of the things; without things it does."""
    return not tells or any(names_in(text, tells).values())


def is_of_the_book(error: BaseException) -> bool:
    """Return whether an error was raised by the book's own package."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and _lies_in(PurePath(frames[-1].filename), _OURS)


def place(error: BaseException) -> dict[str, Any]:
    """Return where an error left the reader's own code, as fields of a `Mishap`."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [i for i, frame in enumerate(frames) if _is_own(frame.filename)]
    if not own:
        return {"frames": len(frames)}
    last = frames[own[-1]]
    line = (last.line or "").strip()
    name = last.name
    if name == "<listcomp>" and len(own) > 1:
        name = frames[own[-2]].name
    in_function = _outermost(line) if name.startswith("<") else name
    return {"at": line, "where": in_function, "frames": len(frames) - own[-1] - 1}


def _outermost(line: str) -> str:
    """Return the name of the call that a line of code is, as far as it is one."""
    try:
        (statement,) = ast.parse(line).body
    except (SyntaxError, ValueError):
        return "the cell"
    call = getattr(statement, "value", None)
    while isinstance(call, ast.Attribute | ast.Subscript):  # of what a call returned
        call = call.value
    if isinstance(statement, ast.AugAssign) or not isinstance(call, ast.Call):
        return "the cell"
    return getattr(call.func, "attr", getattr(call.func, "id", "the cell"))


def _is_own(filename: str) -> bool:
    path = PurePath(filename)
    library = {"site-packages", "dist-packages"} & set(path.parts)
    generated = path.name.startswith(("<", "__autograph_generated"))
    return not (library or generated or _lies_in(path, [*_OURS, _STDLIB]))


def _lies_in(path: PurePath, folders: Sequence[PurePath]) -> bool:
    return any(folder in path.parents for folder in folders)


def trim(message: str) -> str:
    """Return a message of bearable length, with a word about what was left out."""
    if len(message) <= LONGEST:
        return message
    head, tail = message[: 2 * LONGEST // 3], message[-LONGEST // 3 :]
    left_out = len(message) - len(head) - len(tail)
    return f"{head}\n[... {left_out:,} characters left out ...]\n{tail}"


def show(mishap: Mishap) -> None:
    """Show a mishap as a card, and attach it as a record to the cell's output."""
    title = f"{LANES[mishap.lane].label}, {mishap.mistake}: {mishap.kind}"
    said, text = mishap.error or KINDS[mishap.kind], trim(mishap.message)
    lines = [f"{title}: {said}", *text.splitlines()]
    lines += [f"  {key}: {value}" for key, value in mishap.facts]
    fields: dict[str, Any] = {
        "mistake": mishap.mistake,
        "lane": mishap.lane,
        "outcome": mishap.kind,
        "error": mishap.error,
        "characters": len(mishap.message),
        "facts": mishap.facts,
    }
    card = _card(mishap, title, said, text)
    records.emit("mishap", fields, as_html=card, as_text="\n".join(lines))


def _card(mishap: Mishap, title: str, said: str, text: str) -> str:
    box = (
        f'<pre tabindex="0" role="region" aria-label="{html.escape(title)}" '
        f'style="{_BOX}">{html.escape(text)}</pre>'
    )
    pairs = "".join(
        f"<div><dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd></div>"
        for key, value in mishap.facts
    )
    return (
        '<div class="sidebyside-mishap">'
        f'<p><b class="outcome {mishap.kind}">{mishap.kind}</b> '
        f"<b>{html.escape(mishap.mistake)}</b> <span>{html.escape(said)}</span></p>"
        + (box if text else "")
        + (f"<dl>{pairs}</dl>" if pairs else "")
        + "</div>"
    )
