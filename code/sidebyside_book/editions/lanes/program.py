"""One lane of a chapter as a program, or as a notebook."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode, v4
from ruff import find_ruff_bin

from sidebyside_book.chapter import LANES, Cell, Notebook
from sidebyside_book.editions import markup
from sidebyside_book.editions.lanes import helpers, prose
from sidebyside_book.editions.lanes.cut import OF_THE_BOOK, Cut, cut
from sidebyside_book.editions.lanes.helpers import Piece
from sidebyside_book.editions.lanes.inline import inline
from sidebyside_book.editions.lanes.source import without
from sidebyside_book.editions.names import python
from sidebyside_book.editions.places import Places

LICENCE = (
    "Code: BSD 3-Clause License. Prose: CC BY 4.0. (c) 2026 The Side by Side authors."
)
START = {
    "pytorch": {},
    "tensorflow": {"TF_CPP_MIN_LOG_LEVEL": "3"},
    "keras": {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
}
"""Lane -> variables of the environment that are read when its framework is imported."""

SHOW = "lane-show"
"""Id of the part that shows the figures, where there are some."""

_INSTALL = re.compile(r"%pip (install .*git\+.*)")
_MARK = "# part of a program: "
_SET_UP = """\
import importlib.util

if importlib.util.find_spec("sidebyside") is None:
    %pip {}"""
_OPTIONS = ("--isolated", "--config", 'lint.isort.known-first-party = ["sidebyside"]')


@dataclass(frozen=True)
class Part:
    """A cell of a program: text in Markdown, or code."""

    id: str
    kind: str
    """`markdown` or `code`."""
    source: str
    ends_silently: bool = False
    """Whether a semicolon holds the last value back."""


@dataclass(frozen=True)
class Program:
    """One lane of a chapter, whichever file it becomes.

    Attributes:
        title: The chapter's title.
        number: The chapter's number.
        address: Where the chapter is.
        lane: The lane.
        install: What pip is asked for where `sidebyside` is missing; empty if the
            program does not need it.
        head: The code at its head: imports, variables of the environment, helpers.
        parts: Text and code below it.
        fallen: Id of a cell -> names that went with the book's helpers.
    """

    title: str
    number: str
    address: str
    lane: str
    install: str
    head: tuple[Part, ...]
    parts: tuple[Part, ...]
    fallen: dict[str, list[str]]

    @property
    def whence(self) -> str:
        """Say what it is, and where it comes from."""
        lane = LANES[self.lane]
        whose = f"{lane}'" if lane.endswith("s") else f"{lane}'s"
        chapter = f'"{self.title}", chapter {self.number} of Side by Side'
        return f"From {chapter}: {whose} lane. {self.address}"


def program(
    notebook: Notebook, lane: str, where: Places, *, standalone: bool
) -> Program:
    """Return one lane of a chapter.

    Args:
        notebook: The chapter.
        lane: The lane.
        where: Where other pages are found.
        standalone: Whether the helpers of `sidebyside` are written into it.

    Raises:
        ValueError: If the lane does not run alone: all problems are told.
    """
    try:
        return _program(notebook, cut(notebook, lane), where, standalone=standalone)
    except ValueError as error:
        lines = (f"{notebook.name}: {lane}: {line}" for line in str(error).splitlines())
        raise ValueError("\n".join(lines)) from error


def _program(
    notebook: Notebook, made: Cut, where: Places, *, standalone: bool
) -> Program:
    if made.problems:
        raise ValueError("\n".join(_problems(made)))
    pieces = [Piece(cell.id, _source(cell)) for cell in made.cells]
    known = _known(notebook, pieces)
    pieces, fallen = helpers.without_book(pieces, known)
    pieces, imports = _hoisted(pieces)
    written: list[tuple[str, str]] = []
    if standalone:
        inlined = inline(pieces, known)
        pieces, written = inlined.pieces, inlined.helpers
        outer = [line for line in imports if not helpers.meanings(line)]
        imports = [*outer, *inlined.imports]
    if _draws(pieces, written):
        imports.append("import matplotlib.pyplot as plt")
        pieces = [*pieces, Piece(SHOW, "plt.show()")]
    head = [Part("lane-imports", "code", _imports(imports, made.lane))]
    head += [
        Part(f"helpers-{i}", "code", f"# From {module}, a helper of the book\n{source}")
        for i, (module, source) in enumerate(written)
    ]
    parts = _parts(notebook, made, pieces, where)
    head, parts = _polished(head, parts)
    return Program(
        notebook.title,
        notebook.name[:2],
        where.published(notebook.name),
        made.lane,
        _install(notebook, head),
        tuple(head),
        tuple(parts),
        fallen,
    )


def _problems(made: Cut) -> Iterator[str]:
    """Yield what keeps a lane from running alone: cell and name."""
    for cell, needs in made.problems.items():
        for need in needs:
            by = f"which only {', '.join(need.cells)} binds" if need.cells else ""
            by = by or "of another framework"
            yield f"{cell}: expected names of this lane, received {need.name!r}, {by}"


def _source(cell: Cell) -> str:
    """Return a cell as Python, without the line that names its lane."""
    first, _, rest = cell.source.partition("\n")
    is_label = cell.lane and first == f"# {LANES[cell.lane]}"
    return python(rest if is_label else cell.source)


def _known(notebook: Notebook, pieces: Iterable[Piece]) -> dict[str, str]:
    """Return name -> full name of what a chapter imports from `sidebyside`."""
    above = [cell for cell in notebook.code if cell.id in OF_THE_BOOK]
    known: dict[str, str] = {}
    for source in [*map(_source, above), *(piece.source for piece in pieces)]:
        known |= helpers.meanings(source)
    return known


def _install(notebook: Notebook, head: Iterable[Part]) -> str:
    """Return what the chapter's set-up asks pip for, if a program needs it."""
    if not any(helpers.meanings(part.source) for part in head):
        return ""
    setup = notebook.get("setup")
    match = _INSTALL.search(setup.source) if setup else None
    return match[1] if match else ""


