"""Lanes: three cells side by side that do the same, each in its own framework."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from sidebyside.vocabulary import imports
from sidebyside_book.authoring.rules.source import Problems, Rule, comments, dotted
from sidebyside_book.chapter import LANES, SUFFIXES, Cell, Notebook, blocks
from sidebyside_book.editions.names import names, tree
from sidebyside_book.editions.owners import owner

ORDER = list(LANES)
LINE_LENGTH = 88


def triples(notebook: Notebook) -> Problems:
    """Three neighbours in a fixed order, with ids, tags and first lines that agree."""
    for block in blocks(notebook.cells):
        lanes = [cell.lane for cell in block]
        if lanes == [None]:
            yield from _not_a_lane(block[0])
            continue
        if lanes != ORDER:
            wanted = f"neighbouring cells {', '.join(ORDER)} of {block[0].stem!r}"
            yield block[0].id, f"expected {wanted}, received {lanes}"
        for cell in block:
            yield from _lane_cell(cell)


def _not_a_lane(cell: Cell) -> Problems:
    for lane in LANES:
        if cell.id.endswith(f"-{lane}") and "seam" not in cell.tags:
            yield (
                cell.id,
                f"expected the tag 'lane-{lane}' or 'seam', received {list(cell.tags)}",
            )


def _lane_cell(cell: Cell) -> Problems:
    lane, count = cell.lane, sum(tag[:5] == "lane-" for tag in cell.tags)
    if count > 1:
        yield cell.id, f"expected one lane tag, received {list(cell.tags)}"
    if cell.stem == cell.id:
        yield cell.id, f"expected an id that ends in '-{lane}'"
    first, wanted = cell.source.split("\n")[0], f"# {LANES.get(lane)}"
    if first != wanted:
        yield cell.id, f"expected the first line {wanted!r}, received {first!r}"


def coverage(notebook: Notebook) -> Problems:
    """A section that has one lane has all three, and the chapter has such sections."""
    taught = False
    for section in notebook.sections:
        counts = Counter(cell.lane for cell in section.cells if cell.lane)
        if len({counts[lane] for lane in ORDER}) > 1:
            wanted = "expected all lanes equally often"
            yield section.title or "(top)", f"{wanted}, received {dict(counts)}"
        does = any(cell.lane and cell.stem != "imports" for cell in section.cells)
        taught |= does and section.title not in ("", "Exercises")
    if not taught:
        yield "(notebook)", "expected a section with lanes, received none"


def same_names(notebook: Notebook) -> Problems:
    """The cells of a triple hand on the same names, or say `# differs:`.

    Either the cells that have a name or those that lack it must say so. Names without
    a suffix are a cell's own business, and imports differ anyway.
    """
    for block in blocks(notebook.cells):
        is_triple = [cell.lane for cell in block] == ORDER
        if not is_triple or block[0].stem == "imports":
            continue
        has = {cell.id: set(_handed_on(cell)) for cell in block}
        says = {c.id for c in block if any(map(_differs, comments(c.source).values()))}
        for name in sorted(set.union(*has.values())):
            having = {cell for cell, handed_on in has.items() if name in handed_on}
            lacking = set(has) - having
            if lacking and not (having <= says or lacking <= says):
                wanted = f"the name '{name}_..' in all lanes, or '# differs:'"
                few = min(having, lacking, key=len)
                yield (
                    min(few),
                    f"expected {wanted}, received it in {sorted(having)} only",
                )


def _handed_on(cell: Cell) -> Iterator[str]:
    """Yield, without the suffix, the names that a lane cell leaves for other cells."""
    for name in names(cell).assigned:
        if _lane_of_name(name) == cell.lane:
            yield name[:-3]


def _lane_of_name(name: str) -> str | None:
    """Return the lane that a name's suffix says; constants have it in capitals."""
    lanes = (lane for lane, s in SUFFIXES.items() if name.lower().endswith(s))
    return next(lanes, None)


