"""The helpers of `sidebyside` that a program uses, written into the program itself.

Only what is needed, and what that needs, in the order in which Python can define it.
`plots.figure` becomes `figure`; where a name is taken it becomes `plots_figure`.
"""

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sidebyside_book.editions.lanes import helpers, package
from sidebyside_book.editions.lanes.helpers import Piece
from sidebyside_book.editions.lanes.instead import NOT_ALONE, Written, instead
from sidebyside_book.editions.lanes.package import Import, Member, Module, Thing
from sidebyside_book.editions.lanes.source import first_line, locals_of, refs, replace


@dataclass
class Inlined:
    """A program with its helpers.

    Attributes:
        pieces: The program's own pieces, which name the helpers anew.
        helpers: Pairs: a module, and the source of what is taken from it.
        imports: Statements that the helpers need.
    """

    pieces: list[Piece]
    helpers: list[tuple[str, str]]
    imports: list[str]


@dataclass
class _Unit:
    """A definition of the package, or a piece of the program."""

    source: str
    tree: ast.Module
    means: Callable[[str], Thing | None]
    at_once: set[Member] = field(default_factory=set)


def inline(pieces: Sequence[Piece], known: dict[str, str]) -> Inlined:
    """Return a program that needs no `sidebyside`.

    Args:
        pieces: Its cells, without imports.
        known: Name -> full name of what it imports from `sidebyside`.

    Raises:
        ValueError: If a helper can't be written into a program.
    """
    things = {name: _thing(full) for name, full in known.items()}
    own = {p.place: _Unit(p.source, ast.parse(p.source), things.get) for p in pieces}
    others = instead("\n".join(piece.source for piece in pieces))
    units, imports = _closure(own.values(), others)
    taken = {name for piece in pieces for name in _identifiers(piece.source)}
    inside = {name for unit in units.values() for name in locals_of(unit.tree)}
    names = _name_all(units, taken - set(known) | inside | set(dir(builtins)))
    written = [
        (module, "\n\n\n".join(_renamed(units[m], names, m) for m in members))
        for module, members in groupby(_ordered(units), key=lambda m: m.module)
    ]
    anew = [Piece(place, _renamed(unit, names)) for place, unit in own.items()]
    return Inlined(anew, written, sorted(imports))


def _thing(full: str) -> Thing:
    module, _, name = full.rpartition(".")
    return package.member(module, name)


def _closure(
    own: Iterable[_Unit], others: Mapping[Member, Written]
) -> tuple[dict[Member, _Unit], set[str]]:
    """Return all definitions that are needed, and the imports of these."""
    units: dict[Member, _Unit] = {}
    imports: set[str] = set()
    waiting = [member for unit in own for member, _ in _needed(unit, set())]
    while waiting:
        member = waiting.pop()
        if member in units:
            continue
        unit, extra = _unit(member, others)
        units[member] = unit
        imports |= set(extra)
        for needed, later in _needed(unit, imports):
            waiting.append(needed)
            if not later:
                unit.at_once.add(needed)
    return units, imports


def _needed(unit: _Unit, imports: set[str]) -> Iterator[tuple[Member, bool]]:
    """Yield what a unit reads of the package; note what it imports from elsewhere."""
    for ref in refs(unit.tree):
        thing = _meant(unit, ref.name, ref.attribute)
        if isinstance(thing, Import):
            imports.add(thing.statement)
        elif isinstance(thing, Module):
            raise ValueError(
                f"expected a helper of {thing.name}, received the module itself"
            )
        elif thing is not None:
            yield thing, ref.later


def _meant(unit: _Unit, name: str, attribute: str) -> Thing | None:
    thing = unit.means(name)
    if isinstance(thing, Module) and attribute:
        return package.member(thing.name, attribute)
    return thing


def _unit(
    member: Member, others: Mapping[Member, Written]
) -> tuple[_Unit, tuple[str, ...]]:
    """Return the definition of a helper, and what else it imports."""
    if member in others:
        source, extra = others[member].source, others[member].imports
        known = package.globals_of(member.module) | {m.name: m for m in others}
        return _Unit(source, ast.parse(source), known.get), extra
    if member.module in NOT_ALONE:
        raise ValueError(
            f"expected helpers that need no files of the book, received "
            f"{member.module}.{member.name}"
        )
    text, means = package.text(member.module), package.globals_of(member.module)
    nodes = package.parsed(member.module).body
    node = next(node for node in nodes if member.name in package.defined_by(node))
    lines = text.splitlines()[first_line(node) - 1 : node.end_lineno]
    full = {name: _full(thing) for name, thing in means.items() if _full(thing)}
    source = helpers.stripped("\n".join(lines), full)
    return _Unit(source, ast.parse(source), means.get), ()


def _full(thing: Thing) -> str:
    if isinstance(thing, Member):
        return f"{thing.module}.{thing.name}"
    return thing.name if isinstance(thing, Module) else ""


def _identifiers(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        for kind in ("id", "name", "arg"):
            if isinstance(name := getattr(node, kind, None), str):
                yield name


def _name_all(units: dict[Member, _Unit], taken: set[str]) -> dict[Member, str]:
    """Return a name of its own for each helper."""
    names: dict[Member, str] = {}
    for member in sorted(units):
        name = member.name
        if name in taken:
            last = member.module.rsplit(".", 1)[-1].lstrip("_")
            name = f"{last}_{member.name.lstrip('_')}"
        if name in taken:
            raise ValueError(f"expected {name!r} to be free, received it twice")
        taken = taken | {name}
        names[member] = name
    return names


def _ordered(units: dict[Member, _Unit]) -> list[Member]:
    """Return definitions so that each stands below what it needs at once."""
    done: dict[Member, None] = {}

    def visit(member: Member) -> None:
        for needed in sorted(units[member].at_once - {member}, key=_place):
            if needed not in done:
                visit(needed)
        done[member] = None

    for member in sorted(units, key=_place):
        if member not in done:
            visit(member)
    one_each = {_place(member): member for member in reversed(done)}
    return [member for member in done if one_each[_place(member)] == member]


def _place(member: Member) -> tuple[str, int]:
    nodes = package.parsed(member.module).body
    lines = (n.lineno for n in nodes if member.name in package.defined_by(n))
    return member.module, next(lines)


def _renamed(
    unit: _Unit, names: dict[Member, str], member: Member | None = None
) -> str:
    """Return the source of a unit, which names the helpers by their new names."""
    changes = [
        (ref.node, _whole(unit, ref.node, names[thing]))
        for ref in refs(unit.tree)
        if isinstance(thing := _meant(unit, ref.name, ref.attribute), Member)
    ]
    source = replace(unit.source, changes)
    if member is None or names[member] == member.name:
        return source
    return _redefined(source, member.name, names[member])


def _whole(unit: _Unit, node: ast.expr, new: str) -> str:
    """Return the new text of a node: an attribute of a helper keeps its attribute."""
    if isinstance(node, ast.Attribute):
        thing = unit.means(node.value.id)
        return new if isinstance(thing, Module) else f"{new}.{node.attr}"
    return new


def _redefined(source: str, name: str, new: str) -> str:
    """Return a definition under another name."""
    node = ast.parse(source).body[0]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        lines = source.splitlines()
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line.replace(f" {name}", f" {new}", 1)
        return "\n".join(lines)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    nodes = [n for target in targets for n in ast.walk(target)]
    return replace(
        source, [(n, new) for n in nodes if isinstance(n, ast.Name) and n.id == name]
    )
