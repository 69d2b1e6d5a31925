"""Hygiene: how a notebook is stored, whatever it is about."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions, requires

import nbformat
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sidebyside import versions
from sidebyside_book.authoring.rules.source import Problems, Rule, calls, dotted
from sidebyside_book.chapter import LANES, Notebook
from sidebyside_book.editions.names import python, tree

HELPERS = {"sidebyside"}
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
CODE_TAGS = {
    "parameters",
    "parity",
    "self-check",
    "seam",
    *(f"lane-{x}" for x in LANES),
}
CODE_TAGS |= {"compare", "hide-input", "hide-cell", "remove-cell"}
TAGS = {"code": CODE_TAGS | {"solution"}, "markdown": {"solution"}}
CELL_KEYS = {"tags", "mystnb"}

ID = re.compile(r"[a-z][a-z0-9-]*")
MADE_UP = re.compile(r"(?=.*\d)[0-9a-f]{8}|.*--.*|.*-")
"""Ids that Jupyter draws by chance, and ids that a hyphen ends."""

ABSOLUTE = re.compile(
    r"(?<![\w./:-])/(home|Users|root|tmp|work|content|kaggle|mnt|opt|usr|var|etc)/"
    r"|\b[A-Z]:[\\/](?!/)|file://"
)
NEWLINES = "expected lines that end with a newline alone, received carriage returns"
CELL_MAGIC = re.compile(r"\s*(%%\w+)")
INSTALL = re.compile(r"(?m)^\s*[!%].*\b(pip|conda|mamba|uv|apt|apt-get)\b.*$")

FILE_NAME = re.compile(r"\S+\.(png|svg|jpe?g|gif|webp)", re.IGNORECASE)


def stored_form(text: str) -> list[str]:
    """Return what keeps a file's text from being the form that all chapters have.

    Sorted keys, an indent of one, sources line by line, a newline at the end: then a
    change of a line is a change of one line in Git.

    Args:
        text: The file's text with the ends of its lines as they are.
    """
    if "\r" in text:
        return [NEWLINES]
    notebook = nbformat.v4.reads(text)
    errors = [error.message for error in nbformat.validator.iter_validate(notebook)]
    if errors:
        return errors
    wanted = nbformat.v4.writes(notebook).rstrip("\n") + "\n"
    pairs = zip(text.splitlines(), wanted.splitlines(), strict=False)
    for number, (line, expected) in enumerate(pairs, 1):
        if line != expected:
            return [f"line {number}: expected {expected!r}, received {line!r}"]
    return [] if text == wanted else ["expected one newline at the end of the file"]


def metadata(notebook: Notebook) -> Problems:
    """The notebook's metadata is exactly the kernel, so that caches and diffs agree."""
    kept = {k: v for k, v in notebook.node.metadata.items() if k != "accelerator"}
    if kept != {"kernelspec": KERNELSPEC}:
        yield "(notebook)", f"expected kernelspec {KERNELSPEC} alone, received {kept}"
    version = (notebook.node.get("nbformat"), notebook.node.get("nbformat_minor"))
    if version != (4, 5):
        yield "(notebook)", f"expected nbformat (4, 5), received {version}"
    for cell in notebook.cells:
        if unknown := set(cell.node.metadata) - CELL_KEYS:
            yield cell.id, f"expected metadata {CELL_KEYS}, received {unknown}"


def shown(notebook: Notebook) -> Problems:
    """Cells are text or code, and images are files: the rest is on no page."""
    for cell in notebook.cells:
        if not cell.is_text and not cell.is_code:
            yield cell.id, f"expected text or code, received kind {cell.kind!r}"
        if attached := cell.node.get("attachments"):
            yield cell.id, f"expected images in files, received {list(attached)} within"


def newlines(notebook: Notebook) -> Problems:
    """The lines of a cell end as on Linux, whatever editor wrote them."""
    for cell in notebook.cells:
        if "\r" in cell.source:
            yield cell.id, NEWLINES


def nothing_ran(notebook: Notebook) -> Problems:
    """Stored without outputs and without execution counts."""
    for cell in notebook.code:
        if outputs := cell.node.get("outputs"):
            yield cell.id, f"expected no outputs, received {len(outputs)}"
        if (count := cell.node.get("execution_count")) is not None:
            yield cell.id, f"expected no count, received {count}"


def ids(notebook: Notebook) -> Problems:
    """Ids are words, and no two are the same: links and messages name cells by them."""
    for name, times in Counter(cell.id for cell in notebook.cells).items():
        if times > 1:
            yield name, f"expected ids that differ, received this one {times} times"
        if not ID.fullmatch(name) or MADE_UP.fullmatch(name):
            yield name, "expected an id of words, such as 'train-step-pytorch'"


def empty(notebook: Notebook) -> Problems:
    """No cell is empty."""
    for cell in notebook.cells:
        if not cell.source.strip():
            yield cell.id, "expected some text or code, received none"