def _differs(comment: str) -> bool:
    return comment.startswith("differs:")


def own_framework(notebook: Notebook) -> Problems:
    """A lane uses its own framework, unless the cell is about the seam."""
    owners = _owners(notebook)
    for cell in notebook.cells:
        lane = cell.lane
        if not lane or "seam" in cell.tags:
            continue
        for name in sorted({*names(cell).read, *names(cell).imported}):
            if owners.get(name, lane) != lane:
                yield (
                    cell.id,
                    f"expected {lane} only, received {name!r}: {owners[name]}",
                )
        if lane == "tensorflow" and _uses_tf_keras(tree(cell)):
            yield cell.id, "expected TensorFlow core, received 'tf.keras'"


def _owners(notebook: Notebook) -> dict[str, str]:
    """Return what belongs to a framework, by the names under which it is imported."""
    owners = {}
    for cell in notebook.code:
        for name, module in imports(tree(cell)):
            if lane := owner(module):
                owners[name] = lane
    return owners


def _uses_tf_keras(module: ast.Module) -> bool:
    parts = (node for node in ast.walk(module) if isinstance(node, ast.Attribute))
    return any(re.fullmatch(r"(tf|tensorflow)(\..*)?\.keras", dotted(p)) for p in parts)


def one_meaning(notebook: Notebook) -> Problems:
    """An imported name stands for one thing in the whole chapter."""
    meant: dict[str, str] = {}
    for cell in notebook.code:
        for name, module in imports(tree(cell)):
            if meant.setdefault(name, module) != module:
                wanted = f"{name!r} to mean {meant[name]}, as above"
                yield cell.id, f"expected {wanted}, received {module}"


def own_variables(notebook: Notebook) -> Problems:
    """A lane touches no variable of another: the lanes meet in NumPy, outside."""
    for cell in notebook.cells:
        lane, used = cell.lane, names(cell) if cell.is_code else None
        if not lane or not used or "seam" in cell.tags:
            continue
        for name in sorted(used.read | used.assigned):
            if _lane_of_name(name) not in (None, lane):
                yield cell.id, f"expected no other lane's variable, received {name!r}"


def leftovers(notebook: Notebook) -> Problems:
    """What other cells read of a lane ends in its suffix: a kernel is one namespace.

    A lane may use plain names for what only the cell itself needs, as in
    `for X, y in batches_pt:`. But then `X` is the last PyTorch batch, for everyone.
    """
    left: dict[str, str] = {}
    for cell in notebook.code:
        used, lane = names(cell), cell.lane
        for name in sorted(used.read & set(left)):
            yield (
                cell.id,
                f"expected no plain name of {left[name]!r}, received {name!r}",
            )
        bound = used.assigned | used.left
        for name in {*bound, *used.imported}:
            left.pop(name, None)
        if lane:
            plain = {name for name in bound if _lane_of_name(name) is None}
            left |= dict.fromkeys(plain, cell.id)
            for function, reads in used.read_later.items():
                for name in sorted(reads & plain) if _lane_of_name(function) else []:
                    wanted = f"a suffix on what {function} reads when it is called"
                    yield cell.id, f"expected {wanted}, received {name!r}"


def lines(notebook: Notebook) -> Problems:
    """Lines fit into a column, and imports name what they import."""
    for cell in notebook.code:
        for line in cell.source.splitlines():
            if len(line) > LINE_LENGTH:
                wanted = f"at most {LINE_LENGTH} characters"
                yield (
                    cell.id,
                    f"expected {wanted}, received {len(line)}: {line[:40]!r}...",
                )
        if "*" in dict(imports(tree(cell))):
            yield cell.id, "expected imports by name, received 'import *'"


RULES: tuple[Rule, ...] = (
    triples,
    coverage,
    same_names,
    own_framework,
    one_meaning,
    own_variables,
    leftovers,
    lines,
)