def _hoisted(pieces: Sequence[Piece]) -> tuple[list[Piece], list[str]]:
    """Return pieces without the imports at their top level, and these."""
    rest, imports = [], []
    for piece in pieces:
        source = piece.source
        while nodes := [n for n in ast.parse(source).body if _is_import(n)]:
            imports.append(ast.unparse(nodes[0]))
            source = without(source, nodes[0], 2)
        rest.append(Piece(piece.place, source))
    return rest, imports


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _draws(pieces: Iterable[Piece], written: Iterable[tuple[str, str]]) -> bool:
    return any(re.search(r"\bplots\.|\bfigure\(", p.source) for p in pieces) or any(
        module == "sidebyside.plots" for module, _ in written
    )


def _imports(imports: Iterable[str], lane: str) -> str:
    """Return the imports of a program, below what must be said before them."""
    lines = list(imports)
    if start := START[lane]:
        rest = [line for line in lines if line != "import os"]
        lines = ["import os", *_settings(start), *rest]
    return "\n".join(lines)


def _settings(start: dict[str, str]) -> Iterator[str]:
    for name, value in start.items():
        yield f"os.environ.setdefault({name!r}, {value!r})"


def _parts(
    notebook: Notebook, made: Cut, pieces: Sequence[Piece], where: Places
) -> list[Part]:
    """Return text and code in the order of the chapter."""
    sources = {p.place: p.source for p in pieces if p.source.strip()}
    code = [cell for cell in made.cells if cell.id in sources]
    texts = {cell.id for cell in prose.kept(notebook, code, made.lane)}
    parts = []
    for cell in notebook.cells:
        if cell.id in texts:
            parts.append(
                Part(cell.id, "markdown", markup.named(where.in_text(cell.source)))
            )
        elif cell.id in sources:
            silent = cell.source.rstrip().endswith(";")
            parts.append(Part(cell.id, "code", sources[cell.id], silent))
    if SHOW in sources:
        parts.append(Part(SHOW, "code", sources[SHOW]))
    return parts


def _polished(
    head: Sequence[Part], parts: Sequence[Part]
) -> tuple[list[Part], list[Part]]:
    """Return parts whose code is formatted, and whose imports are sorted and needed."""
    code = [part for part in (*head, *parts) if part.kind == "code"]
    text = "\n\n".join(f"{_MARK}{part.id}\n{part.source}" for part in code)
    pieces = re.split(rf"(?m)^{_MARK}(.*)$", _ruff(text))
    polished = {k: v.strip() for k, v in zip(pieces[1::2], pieces[2::2], strict=True)}

    def anew(given: Sequence[Part]) -> list[Part]:
        made = [
            Part(p.id, p.kind, polished.get(p.id, p.source), p.ends_silently)
            for p in given
        ]
        return [part for part in made if part.source]

    return anew(head), anew(parts)


def _ruff(text: str) -> str:
    """Return a program with sorted imports, all of them needed, and formatted.

    Raises:
        ValueError: If it reads a name that nothing binds, or is no Python.
    """
    rules = ("--select", "I,F401,F821", "--output-format", "concise")
    text = _run_ruff(text, "check", "--fix", "--quiet", *rules)
    return _run_ruff(text, "format")


def _run_ruff(text: str, *arguments: str) -> str:
    done = subprocess.run(
        [find_ruff_bin(), *arguments, *_OPTIONS, "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        names = re.findall("Undefined name `(.*?)`", done.stderr)
        received = f"{sorted(set(names))}" if names else done.stderr.strip()
        raise ValueError(f"expected names that a cell binds, received {received}")
    return done.stdout


def as_python(made: Program) -> str:
    """Return a program as a file of Python."""
    lines = [f"# {made.whence}", f"# {LICENCE}"]
    lines += [f"# Needs the book's helpers: pip {made.install}"] if made.install else []
    lines.append("")
    for part in (*made.head, *made.parts):
        if part.kind == "code":
            source = part.source if part.ends_silently else printing(part.source)
        else:
            source = prose.comment(part.source)
        lines += [source, ""] if source else []
    return _ruff("\n".join(lines))


def printing(source: str) -> str:
    """Return code that prints what a notebook would show as a cell's last value.

    The value of a call is not printed: most that end a cell draw or print themselves.
    """
    body = ast.parse(source).body
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or isinstance(last.value, ast.Call):
        return source
    lines = source.splitlines()
    value = "\n".join(lines[last.lineno - 1 :])
    return "\n".join([*lines[: last.lineno - 1], f"print({value})"])


def as_notebook(made: Program, kernel: NotebookNode) -> NotebookNode:
    """Return a program as a notebook without outputs.

    Args:
        made: The program.
        kernel: The kernel of the chapter.
    """
    notebook = v4.new_notebook(metadata={"kernelspec": kernel})
    about = v4.new_markdown_cell(f"*{made.whence}*\n\n*{LICENCE}*", id="whence")
    cells = [about]
    if made.install:
        cells.append(v4.new_code_cell(_SET_UP.format(made.install), id="lane-set-up"))
    for part in (*made.head, *made.parts):
        if part.kind == "code":
            source = f"{part.source};" if part.ends_silently else part.source
            cells.append(v4.new_code_cell(source, id=part.id))
        else:
            cells.append(v4.new_markdown_cell(part.source, id=part.id))
    notebook.cells = cells
    return notebook