def known_tags(notebook: Notebook) -> Problems:
    """Only tags that mean something to the book, and each one once."""
    for cell in notebook.cells:
        tags = list(cell.tags)
        if unknown := set(tags) - TAGS.get(cell.kind, set()):
            yield (
                cell.id,
                f"expected a known tag for {cell.kind}, received {unknown}",
            )
        if len(set(tags)) < len(tags):
            yield cell.id, f"expected each tag once, received {tags}"


def parses(notebook: Notebook) -> Problems:
    """Code is Python; what does not parse, no other rule can judge.

    Nor can it judge what a cell magic takes as text; `%%capture` hides records, too.
    """
    for cell in notebook.code:
        if magic := CELL_MAGIC.match(cell.source):
            yield cell.id, f"expected Python, received the cell magic {magic[1]!r}"
        try:
            ast.parse(python(cell.source))
        except SyntaxError as error:
            yield cell.id, f"expected Python, received line {error.lineno}: {error.msg}"


def relative_paths(notebook: Notebook) -> Problems:
    """No path that only one machine has."""
    for cell in notebook.cells:
        for match in ABSOLUTE.finditer(cell.source):
            yield cell.id, f"expected a relative path, received '{match[0]}...'"


def installs(notebook: Notebook) -> Problems:
    """Packages are installed by the setup cell alone."""
    for cell in notebook.cells:
        command = INSTALL.search(cell.source) if cell.is_code else None
        if command and cell.id != "setup":
            yield (
                cell.id,
                f"expected no installation here, received {command[0].strip()!r}",
            )


def needs(notebook: Notebook) -> Problems:
    """What a chapter imports, and the book's helpers don't bring, it asks for first."""
    wanted = _required(notebook)
    for cell in notebook.code:
        for name in _imported(tree(cell)) - sys.stdlib_module_names - HELPERS:
            owners = {
                canonicalize_name(package) for package in _owners().get(name, [name])
            }
            if not owners & (_brought() | wanted):
                message = f"expected versions.require({min(owners)!r}) in `imports`"
                yield cell.id, f"{message}, received an import of {name}"


def _required(notebook: Notebook) -> set[str]:
    """Return the distributions that the cell `imports` asks for, as pip knows them."""
    return {
        canonicalize_name(argument.value)
        for cell in notebook.cells
        if cell.id == "imports" and cell.is_code
        for call in ast.walk(tree(cell))
        if isinstance(call, ast.Call) and dotted(call.func) == "versions.require"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }


def _imported(module: ast.Module) -> set[str]:
    """Return what a cell imports whatever happens: not inside of `if` or `try`."""
    names: set[str] = set()
    for part in module.body:
        if isinstance(part, ast.Import):
            names |= {alias.name.split(".")[0] for alias in part.names}
        elif isinstance(part, ast.ImportFrom):
            names.add((part.module or "").split(".")[0])
    return names


@cache
def _owners() -> Mapping[str, list[str]]:
    return packages_distributions()


@cache
def _brought() -> frozenset[str]:
    """Return what the setup cell checks: the frameworks, and the package's needs."""
    needs = [Requirement(line) for line in requires("sidebyside") or []]
    own = [need.name for need in needs if need.marker is None]  # an extra has a marker
    return frozenset(map(canonicalize_name, [*own, *versions.OLDEST]))


def alt_text(notebook: Notebook) -> Problems:
    """A cell that draws says what one sees; the page's default is a file name."""
    helpers = {
        part.name
        for cell in notebook.code
        for part in tree(cell).body
        if isinstance(part, ast.FunctionDef) and any(map(_draws, calls(part)))
    }
    for cell in notebook.code:
        image = cell.node.metadata.get("mystnb", {}).get("image", {})
        alt = image.get("alt", "")
        called = list(_called_here(tree(cell)))
        if not image and not any(_draws(n) or n in helpers for n in called):
            continue
        if len(alt) < 20 or FILE_NAME.fullmatch(alt):
            yield (
                cell.id,
                f"expected alt text of 20 characters or more, received {alt!r}",
            )
        if image.get("classes") != "dark-light":
            classes = image.get("classes")
            yield cell.id, f"expected image classes 'dark-light', received {classes!r}"


def _called_here(module: ast.Module) -> Iterator[str]:
    """Yield what runs with the cell: bodies of functions and classes run later."""
    later = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for part in module.body:
        if not isinstance(part, later):
            yield from calls(part)


def _draws(name: str) -> bool:
    """Say whether a call makes a figure; whoever draws has made one, in that cell."""
    return (
        name == "plots.figure" or name.startswith("plt.") or name.endswith(".subplots")
    )


RULES: tuple[Rule, ...] = (
    metadata,
    shown,
    newlines,
    nothing_ran,
    ids,
    empty,
    known_tags,
    parses,
    relative_paths,
    installs,
    needs,
    alt_text,
)
